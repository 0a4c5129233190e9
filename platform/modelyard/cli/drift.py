"""`modelyard demo drift`: the world changes, a monitor sees it, a new model takes over, and a bad one is taken back.

Traffic is sent and two people's approvals are typed; all between them is done by what the model's own stack provisions.
"""

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from modelyard import project as projects
from modelyard.cli import deploy, drift_plots, drift_report, views
from modelyard.cli.demo import Story
from modelyard.errors import DeploymentError, UsageError
from modelyard.localcloud import daemon
from modelyard.models import gates

MODEL = "tumours"
_REGION = "us-east-1"
ENDPOINT = f"{MODEL}-dev-endpoint"
MONITOR = f"{MODEL}-dev-monitor-data-quality"
FACTOR = 1.6
_AS_GOOD = 0.97
_BATCH = 10
_SETTLE_SECONDS = 300.0
_MINUTE, _HOUR = 60, 3660
_ROLLOUT = 1800
_ENVIRONMENT = """\
region: "us-east-1"
platform: dev
protect: false
owner: "data-science"
service:
  instance_type: ml.m5.large
  initial_instance_count: 2
  serving:
    mode: realtime
  rollout:
    strategy: canary
  capture_percent: 100
  deploy_on_approval: true
  notify: false
  monitors:
    - kind: data_quality
      schedule_expression: "rate(1 hour)"
      label: benign
      retrain: true
"""
_SEASON = '''

_load = load


def season() -> float:
    """Return what the instrument multiplies each measurement by just now; the demo changes it."""
    import os

    import boto3

    if "SEASON" in os.environ:
        return float(os.environ["SEASON"])
    found = boto3.client("s3").get_object(Bucket="{bucket}", Key="{key}")
    return float(found["Body"].read())


def load() -> pd.DataFrame:  # the data set as the instrument measures it just now
    frame = _load()
    measured = [name for name in frame.columns if name != "benign"]
    return frame.assign(**{{name: frame[name] * season() for name in measured}})
'''
_ROWS = f"""
import json
from {MODEL}.data import load
from {MODEL}.sample import request
frame = load()
values = {{name: frame[name].tolist() for name in frame.columns if name != "benign"}}
print(json.dumps([request(list(range(len(frame))))["instances"], frame["benign"].tolist(), values]))
"""


@dataclass
class Loop:
    """What the demo works with, and what it has seen.

    Args:
        story: types commands.
        info: the local cloud.
        bucket: the artifact bucket.
        seen: what the report shows.
    """

    story: Story
    info: daemon.CloudInfo
    bucket: str
    seen: drift_report.Seen = field(default_factory=drift_report.Seen)
    _rows: dict[float, Any] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        """Return a client of the local cloud."""
        return deploy.target(self.story.home, _REGION, start=False).client(service, _REGION)

    def type(self, *words: str) -> None:
        """Type a command in the model's repository."""
        self.story.type("modelyard", *words, folder=self.story.home / "demo" / MODEL)

    def step(self, seconds: int) -> None:
        """Move the cloud's clock."""
        views.line(f"[bold cyan]$[/bold cyan] modelyard cloud clock --step {seconds}s")
        daemon.clock(self.info, step=seconds)

    def note(self, text: str) -> None:
        """Put something on the report's timeline."""
        self.seen.timeline.append((daemon.clock(self.info)["time"], text))
        views.line(f"  {views.escaped(text)}")

    def season(self, factor: float) -> None:
        """Let the instrument measure otherwise from now on."""
        self.client("s3").put_object(Bucket=self.bucket, Key=_key(), Body=str(factor).encode())

    def measured(self, factor: float) -> Any:
        """Return requests' rows, what they are, and each feature's values, as the instrument measures them."""
        if factor not in self._rows:
            done = subprocess.run(
                [sys.executable, "-c", _ROWS],
                cwd=self.story.home / "demo" / MODEL / "src",
                env={**os.environ, "SEASON": str(factor)},
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode != 0:
                said = (done.stderr.strip().splitlines() or ["nothing"])[-1]
                raise DeploymentError(f"the data can't be read: {said}", hint="pip install 'modelyard[model]'")
            self._rows[factor] = json.loads(done.stdout)
        return self._rows[factor]

    def ask(self, factor: float, title: str) -> dict[str, list[float]]:
        """Ask about all rows, and note how often the answer was right, wrong or none; returns what was measured."""
        rows, labels, values = self.measured(factor)
        right = wrong = failed = 0
        runtime = self.client("sagemaker-runtime")
        # Neighbours in the data are alike: every batch is taken from all of it.
        order = [place for start in range(_BATCH * 6) for place in range(start, len(rows), _BATCH * 6)]
        for start in range(0, len(order), _BATCH):
            chosen = order[start : start + _BATCH]
            body = json.dumps({"instances": [rows[place] for place in chosen]})
            try:
                answer = runtime.invoke_endpoint(EndpointName=ENDPOINT, Body=body, ContentType="application/json")
            except runtime.exceptions.ModelError:
                failed += len(chosen)
                continue
            given = json.loads(answer["Body"].read())["predictions"]
            good = sum(one == labels[place] for one, place in zip(given, chosen, strict=True))
            right, wrong = right + good, wrong + len(chosen) - good
        self.seen.phases.append(drift_plots.Phase(title, right, wrong, failed))
        self.note(f"{title}: {right} of {len(rows)} answers are right" + (f", {failed} failed" if failed else ""))
        return dict(values)


def tell() -> Path:
    """Tell the story of a loop that closes, and write its report.

    Returns:
        the report's file.

    Raises:
        UsageError: the user does not stand in the platform's repository.
        DeploymentError: what should happen did not.
    """
    project = projects.find()
    if project.kind != "platform":
        raise UsageError("the demo runs in the platform's repository", hint="cd to where README.md and stacks/ are")
    loop = _prepare(Story(project.root, projects.home()))
    _deploy_first(loop)
    _drift(loop)
    _take_over(loop)
    _take_back(loop)
    path = report(loop.story)
    path.write_text(drift_report.html(loop.seen), encoding="utf-8")
    views.line(f"the report is in [bold]{views.escaped(path)}[/bold]")
    return path


def report(story: Story) -> Path:
    """Return the report's file."""
    return story.home / "demo" / "drift.html"


def _prepare(story: Story) -> Loop:
    story.chapter("1. A platform, and a repository of a model that is watched")
    story.type("modelyard", "cloud", "start")
    story.type("modelyard", "up", "--env", "dev")
    repository = story.home / "demo" / MODEL
    if repository.exists():  # an earlier run's, which may have ended anywhere: what it learned would tell the end
        story.type("modelyard", "destroy", "--env", "dev", folder=repository)
        shutil.rmtree(repository)
    report(story).unlink(missing_ok=True)
    story.type("modelyard", "new", "sklearn", MODEL, "--no-input", "--output", str(repository.parent))
    info = daemon.status(story.home)
    if info is None:
        raise DeploymentError("the local cloud has stopped", hint="modelyard cloud logs")
    loop = Loop(story, info, _bucket(story))
    (repository / "infra/environments/dev.yaml").write_text(_ENVIRONMENT, encoding="utf-8")
    data = repository / f"src/{MODEL}/data.py"
    if "def season" not in data.read_text(encoding="utf-8"):
        with data.open("a", encoding="utf-8") as file:
            file.write(_SEASON.format(bucket=loop.bucket, key=_key()))
    return loop


def _deploy_first(loop: Loop) -> None:
    loop.story.chapter("2. The first model")
    loop.season(1.0)
    for words in (("up",), ("pipeline", "run"), ("model", "approve"), ("up",)):
        loop.type(*words)
    loop.note("the first model answers")
    loop.seen.values_before = loop.ask(1.0, "first model, as it was trained")
    loop.step(_HOUR)
    loop.seen.drift_before = _distances(loop)
    loop.note(f"the monitor has looked: its alarm is {_alarm(loop)}")


def _drift(loop: Loop) -> None:
    loop.story.chapter(f"3. The world changes: an instrument measures {FACTOR} times as much")
    before = _versions(loop)
    loop.season(FACTOR)
    loop.seen.values_after = loop.ask(FACTOR, "first model, after the change")
    loop.step(_HOUR)
    loop.seen.drift_after = _distances(loop)
    loop.note(f"the monitor has looked: its alarm is {_alarm(loop)}")
    after = _await(lambda: _versions(loop), lambda found: found > before, "the alarm's rule has trained no new model")
    loop.note(f"the alarm's rule has run the training pipeline: version {after} waits for an approval")
    measured = _evaluation(loop)
    loop.seen.metrics_after = gates.metrics(measured)
    loop.seen.metrics_before = gates.metrics(measured.get("champion") or {})


def _take_over(loop: Loop) -> None:
    loop.story.chapter("4. The new model beats the old one on the new data, and takes over step by step")
    before = _config(loop)
    loop.type("model", "approve")
    _await(lambda: _baking(loop), bool, "the approval has moved nothing")
    loop.note("the approval has begun a canary rollout")
    loop.ask(FACTOR, "both models, during the canary")
    loop.step(_ROLLOUT)
    _await(lambda: _config(loop), lambda found: found != before, "the new model has not taken over")
    loop.note("the new model has taken over")
    loop.ask(FACTOR, "new model, after the change")
    first, last = loop.seen.phases[0], loop.seen.phases[-1]
    if last.right < first.right * _AS_GOOD:
        raise DeploymentError("the new model is no better on the new data", hint="modelyard model list")


def _take_back(loop: Loop) -> None:
    loop.story.chapter("5. A bad candidate is released, and rolled back by an alarm")
    version, before = _register_bad(loop), _config(loop)
    loop.type("model", "approve", str(version), "--force", "--note", "the demo's bad release")
    _await(lambda: _baking(loop), bool, "the approval has moved nothing")
    loop.note(f"version {version} is released, and fails whenever it is asked")
    loop.ask(FACTOR, "bad release, as a canary")
    if not loop.seen.phases[-1].failed:
        raise DeploymentError("the bad release has answered nobody", hint="modelyard cloud logs")
    loop.step(_MINUTE)
    _await(lambda: _status(loop), lambda found: found == "InService", "the alarm has not ended the rollout")
    described = loop.client("sagemaker").describe_endpoint(EndpointName=ENDPOINT)
    if _config(loop) != before:
        raise DeploymentError("the bad model has taken over", hint="modelyard cloud logs")
    loop.note(f"rolled back: {described.get('FailureReason', '')}")
    loop.type("model", "reject", str(version), "--note", "rolled back by its alarm")
    loop.ask(FACTOR, "new model, after the rollback")


def _key() -> str:
    return f"{MODEL}/demo/season.txt"


def _bucket(story: Story) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "modelyard", "outputs", "--env", "dev", "--json"],
        cwd=story.root,
        env={**os.environ, projects.HOME_VARIABLE: str(story.home)},
        capture_output=True,
        text=True,
        check=True,
    )
    return str(json.loads(done.stdout)["foundation"]["artifact_bucket"])


def _versions(loop: Loop) -> int:
    pages = loop.client("sagemaker").get_paginator("list_model_packages")
    found = [
        item["ModelPackageVersion"]
        for page in pages.paginate(ModelPackageGroupName=f"{MODEL}-dev-models")
        for item in page["ModelPackageSummaryList"]
    ]
    return max(found, default=0)


def _newest(loop: Loop) -> dict[str, Any]:
    sagemaker = loop.client("sagemaker")
    newest = sagemaker.list_model_packages(
        ModelPackageGroupName=f"{MODEL}-dev-models", SortBy="CreationTime", SortOrder="Descending", MaxResults=1
    )["ModelPackageSummaryList"][0]
    described: dict[str, Any] = sagemaker.describe_model_package(ModelPackageName=newest["ModelPackageArn"])
    return described


def _evaluation(loop: Loop) -> gates.Evaluation:
    """Return what the pipeline measured of the newest version, and of the model that it is to follow."""
    uri = _newest(loop)["ModelMetrics"]["ModelQuality"]["Statistics"]["S3Uri"]
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    read: gates.Evaluation = json.loads(loop.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())
    return read


def _register_bad(loop: Loop) -> int:
    """Register the newest model once more, with code that fails."""
    sagemaker, s3 = loop.client("sagemaker"), loop.client("s3")
    known = _newest(loop)
    specification = known["InferenceSpecification"]
    container = specification["Containers"][0]
    bucket, _, key = container["ModelDataUrl"].removeprefix("s3://").partition("/")
    content = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    target = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(content)) as old, tarfile.open(fileobj=target, mode="w:gz") as new:
        for member in old:
            file = old.extractfile(member)
            data = file.read() if file else b""
            if member.name.endswith("code/inference.py"):
                data += b"\n\ndef predict_fn(features, model):\n    raise RuntimeError('a bad release')\n"
                member.size = len(data)
            new.addfile(member, io.BytesIO(data) if member.isfile() else None)
    bad = f"{MODEL}/demo/bad/model.tar.gz"
    s3.put_object(Bucket=loop.bucket, Key=bad, Body=target.getvalue())
    container["ModelDataUrl"] = f"s3://{loop.bucket}/{bad}"
    container.pop("ModelDataETag", None)
    kept = ("ModelMetrics", "CustomerMetadataProperties")
    made = sagemaker.create_model_package(
        ModelPackageGroupName=known["ModelPackageGroupName"],
        InferenceSpecification=specification,
        ModelApprovalStatus="PendingManualApproval",
        **{field: known[field] for field in kept if known.get(field)},
    )
    return int(made["ModelPackageArn"].rpartition("/")[2])


def _distances(loop: Loop) -> dict[str, float]:
    """Return how far each feature was from its baseline when the monitor looked last."""
    s3 = loop.client("s3")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=loop.bucket)
    found = [item for page in pages for item in page.get("Contents", []) if "/monitors/" in item["Key"]]
    reports = [item for item in found if item["Key"].endswith("/metrics.json")]
    if not reports:
        raise DeploymentError("the monitor has written no report", hint="modelyard pipeline status")
    newest = max(reports, key=lambda item: item["LastModified"])
    read: dict[str, float] = json.loads(s3.get_object(Bucket=loop.bucket, Key=newest["Key"])["Body"].read())
    word = "feature_baseline_drift_"
    return {name.removeprefix(word): value for name, value in read.items() if name.startswith(word)}


def _alarm(loop: Loop) -> str:
    alarms = loop.client("cloudwatch").describe_alarms(AlarmNames=[MONITOR])["MetricAlarms"]
    return str(alarms[0]["StateValue"]) if alarms else "not there"


def _status(loop: Loop) -> str:
    return str(loop.client("sagemaker").describe_endpoint(EndpointName=ENDPOINT)["EndpointStatus"])


def _baking(loop: Loop) -> bool:
    """Tell whether a canary gets its share by now."""
    described = loop.client("sagemaker").describe_endpoint(EndpointName=ENDPOINT)
    variants = described.get("PendingDeploymentSummary", {}).get("ProductionVariants", [])
    return any(status["Status"] == "Baking" for variant in variants for status in variant.get("VariantStatus", []))


def _config(loop: Loop) -> str:
    return str(loop.client("sagemaker").describe_endpoint(EndpointName=ENDPOINT)["EndpointConfigName"])


def _await(read: Any, done: Any, otherwise: str) -> Any:
    deadline = time.monotonic() + _SETTLE_SECONDS
    while not done(value := read()):
        if time.monotonic() > deadline:
            raise DeploymentError(otherwise, hint="modelyard cloud logs; modelyard pipeline status")
        time.sleep(0.5)
    return value

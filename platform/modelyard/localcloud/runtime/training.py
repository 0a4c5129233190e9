"""Training jobs, really run: channels in, the user's program or a container's command, model and output out."""

import json
import re
import shutil
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from modelyard.localcloud.runtime import objects, training_inputs
from modelyard.localcloud.runtime.checkpoints import Checkpoints
from modelyard.localcloud.runtime.container import Container
from modelyard.localcloud.runtime.host import Host
from modelyard.localcloud.runtime.jobs import FAILURE_LIMIT, JobError, JobKind, Jobs, Run
from modelyard.localcloud.runtime.logs import now, put_metrics
from modelyard.localcloud.runtime.process import End
from modelyard.localcloud.runtime.training_hosts import LOG_GROUP, Ending, Hosts

KIND = JobKind("TrainingJob", "SageMaker Training Job State Change")
INTERRUPTION_TAG = "modelyard:spot-interruption-seconds"
SPOT_SHARE = 0.3  # of the time that a spot job takes, this much is paid for: about AWS's usual saving
_MESSAGES = {
    "Starting": "Preparing the instances for training",
    "Downloading": "Downloading input data",
    "Interrupted": "Training job interrupted: the spot instances were taken away",
    "Training": "Training image download completed. Training in progress.",
    "Uploading": "Uploading generated training model",
    "Completed": "Training job completed",
    "Failed": "Training job failed",
    "Stopped": "Training job stopped",
    "MaxRuntimeExceeded": "Training job runtime exceeded MaxRuntimeInSeconds provided",
}


@dataclass
class Output:
    """What a training program writes, as far as anybody asks for it.

    Args:
        definitions: metrics by name, each with the expression that finds it.
        tell: called with each metric as it is found.
        found: the metrics found, in order.
        tail: the last lines.
    """

    definitions: list[tuple[str, re.Pattern[str]]]
    tell: Callable[[str, float], None]
    found: list[tuple[str, float, datetime]] = field(default_factory=list)
    tail: deque[str] = field(default_factory=lambda: deque(maxlen=20))

    def read(self, line: str) -> None:
        """Look for metrics in one line."""
        self.tail.append(line)
        for name, pattern in self.definitions:
            for match in pattern.finditer(line):
                try:
                    value = float(match.group(1) if pattern.groups else match.group())
                except (ValueError, TypeError):
                    continue
                self.found.append((name, value, now()))
                self.tell(name, value)


def training_jobs(host: Host) -> Jobs:
    """Return the runner of training jobs."""
    return Jobs(host, KIND, _work, _failed, _resumes)


def _resumes(job: dict[str, Any]) -> bool:
    """Tell whether a job goes on after the cloud was killed: one that is made for interruptions does."""
    return bool(job.get("EnableManagedSpotTraining") and job.get("CheckpointConfig"))


def _failed(job: dict[str, Any]) -> dict[str, Any]:
    """Return what a failure sets: the last transition ends, and the failure is one of its own."""
    moment = now()
    transitions = secondary(job.get("SecondaryStatusTransitions", []), "Failed", moment)
    ended = [{"EndTime": moment, **transition} for transition in transitions]
    return {"SecondaryStatus": "Failed", "SecondaryStatusTransitions": ended, "TrainingEndTime": moment}


def secondary(transitions: list[dict[str, Any]], status: str, moment: datetime) -> list[dict[str, Any]]:
    """Return the transitions with one more; the one before it ends then."""
    before = [{"EndTime": moment, **transition} for transition in transitions]
    return [*before, {"Status": status, "StartTime": moment, "StatusMessage": _MESSAGES.get(status, status)}]


def _enter(run: Run, status: str, **changes: Any) -> None:
    collection = run.host.collection(run.region, KIND.name)
    moment = now()

    def change(job: dict[str, Any]) -> dict[str, Any]:
        transitions = secondary(job.get("SecondaryStatusTransitions", []), status, moment)
        fields = {"SecondaryStatus": status, "SecondaryStatusTransitions": transitions, "LastModifiedTime": moment}
        return {**job, **fields, **changes}

    collection.change(run.name, change)
    run.announce()


def _work(run: Run) -> None:
    run.announce()
    output = Output(_definitions(run.job), lambda name, value: run.host.metrics.add(run.arn, name, value))
    started, interruptions = time.monotonic(), _interruptions(run)
    run.update(TrainingStartTime=now())
    try:
        while not _attempt(run, output, run.timeout_seconds - (time.monotonic() - started), interruptions):
            _enter(run, "Interrupted")
            _enter(run, "Starting")
    finally:
        run.host.metrics.forget(run.arn)


def _interruptions(run: Run) -> list[float]:
    """Return after how many seconds of each attempt the spot instances are taken away."""
    text = run.host.store.tags(run.arn).get(INTERRUPTION_TAG, "")
    try:
        return [float(word) for word in text.split()] if run.job.get("EnableManagedSpotTraining") else []
    except ValueError as error:
        raise JobError(f"ClientError: the tag {INTERRUPTION_TAG} is no list of seconds: {text}") from error


def _attempt(run: Run, output: Output, seconds: float, interruptions: list[float]) -> bool:
    """Run the job on fresh instances; false if they were taken away."""
    root = run.container().root
    _enter(run, "Downloading")
    hosts = training_inputs.prepare(run, root)
    containers = [host.container for host in hosts]
    s3 = run.host.client("s3", run.region)
    with Checkpoints(s3, run.job.get("CheckpointConfig"), containers):
        _enter(run, "Training")
        ending = Hosts(run, hosts, output.read).execute(seconds, interruptions.pop(0) if interruptions else None)
    if ending.interrupted and not run.stopping.is_set():
        return False
    metrics = _publish_metrics(run, output)
    _conclude(run, ending, containers, output, metrics)
    return True


def _definitions(job: dict[str, Any]) -> list[tuple[str, re.Pattern[str]]]:
    try:
        return [
            (item["Name"], re.compile(item["Regex"]))
            for item in job["AlgorithmSpecification"].get("MetricDefinitions", [])
        ]
    except re.error as error:
        raise JobError(
            f"ClientError: MetricDefinitions: {error.pattern!r} is no regular expression: {error}"
        ) from error


def _publish_metrics(run: Run, output: Output) -> list[dict[str, Any]]:
    """Send every metric found to CloudWatch and return the last of each name."""
    data = [
        {
            "MetricName": name,
            "Value": value,
            "Timestamp": moment,
            "Dimensions": [{"Name": "TrainingJobName", "Value": run.name}],
        }
        for name, value, moment in output.found
    ]
    put_metrics(run.host.client("cloudwatch", run.region), LOG_GROUP, data)
    last = {item["MetricName"]: item for item in data}
    return [{key: item[key] for key in ("MetricName", "Value", "Timestamp")} for item in last.values()]


def _conclude(
    run: Run, ending: Ending, containers: list[Container], output: Output, metrics: list[dict[str, Any]]
) -> None:
    ended = now()
    seconds = max(1, round((ended - run.job["CreationTime"]).total_seconds()))
    billable = max(1, round(seconds * SPOT_SHARE)) if run.job.get("EnableManagedSpotTraining") else seconds
    times = {"TrainingEndTime": ended, "TrainingTimeInSeconds": seconds, "BillableTimeInSeconds": billable}
    run.update(FinalMetricDataList=metrics, **times)
    outcome = ending.outcome
    if outcome.end is End.EXITED and outcome.exit_code:
        raise JobError(_failure(ending.host.container, outcome.exit_code, output))
    _enter(run, "Uploading")
    run.update(ModelArtifacts={"S3ModelArtifacts": _upload(run, containers)})
    last, status = {
        End.EXITED: ("Completed", "Completed"),
        End.STOPPED: ("Stopped", "Stopped"),
        End.TIMED_OUT: ("MaxRuntimeExceeded", "Stopped"),
    }[outcome.end]
    _enter(run, last, TrainingJobStatus=status)


def _upload(run: Run, containers: list[Container]) -> str:
    """Upload the model of all hosts, and their output if there is any.

    Returns:
        the model's address.
    """
    s3, settings = run.host.client("s3", run.region), run.job["OutputDataConfig"]
    base = f"{settings['S3OutputPath'].rstrip('/')}/{run.name}/output"
    plain = settings.get("CompressionType") == "NONE"
    for name, inside in (("model", "/opt/ml/model"), ("output", "/opt/ml/output/data")):
        folder = _merged(containers, inside)
        if plain:
            objects.upload_folder(s3, folder, f"{base}/{name}")
        elif name == "model" or any(folder.iterdir()):
            archive = containers[0].root / f"{name}.tar.gz"
            objects.pack(folder, archive)
            objects.upload_file(s3, archive, f"{base}/{name}.tar.gz")
    return f"{base}/model/" if plain else f"{base}/model.tar.gz"


def _merged(containers: list[Container], inside: str) -> Path:
    """Return the first host's folder with what only the others have; the first wins, as the leader's model does."""
    folder = containers[0].path(inside)
    for container in containers[1:]:
        other = container.path(inside)
        for path in sorted(other.rglob("*")):
            target = folder / path.relative_to(other)
            if path.is_file() and not path.is_symlink() and not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
    return folder


def _failure(container: Container, exit_code: int, output: Output) -> str:
    """Return FailureReason: the failure file's first 1024 characters, else what the program wrote last."""
    file: Path = container.path("/opt/ml/output/failure")
    ending = f", exit code: {exit_code}"
    said = file.read_text(errors="replace") if file.is_file() else ""
    if not said.strip():
        last = "\n".join(output.tail)
        said = f"ExecuteUserScriptError:\nExitCode {exit_code}\nErrorMessage {json.dumps(last[-600:])}"
    room = FAILURE_LIMIT - len("AlgorithmError: ") - len(ending)
    return f"AlgorithmError: {said[:room]}{ending}"

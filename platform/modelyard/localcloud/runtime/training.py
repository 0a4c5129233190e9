"""Training jobs, really run: channels in, the user's program or a container's command, model and output out."""

import json
import re
import stat
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from modelyard.localcloud.runtime import objects, toolkit
from modelyard.localcloud.runtime.container import Container
from modelyard.localcloud.runtime.host import Host
from modelyard.localcloud.runtime.jobs import FAILURE_LIMIT, JobError, JobKind, Jobs, Run
from modelyard.localcloud.runtime.logs import LogStream, now, put_metrics
from modelyard.localcloud.runtime.process import End, Outcome, Process, clean_environment

KIND = JobKind("TrainingJob", "SageMaker Training Job State Change")
LOG_GROUP = "/aws/sagemaker/TrainingJobs"
_MESSAGES = {
    "Starting": "Preparing the instances for training",
    "Downloading": "Downloading input data",
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
    return Jobs(host, KIND, _work, _failed)


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
    container = run.container()
    _enter(run, "Downloading", TrainingStartTime=now())
    program = _prepare(run, container)
    _enter(run, "Training")
    output = Output(_definitions(run.job), lambda name, value: run.host.metrics.add(run.arn, name, value))
    try:
        outcome = _execute(run, container, program, output)
        metrics = _publish_metrics(run, output)
        _conclude(run, container, outcome, output, metrics)
    finally:
        run.host.metrics.forget(run.arn)


def _prepare(run: Run, container: Container) -> toolkit.Program:
    for inside in ("model", "output/data", "output/intermediate", "code", "checkpoints", "input/config", "input/data"):
        container.folder(f"/opt/ml/{inside}")
    toolkit.write_configuration(run.job, container)
    s3 = run.host.client("s3", run.region)
    for channel in run.job.get("InputDataConfig", []):
        _download_channel(s3, run.job, channel, container)
    specification = run.job["AlgorithmSpecification"]
    if specification.get("ContainerEntrypoint"):
        return _container_command(run, container)
    values = toolkit.decode(run.job.get("HyperParameters", {}))
    if "sagemaker_program" not in values:
        raise JobError(
            "ClientError: the job has neither a sagemaker_program nor a ContainerEntrypoint; the local cloud runs "
            f"code, not the image {specification.get('TrainingImage') or specification.get('AlgorithmName', '')}"
        )
    _fetch_code(s3, str(values.get("sagemaker_submit_directory", "")), str(values["sagemaker_program"]), container)
    return toolkit.script_mode(run.job, container)


def _download_channel(s3: Any, job: dict[str, Any], channel: dict[str, Any], container: Container) -> None:
    name = channel["ChannelName"]
    mode = channel.get("InputMode") or job["AlgorithmSpecification"].get("TrainingInputMode", "File")
    source = channel["DataSource"].get("S3DataSource", {})
    if mode == "Pipe" or source.get("S3DataType") != "S3Prefix" or channel.get("CompressionType", "None") != "None":
        raise JobError(
            f"ClientError: the channel {name} needs what the local cloud has not: it reads S3Prefix, "
            "uncompressed, in File or FastFile mode"
        )
    objects.download_prefix(s3, source["S3Uri"], container.folder(f"/opt/ml/input/data/{name}"))


def _fetch_code(s3: Any, uri: str, program: str, container: Container) -> None:
    code = container.path("/opt/ml/code")
    if uri.startswith("s3://"):
        archive = container.root / "sourcedir.tar.gz"
        objects.download_file(s3, uri, archive)
        objects.unpack(archive, code)
    script = code / program
    if not script.is_file() or not script.resolve().is_relative_to(code.resolve()):
        raise JobError(f"ClientError: {uri or 'sagemaker_submit_directory'} holds no program {program}")
    if not program.endswith(".py"):
        script.chmod(script.stat().st_mode | stat.S_IXUSR)


def _container_command(run: Run, container: Container) -> toolkit.Program:
    """Return a container's own command; SDK v3's drivers have `/opt/ml` written into them."""
    drivers = container.path("/opt/ml/input/data/sm_drivers")
    for path in drivers.rglob("*") if drivers.is_dir() else []:
        if path.suffix in {".sh", ".py", ".json"}:
            path.write_text(container.rewrite(path.read_text()))
    specification = run.job["AlgorithmSpecification"]
    words = [*specification["ContainerEntrypoint"], *specification.get("ContainerArguments", [])]
    return toolkit.Program([container.rewrite(word) for word in words], toolkit.variables(run.job, container))


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


def _execute(run: Run, container: Container, program: toolkit.Program, output: Output) -> Outcome:
    environment = clean_environment(run.host.clients.endpoint_url, run.region, container.root)
    environment |= program.environment | container.rewrite_all(run.job.get("Environment", {}))
    logs = LogStream(run.host.client("logs", run.region), LOG_GROUP, f"{run.name}/algo-1-{int(time.time())}")

    def on_line(line: str) -> None:
        logs.write(line)
        output.read(line)

    try:
        process = Process(program.command, container.path("/opt/ml/code"), environment, on_line)
        return process.run(run.stopping, run.timeout_seconds)
    finally:
        logs.close()


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


def _conclude(run: Run, container: Container, outcome: Outcome, output: Output, metrics: list[dict[str, Any]]) -> None:
    ended = now()
    seconds = max(1, round((ended - run.job["CreationTime"]).total_seconds()))
    times = {"TrainingEndTime": ended, "TrainingTimeInSeconds": seconds, "BillableTimeInSeconds": seconds}
    run.update(FinalMetricDataList=metrics, **times)
    if outcome.end is End.EXITED and outcome.exit_code:
        raise JobError(_failure(container, outcome.exit_code, output))
    _enter(run, "Uploading")
    run.update(ModelArtifacts={"S3ModelArtifacts": _upload(run, container)})
    last, status = {
        End.EXITED: ("Completed", "Completed"),
        End.STOPPED: ("Stopped", "Stopped"),
        End.TIMED_OUT: ("MaxRuntimeExceeded", "Stopped"),
    }[outcome.end]
    _enter(run, last, TrainingJobStatus=status)


def _upload(run: Run, container: Container) -> str:
    """Upload `model.tar.gz`, and `output.tar.gz` if anything is in it.

    Returns:
        the model's address.
    """
    s3 = run.host.client("s3", run.region)
    base = f"{run.job['OutputDataConfig']['S3OutputPath'].rstrip('/')}/{run.name}/output"
    for name, inside in (("model", "/opt/ml/model"), ("output", "/opt/ml/output/data")):
        folder = container.path(inside)
        if name == "model" or any(folder.iterdir()):
            archive = container.root / f"{name}.tar.gz"
            objects.pack(folder, archive)
            objects.upload_file(s3, archive, f"{base}/{name}.tar.gz")
    return f"{base}/model.tar.gz"


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

"""Processing jobs, really run: the folder is the container, the exit code decides.

The contract is AWS's developer guide, "How Amazon SageMaker AI Processing runs your container".
"""

import sys
import time
from pathlib import Path
from typing import Any

from modelyard.localcloud.runtime import instance_memory, objects
from modelyard.localcloud.runtime.container import Container
from modelyard.localcloud.runtime.host import Host
from modelyard.localcloud.runtime.jobs import JobError, JobKind, Jobs, Run
from modelyard.localcloud.runtime.logs import LogStream, now
from modelyard.localcloud.runtime.overlay import overlay
from modelyard.localcloud.runtime.process import End, Outcome, Process, can_show_opt_ml, clean_environment

KIND = JobKind("ProcessingJob", "SageMaker Processing Job State Change")
LOG_GROUP = "/aws/sagemaker/ProcessingJobs"


def processing_jobs(host: Host) -> Jobs:
    """Return the runner of processing jobs."""
    return Jobs(host, KIND, _work, lambda _job: {"ProcessingEndTime": now()})


def resource_config(job: dict[str, Any]) -> dict[str, Any]:
    """Return the content of `resourceconfig.json` of a processing job."""
    instance = job.get("ProcessingResources", {}).get("ClusterConfig", {}).get("InstanceType", "ml.m5.large")
    return {
        "current_host": "algo-1",
        "current_instance_type": instance,
        "current_group_name": "homogeneousCluster",
        "hosts": ["algo-1"],
        "instance_groups": [
            {"instance_group_name": "homogeneousCluster", "instance_type": instance, "hosts": ["algo-1"]}
        ],
        "network_interface_name": "eth0",
    }


def _work(run: Run) -> None:
    job = run.job
    specification = job["AppSpecification"]
    command = [*specification.get("ContainerEntrypoint", []), *specification.get("ContainerArguments", [])]
    if not specification.get("ContainerEntrypoint"):
        raise JobError(
            "ClientError: the job has no ContainerEntrypoint; the local cloud runs commands, "
            f"not the image {specification.get('ImageUri', '')}"
        )
    container = run.container()
    run.update(ProcessingStartTime=now())
    run.announce()
    _prepare(run, container, command)
    outcome = _execute(run, container, [container.rewrite(word) for word in command])
    _conclude(run, container, outcome)


def _prepare(run: Run, container: Container, command: list[str]) -> None:
    job = run.job
    described = {key: value for key, value in job.items() if key not in {"Tags", "ProcessingJobStatus"}}
    container.write_json("/opt/ml/config/processingjobconfig.json", described)
    container.write_json("/opt/ml/config/resourceconfig.json", resource_config(job))
    s3 = run.host.client("s3", run.region)
    for source in job.get("ProcessingInputs", []):
        if "S3Input" not in source:
            raise JobError(f"ClientError: the input {source.get('InputName')} is of a kind the local cloud has not")
        objects.download_prefix(s3, source["S3Input"]["S3Uri"], _folder(container, source["S3Input"]["LocalPath"]))
        if not can_show_opt_ml() and any(word.startswith(source["S3Input"]["LocalPath"]) for word in command):
            container.rewrite_code(source["S3Input"]["LocalPath"])
    for output in job.get("ProcessingOutputConfig", {}).get("Outputs", []):
        if "S3Output" in output:
            _folder(container, output["S3Output"]["LocalPath"])


def _folder(container: Container, inside: str) -> Path:
    try:
        return container.folder(inside)
    except ValueError as error:
        raise JobError(f"ClientError: {error}") from error


def _execute(run: Run, container: Container, command: list[str]) -> Outcome:
    python = overlay(Path(sys.executable), container.root / "python")
    environment = clean_environment(run.host.clients.endpoint_url, run.region, container.root, python)
    environment.update(
        {"PROCESSING_JOB_ARN": run.arn, "PROCESSING_JOB_NAME": run.name}
        | container.rewrite_all(run.job.get("Environment", {}))
    )
    logs = LogStream(run.host.client("logs", run.region), LOG_GROUP, f"{run.name}/algo-1-{int(time.time())}")
    try:
        memory = instance_memory.bound(resource_config(run.job)["current_instance_type"])
        process = Process(command, container.root, environment, logs.write, memory_bytes=memory, opt_ml=container.ml)
        return process.run(run.stopping, run.timeout_seconds)
    finally:
        logs.close()


def _conclude(run: Run, container: Container, outcome: Outcome) -> None:
    message = container.path("/opt/ml/output/message")
    fields: dict[str, Any] = {"ProcessingEndTime": now()}
    if message.is_file():
        fields["ExitMessage"] = message.read_text(errors="replace")[:1024]
    if outcome.end is not End.EXITED:
        run.finish("Stopped", **fields)
        return
    if outcome.exit_code:
        said = (
            f"{fields.get('ExitMessage', '')}, " if "ExitMessage" in fields else "See job logs for more information, "
        )
        run.finish("Failed", f"AlgorithmError: {said}exit code: {outcome.exit_code}", **fields)
        return
    s3 = run.host.client("s3", run.region)
    for output in run.job.get("ProcessingOutputConfig", {}).get("Outputs", []):
        if "S3Output" in output:
            target = output["S3Output"]
            objects.upload_folder(s3, _folder(container, target["LocalPath"]), target["S3Uri"])
    run.finish("Completed", **fields)

"""What each type of step does: most make a SageMaker resource and wait for it."""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from modelyard.localcloud.runtime.host import Host
from modelyard.localcloud.runtime.jobs import UNFINISHED
from modelyard.localcloud.runtime.pipelines.conditions import holds

JOB_NAME_LIMIT = 63
_RANDOM_LENGTH = 10
_ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


class StepError(Exception):
    """A step failed; the message is its FailureReason.

    Args:
        reason: why.
        metadata: what the step is to show all the same, such as the job's ARN.
    """

    def __init__(self, reason: str, metadata: dict[str, Any] | None = None) -> None:
        super().__init__(reason)
        self.metadata = metadata or {}


class StepStopped(Exception):  # noqa: N818  # not an error
    """A step ended because the execution is stopped."""


@dataclass(frozen=True)
class Result:
    """What a step leaves.

    Args:
        metadata: as ListPipelineExecutionSteps shows it.
        properties: what later steps can refer to.
        outcome: of a condition.
    """

    metadata: dict[str, Any]
    properties: dict[str, Any] = field(default_factory=dict)
    outcome: bool | None = None


@dataclass(frozen=True)
class Call:
    """One step, about to run.

    Args:
        host: the local cloud.
        region: the pipeline's.
        execution_id: the last part of the execution's ARN.
        step_name: the step's name.
        arguments: with every reference replaced.
        tags: the pipeline's own, which jobs inherit.
        stopping: set when the execution is stopped.
        started: called with the metadata as soon as it is known.
    """

    host: Host
    region: str
    execution_id: str
    step_name: str
    arguments: dict[str, Any]
    tags: dict[str, str]
    stopping: threading.Event
    started: Callable[[dict[str, Any]], None]

    @property
    def sagemaker(self) -> Any:
        """A client of the local cloud's SageMaker."""
        return self.host.client("sagemaker", self.region)

    def new_name(self) -> str:
        """Return the name of the step's job, as SageMaker makes it: `pipelines-{id}-{step}-{10 characters}`."""
        ending = "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM_LENGTH))
        head = f"pipelines-{self.execution_id}-"
        room = JOB_NAME_LIMIT - len(head) - len(ending) - 1
        return f"{head}{self.step_name.replace('_', '-')[:room].strip('-')}-{ending}"

    def with_tags(self) -> dict[str, Any]:
        """Return the arguments with the pipeline's tags added to their own."""
        own = {item["Key"]: item["Value"] for item in self.arguments.get("Tags") or []}
        tags = [{"Key": key, "Value": value} for key, value in (self.tags | own).items()]
        return {**self.arguments, "Tags": tags} if tags else dict(self.arguments)


def run(kind: str, call: Call) -> Result:
    """Run one step to its end.

    Raises:
        StepError: it failed.
        StepStopped: the execution is stopped.
    """
    try:
        return _KINDS[kind](call)
    except (ClientError, BotoCoreError) as error:
        raise StepError(f"ClientError: {error}") from error


def _job(call: Call, kind: str, start: str, stop: str) -> Result:
    """Start a job and wait for its end."""
    client, name = call.sagemaker, call.new_name()
    arn = getattr(client, start)(**{f"{kind}Name": name}, **call.with_tags())[f"{kind}Arn"]
    metadata = {kind: {"Arn": arn}}
    call.started(metadata)
    collection = call.host.collection(call.region, kind)
    asked = False
    while True:
        job = collection.wait(name, lambda doc: doc[f"{kind}Status"] not in UNFINISHED, 0.2)
        status = job[f"{kind}Status"] if job else "Failed"
        if status not in UNFINISHED:
            break
        if call.stopping.is_set() and not asked:
            asked = True
            _ask_to_stop(client, stop, f"{kind}Name", name)
    if status == "Completed" and job:
        return Result(metadata, job)
    if call.stopping.is_set():
        raise StepStopped
    raise StepError((job or {}).get("FailureReason") or f"ClientError: the job {name} is {status}", metadata)


def _ask_to_stop(client: Any, stop: str, field_name: str, name: str) -> None:
    try:
        getattr(client, stop)(**{field_name: name})
    except client.exceptions.ClientError:
        # It ended a moment before.
        return


def _processing(call: Call) -> Result:
    return _job(call, "ProcessingJob", "create_processing_job", "stop_processing_job")


def _training(call: Call) -> Result:
    return _job(call, "TrainingJob", "create_training_job", "stop_training_job")


def _condition(call: Call) -> Result:
    outcome = all(holds(condition) for condition in call.arguments.get("Conditions", []))
    return Result({"Condition": {"Outcome": str(outcome)}}, {"Outcome": str(outcome)}, outcome)


def _fail(call: Call) -> Result:
    message = str(call.arguments.get("ErrorMessage", ""))
    raise StepError(message, {"Fail": {"ErrorMessage": message}})


def _register_model(call: Call) -> Result:
    client = call.sagemaker
    group = call.arguments.get("ModelPackageGroupName")
    if group:
        try:
            client.describe_model_package_group(ModelPackageGroupName=group)
        except client.exceptions.ClientError:
            # AWS's own step makes the group too.
            client.create_model_package_group(ModelPackageGroupName=group)
    # A version of a group can't have tags of its own; the group's count.
    arguments = {**call.arguments} if group else call.with_tags()
    arn = client.create_model_package(**arguments)["ModelPackageArn"]
    return Result({"RegisterModel": {"Arn": arn}}, _described(client.describe_model_package(ModelPackageName=arn)))


def _model(call: Call) -> Result:
    client = call.sagemaker
    arguments = call.with_tags()
    name = arguments.pop("ModelName", None) or call.new_name()
    arn = client.create_model(ModelName=name, **arguments)["ModelArn"]
    return Result({"Model": {"Arn": arn}}, _described(client.describe_model(ModelName=name)))


def _described(answer: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in answer.items() if key != "ResponseMetadata"}


_KINDS: dict[str, Callable[[Call], Result]] = {
    "Processing": _processing,
    "Training": _training,
    "Condition": _condition,
    "RegisterModel": _register_model,
    "Model": _model,
    "CreateModel": _model,
    "Fail": _fail,
}

"""What a step is told and what it leaves; `kinds/` holds what each type of step does."""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from modelyard.localcloud.runtime.host import Host

JOB_NAME_LIMIT = 63
_RANDOM_LENGTH = 10
_ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


class StepError(Exception):
    """A step failed; the message is its FailureReason.

    Args:
        reason: why.
        metadata: what the step is to show all the same, such as the job's ARN.
        fault: by what name a RetryPolicy knows it; empty if it isn't to be tried again.
    """

    def __init__(self, reason: str, metadata: dict[str, Any] | None = None, *, fault: str = "") -> None:
        super().__init__(reason)
        self.metadata = metadata or {}
        self.fault = fault


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
        execution_arn: the execution's.
        step_name: the step's name.
        arguments: with every reference replaced.
        fields: everything else of the step, references replaced too.
        tags: the pipeline's own, which jobs inherit.
        stopping: set when the execution is stopped.
        started: called with the metadata as soon as it is known.
    """

    host: Host
    region: str
    execution_arn: str
    step_name: str
    arguments: dict[str, Any]
    fields: dict[str, Any]
    tags: dict[str, str]
    stopping: threading.Event
    started: Callable[[dict[str, Any]], None]

    @property
    def sagemaker(self) -> Any:
        """A client of the local cloud's SageMaker."""
        return self.host.client("sagemaker", self.region)

    @property
    def execution_id(self) -> str:
        """The last part of the execution's ARN."""
        return self.execution_arn.rpartition("/")[2]

    def new_name(self, limit: int = JOB_NAME_LIMIT) -> str:
        """Return the name of the step's job, as SageMaker makes it: `pipelines-{id}-{step}-{10 characters}`.

        Args:
            limit: the characters it may have; a short one leaves `pipelines-` out.
        """
        ending = "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM_LENGTH))
        head = f"pipelines-{self.execution_id}-" if limit >= JOB_NAME_LIMIT else f"{self.execution_id}-"
        room = limit - len(head) - len(ending) - 1
        return f"{head}{self.step_name.replace('_', '-')[:room].strip('-')}-{ending}"

    def with_tags(self) -> dict[str, Any]:
        """Return the arguments with the pipeline's tags added to their own."""
        own = {item["Key"]: item["Value"] for item in self.arguments.get("Tags") or []}
        tags = [{"Key": key, "Value": value} for key, value in (self.tags | own).items()]
        return {**self.arguments, "Tags": tags} if tags else dict(self.arguments)


Kind = Callable[[Call], Result]


def described(answer: dict[str, Any]) -> dict[str, Any]:
    """Return a describe call's answer as properties."""
    return {key: value for key, value in answer.items() if key != "ResponseMetadata"}

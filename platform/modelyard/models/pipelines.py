"""Running a model's pipeline and following it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from modelyard.errors import CloudError
from modelyard.models.deployed import DeployedModel

_POLL_SECONDS = 0.3
_RUNNING = frozenset({"Executing", "Stopping"})
# What services answer to whoever lacks a right; S3 gives its HEAD no other word than the number.
_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "403"})


@dataclass(frozen=True, kw_only=True)
class StepRun:
    """One step of an execution.

    Args:
        status: SageMaker's word: Starting, Executing, Succeeded, Failed, Stopped ...
        seconds: how long it has run.
        detail: what it came to: a condition's outcome, a model package, a reason of failure.
        job: the ARN of the job that it ran, if it ran one.
    """

    name: str
    status: str
    seconds: float = 0.0
    detail: str = ""
    job: str = ""


@dataclass(frozen=True, kw_only=True)
class Execution:
    """One execution of a pipeline."""

    arn: str
    status: str
    started: datetime
    reason: str = ""
    steps: tuple[StepRun, ...] = field(default_factory=tuple)

    @property
    def running(self) -> bool:
        """Tell whether it goes on."""
        return self.status in _RUNNING


def start(model: DeployedModel, parameters: dict[str, str]) -> Execution:
    """Start the pipeline.

    Args:
        model: the model.
        parameters: pipeline parameters over their defaults.

    Raises:
        CloudError: SageMaker refused.
    """
    given = [{"Name": name, "Value": value} for name, value in parameters.items()]
    with translated("modelyard up"):
        arn = model.client().start_pipeline_execution(PipelineName=model.pipeline, PipelineParameters=given)[
            "PipelineExecutionArn"
        ]
    return describe(model, arn)


def describe(model: DeployedModel, arn: str) -> Execution:
    """Describe an execution and its steps, in the order they started.

    Raises:
        CloudError: SageMaker refused.
    """
    client = model.client()
    with translated():
        found = client.describe_pipeline_execution(PipelineExecutionArn=arn)
        pages = client.get_paginator("list_pipeline_execution_steps").paginate(
            PipelineExecutionArn=arn, SortOrder="Ascending"
        )
        steps = [step for page in pages for step in page["PipelineExecutionSteps"]]
    return Execution(
        arn=arn,
        status=found["PipelineExecutionStatus"],
        started=found["CreationTime"],
        reason=found.get("FailureReason", ""),
        steps=tuple(_step(step) for step in steps),
    )


def follow(model: DeployedModel, execution: Execution, changed: Callable[[StepRun], None]) -> Execution:
    """Wait for an execution's end.

    Args:
        model: the model.
        execution: the execution.
        changed: called whenever a step's status has changed.
    """
    seen: dict[str, str] = {}
    while True:
        for step in execution.steps:
            if seen.get(step.name) != step.status:
                seen[step.name] = step.status
                changed(step)
        if not execution.running:
            return execution
        time.sleep(_POLL_SECONDS)
        execution = describe(model, execution.arn)


_LOG_GROUPS = {"training-job": "/aws/sagemaker/TrainingJobs", "processing-job": "/aws/sagemaker/ProcessingJobs"}


def log(model: DeployedModel, step: StepRun) -> list[str]:
    """Read what a step's job wrote, line by line.

    Raises:
        CloudError: the step ran no job, or CloudWatch Logs refused.
    """
    kind, _, job = step.job.split(":", 5)[-1].partition("/")
    if kind not in _LOG_GROUPS:
        raise CloudError(f"the step {step.name} ran no job, so it has no log", hint="name another with --step")
    client, group = model.client("logs"), _LOG_GROUPS[kind]
    with translated():
        pages = client.get_paginator("filter_log_events").paginate(logGroupName=group, logStreamNamePrefix=f"{job}/")
        return [event["message"] for page in pages for event in page["events"]]


def executions(model: DeployedModel) -> list[Execution]:
    """List the pipeline's executions, the newest first.

    Raises:
        CloudError: SageMaker refused.
    """
    with translated():
        pages = (
            model.client()
            .get_paginator("list_pipeline_executions")
            .paginate(PipelineName=model.pipeline, SortBy="CreationTime", SortOrder="Descending")
        )
        found = [item for page in pages for item in page["PipelineExecutionSummaries"]]
    return [
        Execution(arn=item["PipelineExecutionArn"], status=item["PipelineExecutionStatus"], started=item["StartTime"])
        for item in found
    ]


@contextmanager
def translated(hint: str = "") -> Iterator[None]:
    """Turn what AWS refuses, or an AWS that does not answer, into an error for people.

    Args:
        hint: what to do when AWS refuses; whoever lacks a right is told which.

    Raises:
        CloudError: AWS refused or did not answer.
    """
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

    try:
        yield
    except ClientError as error:
        detail = error.response.get("Error", {})
        message = f"{error.operation_name}: {detail.get('Message') or detail.get('Code')}"
        lacking = detail.get("Code") in _DENIED
        told = f"aws sts get-caller-identity says who you are; get the right to call {error.operation_name}"
        raise CloudError(message, hint="; ".join(part for part in (told if lacking else "", hint) if part)) from error
    except NoCredentialsError as error:
        raise CloudError("there are no credentials for AWS", hint="aws configure sso, or aws configure") from error
    except BotoCoreError as error:
        raise CloudError(f"the cloud does not answer: {error}", hint="modelyard cloud status") from error


def _step(step: dict[str, Any]) -> StepRun:
    begun, ended = step.get("StartTime"), step.get("EndTime")
    seconds = ((ended or datetime.now(begun.tzinfo)) - begun).total_seconds() if begun else 0.0
    return StepRun(
        name=step["StepName"],
        status=step["StepStatus"],
        seconds=max(seconds, 0.0),
        detail=_detail(step),
        job=next((arn for arn in _arns(step) if "-job/" in arn), ""),
    )


def _detail(step: dict[str, Any]) -> str:
    if reason := step.get("FailureReason"):
        return str(reason)
    metadata = step.get("Metadata", {})
    if outcome := metadata.get("Condition", {}).get("Outcome"):
        return f"the condition is {outcome.lower()}"
    return next((arn.split(":", 5)[-1] for arn in _arns(step)), "")


def _arns(step: dict[str, Any]) -> list[str]:
    return [arn for item in step.get("Metadata", {}).values() if (arn := item.get("Arn"))]

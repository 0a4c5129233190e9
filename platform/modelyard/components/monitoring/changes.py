"""Which state changes of SageMaker are told to whom: patterns of EventBridge.

The names of events and their fields are in AWS's developer guide, "Events that SageMaker AI sends to EventBridge".
"""

from dataclasses import dataclass
from typing import Any

SOURCE = "aws.sagemaker"


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A state change that somebody has to be told of.

    Args:
        word: what failed, in a resource's name.
        detail_type: the event's type.
        status: the field of the event's detail that holds the state.
        states: the states that are failures.
        name: the field that says which one.
        reason: the field that says why; empty where there is none.
    """

    word: str
    detail_type: str
    status: str
    states: tuple[str, ...]
    name: str
    reason: str = "FailureReason"

    def pattern(self) -> dict[str, Any]:
        """Return the pattern that matches it."""
        return {"source": [SOURCE], "detail-type": [self.detail_type], "detail": {self.status: list(self.states)}}

    def paths(self) -> dict[str, str]:
        """Return where in an event the words of the sentence stand."""
        fields = {"name": self.name, "state": self.status, **({"reason": self.reason} if self.reason else {})}
        return {word: f"$.detail.{field}" for word, field in fields.items()}

    def sentence(self) -> str:
        """Return what is sent of an event, as a template of EventBridge's input transformer."""
        what = self.word.replace("-", " ")
        return f'"SageMaker {what} <name> is <state>{": <reason>" if self.reason else ""}"'


FAILURES = (
    Failure(
        word="training",
        detail_type="SageMaker Training Job State Change",
        status="TrainingJobStatus",
        states=("Failed",),
        name="TrainingJobName",
    ),
    Failure(
        word="model-package",
        detail_type="SageMaker Model Package State Change",
        status="ModelPackageStatus",
        states=("Failed",),
        name="ModelPackageName",
        reason="",
    ),
    Failure(
        word="endpoint",
        detail_type="SageMaker Endpoint State Change",
        status="EndpointStatus",
        states=("FAILED", "ROLLING_BACK", "UPDATE_ROLLBACK_FAILED"),
        name="EndpointName",
    ),
    Failure(
        word="pipeline",
        detail_type="SageMaker Model Building Pipeline Execution Status Change",
        status="currentPipelineExecutionStatus",
        states=("Failed",),
        name="pipelineArn",
        reason="",
    ),
)


def everything() -> dict[str, Any]:
    """Match every state change that SageMaker reports."""
    return {"source": [SOURCE]}

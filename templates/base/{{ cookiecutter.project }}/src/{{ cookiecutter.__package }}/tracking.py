"""Where experiments are tracked: nowhere but in SageMaker's own records and the model registry."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modelyard.components.model_service.context import PipelineContext


def environment(context: "PipelineContext") -> dict[str, str]:
    """Return the variables that a training job needs to reach the tracker."""
    return {}


def record(parameters: Mapping[str, float], metrics: Mapping[str, float], folder: Path) -> None:
    """Record one training.

    Args:
        parameters: its hyperparameters.
        metrics: what it measured.
        folder: where a job keeps what is no model; SageMaker uploads it.
    """

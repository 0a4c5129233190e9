"""Where experiments are tracked: in Weights & Biases.

A job without `WANDB_API_KEY` records offline, into what SageMaker uploads as `output.tar.gz`: `wandb sync` sends it.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from {{ cookiecutter.__package }}.settings import PROJECT

if TYPE_CHECKING:
    from modelyard.components.model_service.context import PipelineContext


def environment(context: "PipelineContext") -> dict[str, str]:
    """Return the variables that a training job needs to reach the tracker: a key has no place in a definition."""
    return {}


def record(parameters: Mapping[str, float], metrics: Mapping[str, float], folder: Path) -> None:
    """Record one training.

    Args:
        parameters: its hyperparameters.
        metrics: what it measured.
        folder: where a job keeps what is no model; SageMaker uploads it.
    """
    import wandb

    folder.mkdir(parents=True, exist_ok=True)
    with wandb.init(
        project=PROJECT,
        name=os.environ.get("TRAINING_JOB_NAME"),
        dir=folder,
        config=dict(parameters),
        mode="online" if "WANDB_API_KEY" in os.environ else "offline",
    ) as run:
        run.log(dict(metrics))

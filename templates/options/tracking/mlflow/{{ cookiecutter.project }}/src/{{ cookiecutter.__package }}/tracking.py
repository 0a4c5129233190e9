"""Where experiments are tracked: in MLflow, on the platform's tracking server."""

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from {{ cookiecutter.__package }}.settings import PROJECT

if TYPE_CHECKING:
    from modelyard.components.model_service.context import PipelineContext


def environment(context: "PipelineContext") -> dict[str, str]:
    """Return the variables that a training job needs to reach the tracker; none if the platform has no server.

    SageMaker's server is reached by its ARN, with the plugin that signs requests; any other by its address.
    """
    if not context.tracking_url:
        return {}
    signed = context.tracking_url.startswith("https://")
    return {"MLFLOW_TRACKING_URI": context.tracking_arn if signed else context.tracking_url}


def record(parameters: Mapping[str, float], metrics: Mapping[str, float], folder: Path) -> None:
    """Record one training; without a tracking server it is told, and not recorded.

    Args:
        parameters: its hyperparameters.
        metrics: what it measured.
        folder: where a job keeps what is no model; SageMaker uploads it.
    """
    if "MLFLOW_TRACKING_URI" not in os.environ:
        sys.stdout.write("not tracked: MLFLOW_TRACKING_URI is not set\n")
        return
    import mlflow

    mlflow.set_experiment(PROJECT)
    with mlflow.start_run(run_name=os.environ.get("TRAINING_JOB_NAME")):
        mlflow.log_params(dict(parameters))
        mlflow.log_metrics({re.sub(r"[^\w./-]", "_", name): value for name, value in metrics.items()})

"""Where experiments are tracked: in Comet.

A job without `COMET_API_KEY` records offline, into what SageMaker uploads as `output.tar.gz`: `comet upload` sends it.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
    import comet_ml

    quiet: dict[str, Any] = {"log_code": False, "log_graph": False, "parse_args": False, "display_summary_level": 0}
    experiment: Any
    if "COMET_API_KEY" in os.environ:
        experiment = comet_ml.Experiment(project_name=PROJECT, **quiet)
    else:
        folder.mkdir(parents=True, exist_ok=True)
        experiment = comet_ml.OfflineExperiment(project_name=PROJECT, offline_directory=str(folder), **quiet)
    experiment.set_name(os.environ.get("TRAINING_JOB_NAME", PROJECT))
    experiment.log_parameters(dict(parameters))
    experiment.log_metrics(dict(metrics))
    experiment.end()

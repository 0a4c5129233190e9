"""What the pipeline of this kind of model looks like: a good model forecasts at once."""

from typing import Any

from {{ cookiecutter.__package }}.settings import SETTINGS

STEPS = {"Version": "Processing", "Prepare": "Processing", "Train": "Training", "Evaluate": "Processing"}
# What is done with a model that is good enough.
THEN = {"Register": "RegisterModel", "CreateModel": "Model", "Forecast": "Transform"}
ARCHIVE: Any = {"Get": "Steps.Train.ModelArtifacts.S3ModelArtifacts"}
ARN = "<Steps.Train.TrainingJobArn>"
METRICS = SETTINGS.logged
PARAMETERS = dict(SETTINGS.parameters)


def training(steps: dict[str, Any]) -> dict[str, Any]:
    """Return the request for a training job."""
    return steps["Train"]["Arguments"]

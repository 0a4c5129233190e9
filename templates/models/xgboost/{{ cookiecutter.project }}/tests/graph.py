"""What the pipeline of this kind of model looks like: its training is a search."""

from typing import Any

from {{ cookiecutter.__package }}.settings import SETTINGS
from {{ cookiecutter.__package }}.tuning import TUNING

STEPS = {"Version": "Processing", "Prepare": "Processing", "Tune": "Tuning", "Evaluate": "Processing"}
# What is done with a model that is good enough.
THEN = {"Register": "RegisterModel"}
_BEST = {"Get": "Steps.Tune.BestTrainingJob.TrainingJobName"}
_FOLDER = "s3://a-bucket/models/a-model/dev/training"
ARCHIVE: Any = {"Std:Join": {"On": "/", "Values": [_FOLDER, _BEST, "output/model.tar.gz"]}}
ARN = "<Steps.Tune.BestTrainingJob.TrainingJobArn>"
METRICS = (TUNING.objective,)
PARAMETERS = {name: value for name, value in SETTINGS.parameters.items() if name not in TUNING.tuned}


def training(steps: dict[str, Any]) -> dict[str, Any]:
    """Return the request for a training job."""
    return steps["Tune"]["Arguments"]["TrainingJobDefinition"]

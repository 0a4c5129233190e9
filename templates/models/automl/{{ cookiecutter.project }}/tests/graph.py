"""What the pipeline of this kind of model looks like: a search, and answers to the held-out rows."""

from typing import Any

from {{ cookiecutter.__package }}.search import SEARCH
from {{ cookiecutter.__package }}.settings import SETTINGS

STEPS = {
    "Version": "Processing",
    "Prepare": "Processing",
    "Search": "AutoML",
    "CreateChallenger": "Model",
    "AskChallenger": "Transform",
    "Evaluate": "Processing",
}
# What is done with a model that is good enough.
THEN = {"Register": "RegisterModel"}
ARCHIVE: Any = {"Get": "Steps.Search.BestCandidate.InferenceContainers[0].ModelDataUrl"}
ARN = "<Steps.Search.AutoMLJobArn>"
METRICS = (SEARCH.objective,)
PARAMETERS = {SETTINGS.threshold: SETTINGS.parameters[SETTINGS.threshold]}

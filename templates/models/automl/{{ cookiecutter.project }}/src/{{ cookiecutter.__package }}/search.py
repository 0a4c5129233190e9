"""The AutoML step: SageMaker tries many models, and the best candidate is kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from {{ cookiecutter.__package }} import steps
from {{ cookiecutter.__package }}.configuration import load
from {{ cookiecutter.__package }}.sdk import Request, step
from {{ cookiecutter.__package }}.settings import SETTINGS
from {{ cookiecutter.__package }}.steps import Trained

if TYPE_CHECKING:
    from modelyard.components.model_service.context import PipelineContext
    from sagemaker.mlops.workflow.steps import Step

# What AWS's candidates need to know to answer with the label alone.
_ENVIRONMENT = {
    "SAGEMAKER_PROGRAM": "inference.py",
    "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
    "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "text/csv",
    "SAGEMAKER_INFERENCE_OUTPUT": "predicted_label",
    "SAGEMAKER_INFERENCE_SUPPORTED": "predicted_label,probability,probabilities,labels",
}


@dataclass(frozen=True, kw_only=True)
class SearchSettings:
    """How AutoML searches.

    Attributes:
        problem_type: SageMaker's word for the problem.
        objective: the metric on the validation rows that the best candidate is chosen by.
        mode: SageMaker's way to search.
        candidates: how many are tried at most.
        seconds: how long it may take.
    """

    problem_type: Literal["BinaryClassification", "MulticlassClassification", "Regression"]
    objective: str
    mode: Literal["ENSEMBLING", "HYPERPARAMETER_TUNING", "AUTO"]
    candidates: int
    seconds: int


SEARCH = load(Path(__file__).with_name("search.toml"), SearchSettings)


def search(context: PipelineContext, prepared: Step) -> tuple[Step, Trained]:
    """Return the step that searches, and what its best candidate leaves."""
    made = step("Search", "AUTOML", _request(context, prepared))
    job = made.properties
    metrics = {SEARCH.objective: job.BestCandidate.FinalAutoMLJobObjectiveMetric.Value}
    archive = job.BestCandidate.InferenceContainers[0].ModelDataUrl
    return made, Trained(archive=archive, arn=job.AutoMLJobArn, metrics=metrics)


def container(made: Step) -> Request:
    """Return the container that serves the best candidate."""
    best: Any = made.properties
    found = best.BestCandidate.InferenceContainers[0]
    return {"Image": found.Image, "ModelDataUrl": found.ModelDataUrl, "Environment": _ENVIRONMENT}


def champion(context: PipelineContext) -> Request:
    """Return the container that serves the champion: its model package."""
    account = context.role_arn.split(":")[4]
    group = f"arn:aws:sagemaker:{context.region}:{account}:model-package/{context.model_package_group}"
    return {"ModelPackageName": f"{group}/{context.champion_version}"}


def _request(context: PipelineContext, prepared: Step) -> Request:
    (label,) = SETTINGS.data.labels
    return {
        "AutoMLJobInputDataConfig": [
            _channel(steps.output(prepared, "train"), "training"),
            _channel(steps.output(prepared, "validation"), "validation"),
        ],
        "OutputDataConfig": {"S3OutputPath": f"s3://{context.bucket}/{context.prefix}/automl"}
        | steps.key(context, "KmsKeyId"),
        "AutoMLProblemTypeConfig": {
            "TabularJobConfig": {
                "TargetAttributeName": label,
                "ProblemType": SEARCH.problem_type,
                "Mode": SEARCH.mode,
                "CompletionCriteria": {
                    "MaxCandidates": SEARCH.candidates,
                    "MaxAutoMLJobRuntimeInSeconds": SEARCH.seconds,
                },
            }
        },
        "AutoMLJobObjective": {"MetricName": SEARCH.objective},
        "RoleArn": context.role_arn,
    } | _security(context)


def _security(context: PipelineContext) -> Request:
    found = steps.key(context, "VolumeKmsKeyId") | (steps.network(context) if context.subnet_ids else {})
    return {"SecurityConfig": found} if found else {}


def _channel(uri: Any, kind: str) -> Request:
    source = {"S3DataType": "S3Prefix", "S3Uri": uri}
    return {"ChannelType": kind, "ContentType": "text/csv;header=present", "DataSource": {"S3DataSource": source}}

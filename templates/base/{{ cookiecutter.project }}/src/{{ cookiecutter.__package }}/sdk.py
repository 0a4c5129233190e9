"""SageMaker's SDK, kept to itself: a definition is a pure function of its context.

The steps are SageMaker's own requests: the same context gives the same bytes, nothing is uploaded, and AWS isn't asked.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from {{ cookiecutter.__package }}.settings import SETTINGS

if TYPE_CHECKING:
    from modelyard.components.model_service.context import PipelineContext
    from sagemaker.core.workflow.parameters import ParameterFloat
    from sagemaker.mlops.workflow.steps import Step

Request = dict[str, Any]
Parameters = Mapping[str, "ParameterFloat"]

# What a step's properties are described by.
_SHAPES = {
    "AUTOML": "DescribeAutoMLJobResponse",
    "CREATE_MODEL": "DescribeModelOutput",
    "PROCESSING": "DescribeProcessingJobResponse",
    "REGISTER_MODEL": "DescribeModelPackageOutput",
    "TRAINING": "DescribeTrainingJobResponse",
    "TRANSFORM": "DescribeTransformJobResponse",
    "TUNING": "DescribeHyperParameterTuningJobResponse",
}


# Steps whose results SageMaker takes again.
_CACHED = frozenset({"AUTOML", "PROCESSING", "TRAINING", "TRANSFORM", "TUNING"})


def build(
    context: PipelineContext,
    steps: Callable[[PipelineContext, Parameters], list[Step]],
    without: Collection[str] = (),
) -> str:
    """Return a pipeline's definition as JSON, the same for the same context.

    Args:
        context: the resources to run with, and defaults for the pipeline's parameters.
        steps: makes the steps of a context and the parameters.
        without: settings that are no parameters of the pipeline, because it finds their values itself.

    Raises:
        ValueError: the context sets a parameter that the pipeline doesn't have.
    """
    known = {name: value for name, value in SETTINGS.parameters.items() if name not in without}
    if unknown := sorted(set(context.parameters) - set(known)):
        raise ValueError(f"no parameter {', '.join(unknown)}; the pipeline has {', '.join(known)}")
    with _offline(context.region):
        from sagemaker.core.workflow.parameters import ParameterFloat
        from sagemaker.mlops.workflow.pipeline import Pipeline

        parameters = {
            name: ParameterFloat(name=name, default_value=float(context.parameters.get(name, default)))
            for name, default in known.items()
        }
        pipeline = Pipeline(
            name=context.name,
            parameters=list(parameters.values()),
            steps=steps(context, parameters),
            sagemaker_session=_session(context),
            pipeline_experiment_config=None,
        )
        return str(pipeline.definition())


def step(name: str, kind: str, request: Request, files: list[Any] | None = None, *, cached: bool = True) -> Step:
    """Return a step that makes a request. The SDK's own steps take it from a session that has uploaded code.

    Args:
        name: the step's name.
        kind: the name of its type in the SDK, such as `TRAINING`.
        request: what SageMaker is asked for.
        files: property files that other steps read from its outputs.
        cached: whether its results may be taken again where its request is the same.
    """
    from sagemaker.core.workflow.properties import Properties
    from sagemaker.mlops.workflow.steps import Step, StepTypeEnum

    class RequestStep(Step):
        """A step whose arguments are the request itself."""

        arguments = request
        property_files = files or []

        @property
        def properties(self) -> Properties:
            return Properties(step_name=name, step=self, shape_name=_SHAPES[kind])

        def to_request(self) -> Request:
            expressions = [file.expr for file in self.property_files]
            files = {"PropertyFiles": expressions} if expressions else {}
            return super().to_request() | files | (_cache() if cached and kind in _CACHED else {})

    return RequestStep(name=name, step_type=StepTypeEnum[kind])


def image(context: PipelineContext, scope: str) -> str:
    """Return the address of the newest image that the SDK knows of the framework in `settings.toml`.

    Args:
        context: says region and instance type.
        scope: `training` or `inference`.
    """
    from sagemaker.core import image_uris

    framework = SETTINGS.image.training if scope == "training" else SETTINGS.image.inference
    known = image_uris.config_for_framework(framework)[scope]["versions"]
    newest = max(known, key=lambda it: [int(part) for part in it.split("-")[0].split(".")])
    options = {"version": newest, "image_scope": scope, "instance_type": context.instance_type}
    if pythons := known[newest].get("py_versions"):
        options["py_version"] = pythons[-1]
    return str(image_uris.retrieve(framework, context.region, **options))


def _cache() -> Request:
    hours = SETTINGS.cache_hours
    return {"CacheConfig": {"Enabled": True, "ExpireAfter": f"PT{hours}H"}} if hours else {}


def _session(context: PipelineContext) -> Any:
    from boto3 import Session
    from sagemaker.core.workflow.pipeline_context import PipelineSession

    telemetry: Request = {"SageMaker": {"PythonSDK": {"Modules": {"TelemetryOptOut": True}}}}
    return PipelineSession(
        boto_session=Session(region_name=context.region),
        default_bucket=context.bucket,
        sagemaker_config={"SchemaVersion": "1.0"} | telemetry,
    )


@contextmanager
def _offline(region: str) -> Iterator[None]:
    """Keep the SDK to itself: when it is imported it looks for a region and credentials, and takes over the log."""
    import boto3

    environment = {"AWS_DEFAULT_REGION": region, "AWS_ACCESS_KEY_ID": "unused", "AWS_SECRET_ACCESS_KEY": "unused"}
    environment |= {"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.devnull}
    log = logging.getLogger()
    level, handlers, disabled = log.level, log.handlers[:], log.manager.disable
    session = boto3.DEFAULT_SESSION
    logging.disable(logging.INFO)
    boto3.DEFAULT_SESSION = None
    before = {name: os.environ.pop(name, None) for name in (*environment, "AWS_PROFILE")}
    os.environ.update(environment)
    try:
        yield
    finally:
        for name in before:
            os.environ.pop(name, None)
        os.environ.update({name: value for name, value in before.items() if value is not None})
        boto3.DEFAULT_SESSION = session
        logging.disable(disabled)
        log.setLevel(level)
        log.handlers[:] = handlers

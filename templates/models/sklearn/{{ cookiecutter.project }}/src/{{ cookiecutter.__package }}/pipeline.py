"""The SageMaker pipeline: prepare, train, evaluate, then register the model if it is accurate enough.

The steps are SageMaker's own requests, so that the definition is a pure function of its context: the same context
gives the same bytes, nothing is uploaded, and AWS isn't asked anything.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from {{ cookiecutter.__package }}.card import model_card
from {{ cookiecutter.__package }}.settings import METRICS, PARAMETERS, SPLITS

if TYPE_CHECKING:
    from modelyard.components.model_service.context import PipelineContext
    from sagemaker.core.workflow.parameters import ParameterFloat
    from sagemaker.mlops.workflow.steps import Step

Request = dict[str, Any]

_PACKAGE = "{{ cookiecutter.__package }}"
_ROOT = "/opt/ml/processing"
_CODE = f"{_ROOT}/input/code"
# What a processing job runs: it unpacks the code, installs what the image lacks, and starts the step's module.
_SCRIPT = (
    f"cd {_CODE} && tar -xzf sourcedir.tar.gz && "
    "{ python3 -c 'import skops' 2>/dev/null || python3 -m pip install -q -r requirements.txt; } && "
    f'exec python3 -m {_PACKAGE}."$0" "$@"'
)
_MAX_RUNTIME_SECONDS = 3600
_VOLUME_GB = 10


def definition(context: PipelineContext) -> str:
    """Return the pipeline's definition as JSON, the same for the same context.

    Args:
        context: the resources to run with, and defaults for the pipeline's parameters.

    Raises:
        ValueError: the context sets a parameter that the pipeline doesn't have.
    """
    unknown = sorted(set(context.parameters) - set(PARAMETERS))
    if unknown:
        raise ValueError(f"no parameter {', '.join(unknown)}; the pipeline has {', '.join(PARAMETERS)}")
    with _offline(context.region):
        return _pipeline(context)


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


def _pipeline(context: PipelineContext) -> str:
    from boto3 import Session
    from sagemaker.core.workflow.parameters import ParameterFloat
    from sagemaker.core.workflow.pipeline_context import PipelineSession
    from sagemaker.mlops.workflow.pipeline import Pipeline

    telemetry: Request = {"SageMaker": {"PythonSDK": {"Modules": {"TelemetryOptOut": True}}}}
    session = PipelineSession(
        boto_session=Session(region_name=context.region),
        default_bucket=context.bucket,
        sagemaker_config={"SchemaVersion": "1.0"} | telemetry,
    )
    parameters = {
        name: ParameterFloat(name=name, default_value=float(context.parameters.get(name, default)))
        for name, default in PARAMETERS.items()
    }
    pipeline = Pipeline(
        name=context.name,
        parameters=list(parameters.values()),
        steps=_steps(context, parameters),
        sagemaker_session=session,
        pipeline_experiment_config=None,
    )
    return str(pipeline.definition())


def _steps(context: PipelineContext, parameters: dict[str, ParameterFloat]) -> list[Step]:
    from sagemaker.core.workflow.properties import PropertyFile

    evaluation = PropertyFile(name="Evaluation", output_name="evaluation", path="evaluation.json")
    prepare = _step("Prepare", "PROCESSING", _prepare(context))
    train = _step("Train", "TRAINING", _train(context, prepare, parameters["inverse_regularization"]))
    evaluate = _step("Evaluate", "PROCESSING", _evaluate(context, prepare, train), [evaluation])
    register = _step("Register", "REGISTER_MODEL", _register(context, prepare, train, evaluate))
    check = _check(evaluate, evaluation, parameters["accuracy_threshold"], register)
    return [prepare, train, evaluate, check]


def _step(name: str, kind: str, request: Request, files: list[Any] | None = None) -> Step:
    """Return a step that makes the request. The SDK's own steps take it from a session that has uploaded code."""
    from sagemaker.core.workflow.properties import Properties
    from sagemaker.mlops.workflow.steps import Step, StepTypeEnum

    shapes = {
        "PROCESSING": "DescribeProcessingJobResponse",
        "TRAINING": "DescribeTrainingJobResponse",
        "REGISTER_MODEL": "DescribeModelPackageOutput",
    }

    class RequestStep(Step):
        """A step whose arguments are the request itself."""

        arguments = request
        property_files = files or []

        @property
        def properties(self) -> Properties:
            return Properties(step_name=name, step=self, shape_name=shapes[kind])

        def to_request(self) -> Request:
            expressions = [file.expr for file in self.property_files]
            return super().to_request() | ({"PropertyFiles": expressions} if expressions else {})

    return RequestStep(name=name, step_type=StepTypeEnum[kind])


def _prepare(context: PipelineContext) -> Request:
    outputs = {name: f"{_ROOT}/output/{name}" for name in SPLITS}
    return _processing(context, "prepare", ["--output", f"{_ROOT}/output"], {}, outputs)


def _evaluate(context: PipelineContext, prepare: Step, train: Step) -> Request:
    arguments = ["--model", f"{_ROOT}/model", "--test", f"{_ROOT}/test", "--output", f"{_ROOT}/evaluation"]
    inputs = {"model": train.properties.ModelArtifacts.S3ModelArtifacts, "test": _output(prepare, "test")}
    return _processing(context, "evaluate", arguments, inputs, {"evaluation": f"{_ROOT}/evaluation"})


def _processing(
    context: PipelineContext, module: str, arguments: list[str], inputs: Request, outputs: dict[str, str]
) -> Request:
    folders = {"code": (context.source_uri, _CODE)} | {name: (uri, f"{_ROOT}/{name}") for name, uri in inputs.items()}
    cluster = {"InstanceType": context.instance_type, "InstanceCount": 1, "VolumeSizeInGB": _VOLUME_GB}
    request: Request = {
        "ProcessingResources": {"ClusterConfig": cluster | _key(context, "VolumeKmsKeyId")},
        "AppSpecification": {
            "ImageUri": _image(context, "training"),
            "ContainerEntrypoint": ["/bin/bash", "-c", _SCRIPT, module],
            "ContainerArguments": arguments,
        },
        "RoleArn": context.role_arn,
        "ProcessingInputs": [_input(name, uri, path) for name, (uri, path) in folders.items()],
        "ProcessingOutputConfig": {
            "Outputs": [_destination(context, module, name, path) for name, path in outputs.items()],
        }
        | _key(context, "KmsKeyId"),
        "StoppingCondition": {"MaxRuntimeInSeconds": _MAX_RUNTIME_SECONDS},
    }
    return request | ({"NetworkConfig": _network(context)} if context.subnet_ids else {})


def _train(context: PipelineContext, prepare: Step, inverse_regularization: ParameterFloat) -> Request:
    resources = {"InstanceType": context.instance_type, "InstanceCount": 1, "VolumeSizeInGB": _VOLUME_GB}
    output = {"S3OutputPath": f"s3://{context.bucket}/{context.prefix}/training"}
    request: Request = {
        "AlgorithmSpecification": {
            "TrainingImage": _image(context, "training"),
            "TrainingInputMode": "File",
            "MetricDefinitions": [{"Name": name, "Regex": f"{name}=([0-9.]+);"} for name in METRICS],
        },
        "HyperParameters": {
            "inverse_regularization": inverse_regularization.to_string(),
            "sagemaker_program": json.dumps(f"{_PACKAGE}/train.py"),
            "sagemaker_submit_directory": json.dumps(context.source_uri),
        },
        "RoleArn": context.role_arn,
        "InputDataConfig": [_channel(name, _output(prepare, name)) for name in ("train", "validation")],
        "OutputDataConfig": output | _key(context, "KmsKeyId"),
        "ResourceConfig": resources | _key(context, "VolumeKmsKeyId"),
        "StoppingCondition": {"MaxRuntimeInSeconds": _MAX_RUNTIME_SECONDS},
    }
    return request | (_network(context) if context.subnet_ids else {})


def _register(context: PipelineContext, prepare: Step, train: Step, evaluate: Step) -> Request:
    from sagemaker.core.workflow.functions import Join

    statistics = Join(on="/", values=[_output(evaluate, "evaluation"), "evaluation.json"])
    container = {
        "Image": _image(context, "inference"),
        "ModelDataUrl": train.properties.ModelArtifacts.S3ModelArtifacts,
        "Environment": {
            "SAGEMAKER_PROGRAM": "inference.py",
            "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
        },
    }
    return {
        "ModelPackageGroupName": context.model_package_group,
        "ModelApprovalStatus": "PendingManualApproval",
        "InferenceSpecification": {
            "Containers": [container],
            "SupportedContentTypes": ["text/csv", "application/json"],
            "SupportedResponseMIMETypes": ["application/json", "text/csv"],
            "SupportedRealtimeInferenceInstanceTypes": [context.instance_type],
            "SupportedTransformInstanceTypes": [context.instance_type],
        },
        "ModelMetrics": {
            "ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": statistics}},
        },
        "ModelCard": model_card(prepare, train, evaluate, _image(context, "training"), context.source_uri),
        "CustomerMetadataProperties": {"source": context.source_uri},
    }


def _check(evaluate: Step, evaluation: Any, threshold: ParameterFloat, register: Step) -> Step:
    from sagemaker.core.workflow.conditions import ConditionGreaterThanOrEqualTo
    from sagemaker.core.workflow.functions import Join, JsonGet
    from sagemaker.mlops.workflow.condition_step import ConditionStep
    from sagemaker.mlops.workflow.fail_step import FailStep

    path = "binary_classification_metrics.accuracy.value"
    accuracy = JsonGet(step_name=evaluate.name, property_file=evaluation, json_path=path)
    message = Join(on=" ", values=["The model's accuracy on the test split is below", threshold])
    return ConditionStep(
        name="CheckAccuracy",
        conditions=[ConditionGreaterThanOrEqualTo(left=accuracy, right=threshold)],
        if_steps=[register],
        else_steps=[FailStep(name="RefuseModel", error_message=message)],
    )


def _image(context: PipelineContext, scope: str) -> str:
    """Return the address of the newest scikit-learn image that the SDK knows for both training and inference."""
    from sagemaker.core import image_uris

    known = image_uris.config_for_framework("sklearn")
    both = known["training"]["versions"].keys() & known["inference"]["versions"].keys()
    newest = max(both, key=lambda version: [int(part) for part in version.split("-")[0].split(".")])
    options = {"version": newest, "py_version": "py3", "image_scope": scope}
    return str(image_uris.retrieve("sklearn", context.region, instance_type=context.instance_type, **options))


def _output(step: Step, name: str) -> Any:
    return step.properties.ProcessingOutputConfig.Outputs[name].S3Output.S3Uri


def _input(name: str, uri: Any, path: str) -> Request:
    source = {"S3Uri": uri, "LocalPath": path, "S3DataType": "S3Prefix", "S3InputMode": "File"}
    return {"InputName": name, "S3Input": source | {"S3DataDistributionType": "FullyReplicated"}}


def _channel(name: str, uri: Any) -> Request:
    source = {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "FullyReplicated"}
    return {"ChannelName": name, "ContentType": "text/csv", "DataSource": {"S3DataSource": source}}


def _destination(context: PipelineContext, module: str, name: str, path: str) -> Request:
    """Return an output that no other execution writes to."""
    from sagemaker.core.workflow.execution_variables import ExecutionVariables
    from sagemaker.core.workflow.functions import Join

    root = f"s3://{context.bucket}/{context.prefix}/executions"
    uri = Join(on="/", values=[root, ExecutionVariables.PIPELINE_EXECUTION_ID, module, name])
    return {"OutputName": name, "S3Output": {"S3Uri": uri, "LocalPath": path, "S3UploadMode": "EndOfJob"}}


def _network(context: PipelineContext) -> Request:
    return {"VpcConfig": {"SecurityGroupIds": list(context.security_group_ids), "Subnets": list(context.subnet_ids)}}


def _key(context: PipelineContext, field: str) -> Request:
    return {field: context.kms_key_arn} if context.kms_key_arn else {}

"""The steps that the pipelines of all kinds of models are made of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from {{ cookiecutter.__package }} import tracking
from {{ cookiecutter.__package }}.card import model_card
from {{ cookiecutter.__package }}.scores import SECTIONS
from {{ cookiecutter.__package }}.sdk import Parameters, Request, image, step
from {{ cookiecutter.__package }}.settings import SETTINGS, SPLITS

if TYPE_CHECKING:
    from modelyard.components.model_service.context import PipelineContext
    from sagemaker.mlops.workflow.steps import Step

_PACKAGE = "{{ cookiecutter.__package }}"
_ROOT = "/opt/ml/processing"
_CODE = f"{_ROOT}/input/code"
# What a processing job runs: it unpacks the code, installs what the image lacks, and starts the step's module.
_SCRIPT = (
    f"cd {_CODE} && tar -xzf sourcedir.tar.gz && python3 -m {_PACKAGE}.requirements %s && "
    f'exec python3 -m {_PACKAGE}."$0" "$@"'
)
# Which of `src/requirements/` each module needs.
_NEEDS = dict.fromkeys(("prepare", "version"), "sources analysis")
# The step that tells the data's version, and the property file that it is in.
_VERSION = "Version"
_MAX_RUNTIME_SECONDS = 3600
_VOLUME_GB = 10


@dataclass(frozen=True, kw_only=True)
class Trained:
    """What a training leaves, whichever step it was; all of it is known when the pipeline runs.

    Attributes:
        archive: the address of `model.tar.gz`.
        arn: the training job.
        metrics: the metrics that it logged, by name.
    """

    archive: Any
    arn: Any
    metrics: Mapping[str, Any]


def prepare(context: PipelineContext) -> tuple[Step, Step]:
    """Return the step that tells the data's version, and the one that writes the splits and what `extras.py` adds.

    What a step reads of its own is nothing that SageMaker sees. So the first runs each time, and what it finds is an
    argument of the second: other data is prepared anew, the same data isn't.
    """
    outputs = {name: f"{_ROOT}/output/{name}" for name in (*SPLITS, *SETTINGS.data.extras)}
    words = ["--output", f"{_ROOT}/output", "--data-version", data_version()]
    if context.sample_fraction < 1:
        words += ["--sample-fraction", str(context.sample_fraction)]
    return _version(context), step("Prepare", "PROCESSING", processing(context, "prepare", words, {}, outputs))


def data_version() -> Any:
    """Return the data's version, known when the pipeline runs: what `version.py` has written."""
    from sagemaker.core.workflow.functions import JsonGet

    return JsonGet(step_name=_VERSION, property_file=_VERSION, json_path="version")


def _version(context: PipelineContext) -> Step:
    from sagemaker.core.workflow.properties import PropertyFile

    folder = f"{_ROOT}/version"
    request = processing(context, "version", ["--output", folder], {}, {"version": folder})
    file = PropertyFile(name=_VERSION, output_name="version", path="version.json")
    return step(_VERSION, "PROCESSING", request, [file], cached=False)


def train(context: PipelineContext, prepared: Step, parameters: Parameters) -> tuple[Step, Trained]:
    """Return the step that trains with the pipeline's parameters, and what it leaves."""
    request = training(context, prepared)
    given = {name: parameters[name].to_string() for name in SETTINGS.hyperparameters}
    made = step("Train", "TRAINING", request | {"HyperParameters": given | request["HyperParameters"]})
    job = made.properties
    metrics = {name: job.FinalMetricDataList[name].Value for name in SETTINGS.logged}
    return made, Trained(archive=job.ModelArtifacts.S3ModelArtifacts, arn=job.TrainingJobArn, metrics=metrics)


def evaluate(context: PipelineContext, prepared: Step, trained: Trained) -> tuple[Step, Any]:
    """Return the step that assesses the model on held-out data, and the property file of its metrics."""
    from sagemaker.core.workflow.properties import PropertyFile

    evaluation = PropertyFile(name="Evaluation", output_name="evaluation", path="evaluation.json")
    folders = [word for name in ("model", "train", "test") for word in (f"--{name}", f"{_ROOT}/{name}")]
    words = [*folders, "--output", f"{_ROOT}/evaluation"]
    inputs = {"model": trained.archive, "train": output(prepared, "train"), "test": output(prepared, "test")}
    if context.champion_model_uri:
        inputs["champion"] = context.champion_model_uri
        words += ["--champion", f"{_ROOT}/champion", "--champion-version", str(context.champion_version)]
    request = processing(context, "evaluate", words, inputs, {"evaluation": f"{_ROOT}/evaluation"})
    return step("Evaluate", "PROCESSING", request, [evaluation]), evaluation


def register(
    context: PipelineContext, prepared: Step, trained: Trained, evaluated: Step, served: Request | None = None
) -> Step:
    """Return the step that registers the model, its approval pending.

    Args:
        context: the resources to run with.
        prepared: the step that wrote the splits.
        trained: what the training leaves.
        evaluated: the step that measured it.
        served: the container that serves it; with the code in its archive unless given.
    """
    from sagemaker.core.workflow.functions import Join

    statistics = Join(on="/", values=[output(evaluated, "evaluation"), "evaluation.json"])
    card = model_card(prepared, trained, evaluated, image(context, "training"), context.source_uri)
    request = {
        "ModelPackageGroupName": context.model_package_group,
        "ModelApprovalStatus": "PendingManualApproval",
        "InferenceSpecification": {
            "Containers": [served or container(context, trained.archive)],
            "SupportedContentTypes": ["text/csv", "application/json"],
            "SupportedResponseMIMETypes": ["application/json", "text/csv"],
            "SupportedRealtimeInferenceInstanceTypes": [context.instance_type],
            "SupportedTransformInstanceTypes": [context.instance_type],
        },
        "ModelMetrics": {
            "ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": statistics}},
        },
        "ModelCard": card,
        "CustomerMetadataProperties": _notes(context, prepared),
    }
    return step("Register", "REGISTER_MODEL", request)


def check(evaluated: Step, evaluation: Any, parameters: Parameters, then: list[Step]) -> Step:
    """Return the step that goes on with a model that is good enough, and refuses any other.

    Args:
        evaluated: the step that measured it.
        evaluation: the property file of its metrics.
        parameters: the pipeline's parameters, with the threshold.
        then: what is done with a good model.
    """
    from sagemaker.core.workflow.conditions import ConditionGreaterThanOrEqualTo, ConditionLessThanOrEqualTo
    from sagemaker.core.workflow.functions import Join, JsonGet
    from sagemaker.mlops.workflow.condition_step import ConditionStep
    from sagemaker.mlops.workflow.fail_step import FailStep

    quality, threshold = SETTINGS.quality, parameters[SETTINGS.threshold]
    path = f"{SECTIONS[quality.problem]}.{quality.metric}.value"
    value = JsonGet(step_name=evaluated.name, property_file=evaluation, json_path=path)
    compare = ConditionLessThanOrEqualTo if quality.less_is_better else ConditionGreaterThanOrEqualTo
    conditions = [compare(left=value, right=threshold)]
    side = "above" if quality.less_is_better else "below"
    words = [f"The model's {quality.metric} on the test split is {side}", threshold]
    if quality.champion_gate:
        gain = JsonGet(step_name=evaluated.name, property_file=evaluation, json_path="comparison.gain")
        conditions.append(ConditionGreaterThanOrEqualTo(left=gain, right=0.0))
        words += ["or worse than the champion's; it gains", gain]
    refuse = FailStep(name="RefuseModel", error_message=Join(on=" ", values=words))
    name = f"Check{quality.metric.title().replace('_', '')}"
    return ConditionStep(name=name, conditions=conditions, if_steps=then, else_steps=[refuse])


def create_model(context: PipelineContext, served: Request, name: str = "CreateModel") -> Step:
    """Return the step that makes a model, for a batch transform.

    Args:
        context: the resources to run with.
        served: its container.
        name: the step's name.
    """
    request: Request = {"ExecutionRoleArn": context.role_arn, "PrimaryContainer": served}
    network = {"SecurityGroupIds": list(context.security_group_ids), "Subnets": list(context.subnet_ids)}
    return step(name, "CREATE_MODEL", request | ({"VpcConfig": network} if context.subnet_ids else {}))


def transform(context: PipelineContext, made: Step, source: Any, name: str = "Transform") -> Step:
    """Return the step that asks a model about each line of the CSV files at an address.

    Args:
        context: the resources to run with.
        made: the step that made the model.
        source: the address.
        name: the step's name.
    """
    where = execution_uri(context, name.lower(), "answers")
    resources = {"InstanceType": context.instance_type, "InstanceCount": 1}
    request: Request = {
        "ModelName": made.properties.ModelName,
        "BatchStrategy": "MultiRecord",
        "TransformInput": {
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": source}},
            "ContentType": "text/csv",
            "SplitType": "Line",
        },
        "TransformOutput": {"S3OutputPath": where, "Accept": "text/csv", "AssembleWith": "Line"}
        | key(context, "KmsKeyId"),
        "TransformResources": resources | key(context, "VolumeKmsKeyId"),
    }
    return step(name, "TRANSFORM", request)


def processing(
    context: PipelineContext, module: str, arguments: list[Any], inputs: Request, outputs: dict[str, str]
) -> Request:
    """Return the request for a processing job that runs one of this package's modules.

    Args:
        context: the resources to run with.
        module: the module's name.
        arguments: its arguments.
        inputs: addresses by name; each is a folder of that name.
        outputs: folders by name.
    """
    folders = {"code": (context.source_uri, _CODE)} | {name: (uri, f"{_ROOT}/{name}") for name, uri in inputs.items()}
    cluster = {"InstanceType": context.instance_type, "InstanceCount": 1, "VolumeSizeInGB": _VOLUME_GB}
    request: Request = {
        "ProcessingResources": {"ClusterConfig": cluster | key(context, "VolumeKmsKeyId")},
        "AppSpecification": {
            "ImageUri": image(context, "training"),
            "ContainerEntrypoint": ["/bin/bash", "-c", _SCRIPT % _NEEDS.get(module, "serving analysis"), module],
            "ContainerArguments": arguments,
        },
        "RoleArn": context.role_arn,
        "ProcessingInputs": [_input(name, uri, path) for name, (uri, path) in folders.items()],
        "ProcessingOutputConfig": {
            "Outputs": [_destination(context, module, name, path) for name, path in outputs.items()],
        }
        | key(context, "KmsKeyId"),
        "StoppingCondition": {"MaxRuntimeInSeconds": _MAX_RUNTIME_SECONDS},
    }
    return request | ({"NetworkConfig": network(context)} if context.subnet_ids else {})


def training(context: PipelineContext, prepared: Step) -> Request:
    """Return the request for a training job; its hyperparameters say only which code it runs."""
    resources = {"InstanceType": context.instance_type, "InstanceCount": 1, "VolumeSizeInGB": _VOLUME_GB}
    where = {"S3OutputPath": f"s3://{context.bucket}/{context.prefix}/training"}
    request: Request = {
        "AlgorithmSpecification": {
            "TrainingImage": image(context, "training"),
            "TrainingInputMode": "File",
            "MetricDefinitions": [{"Name": name, "Regex": f"{name}=([0-9.e+-]+);"} for name in SETTINGS.logged],
        },
        "HyperParameters": {
            "sagemaker_program": json.dumps(f"{_PACKAGE}/train.py"),
            "sagemaker_submit_directory": json.dumps(context.source_uri),
        },
        "RoleArn": context.role_arn,
        "InputDataConfig": [_channel(name, output(prepared, name)) for name in SPLITS[:2]],
        "OutputDataConfig": where | key(context, "KmsKeyId"),
        "ResourceConfig": resources | key(context, "VolumeKmsKeyId"),
        "StoppingCondition": {"MaxRuntimeInSeconds": _MAX_RUNTIME_SECONDS},
    }
    if environment := tracking.environment(context):
        request["Environment"] = environment
    return request | (network(context) if context.subnet_ids else {})


def container(context: PipelineContext, archive: Any) -> Request:
    """Return the container that serves a model with the code in its archive."""
    return {
        "Image": image(context, "inference"),
        "ModelDataUrl": archive,
        "Environment": {
            "SAGEMAKER_PROGRAM": "inference.py",
            "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
        },
    }


def output(of: Step, name: str) -> Any:
    """Return the address of a processing step's output."""
    return of.properties.ProcessingOutputConfig.Outputs[name].S3Output.S3Uri


def execution_uri(context: PipelineContext, module: str, name: str) -> Any:
    """Return an address that no other execution writes to."""
    from sagemaker.core.workflow.execution_variables import ExecutionVariables
    from sagemaker.core.workflow.functions import Join

    root = f"s3://{context.bucket}/{context.prefix}/executions"
    return Join(on="/", values=[root, ExecutionVariables.PIPELINE_EXECUTION_ID, module, name])


def network(context: PipelineContext) -> Request:
    """Return the network of a job."""
    return {"VpcConfig": {"SecurityGroupIds": list(context.security_group_ids), "Subnets": list(context.subnet_ids)}}


def key(context: PipelineContext, field: str) -> Request:
    """Return the key that encrypts, as the field of a request; nothing where there is none."""
    return {field: context.kms_key_arn} if context.kms_key_arn else {}


def _notes(context: PipelineContext, prepared: Step) -> Request:
    """Return what is noted with a registered model: where it comes from, for its record and its monitors."""
    notes = {"source": context.source_uri, "data_version": data_version(), "training_data": output(prepared, "train")}
    return notes | ({"commit": context.commit} if context.commit else {})


def _input(name: str, uri: Any, path: str) -> Request:
    source = {"S3Uri": uri, "LocalPath": path, "S3DataType": "S3Prefix", "S3InputMode": "File"}
    return {"InputName": name, "S3Input": source | {"S3DataDistributionType": "FullyReplicated"}}


def _channel(name: str, uri: Any) -> Request:
    source = {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "FullyReplicated"}
    return {"ChannelName": name, "ContentType": "text/csv", "DataSource": {"S3DataSource": source}}


def _destination(context: PipelineContext, module: str, name: str, path: str) -> Request:
    uri = execution_uri(context, module, name)
    return {"OutputName": name, "S3Output": {"S3Uri": uri, "LocalPath": path, "S3UploadMode": "EndOfJob"}}

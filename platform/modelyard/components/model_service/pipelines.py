"""Pipelines of our own, as pure documents: batch predictions and monitors.

Their schema is SageMaker's "Pipeline definition JSON schema", 2020-12-01.
"""

import json
from dataclasses import dataclass
from typing import Any

from modelyard.components.model_service.settings import ModelServiceSettings, MonitorSettings

_INPUT, _OUTPUT = "/opt/ml/processing/input", "/opt/ml/processing/output"
GROUND_TRUTH = "ground-truth"
"""Where people write what was true, below the model's prefix."""
NEEDS_TRUTH = ("model_quality", "bias")
_MAX_RUNTIME_SECONDS = 3600
_VOLUME_GB = 10
_RUN = {"Get": "Execution.PipelineExecutionId"}
# The archive is unpacked into a package, which runs by its name; what it is told lies beside its baseline. An argument
# of a processing job's entry point has at most 256 characters.
_SCRIPT = (
    f"I={_INPUT}; mkdir -p $I/baseline && cp $I/settings/monitor.json $I/baseline/ && "
    'cd "$(mktemp -d)" && mkdir monitors && tar -xzf $I/code/sourcedir.tar.gz -C monitors && '
    'exec python3 -m monitors "$@"'
)

Document = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class BatchPlaces:
    """What a batch run works with, all of it known values.

    Args:
        model: the SageMaker model.
        bucket: the artifact bucket.
        prefix: what the model's keys start with.
        kms_key_arn: the key that encrypts outputs and volumes.
    """

    model: str
    bucket: str
    prefix: str
    kms_key_arn: str


def batch(settings: ModelServiceSettings, places: BatchPlaces) -> str:
    """Write the pipeline that predicts whole files.

    Its parameters are `input` and `output`, prefixes of S3, and `content_type`; each run writes below its own
    identifier.
    """
    chosen, root = settings.serving.batch, f"s3://{places.bucket}/{places.prefix}/batch"
    source = {"S3DataType": "S3Prefix", "S3Uri": _parameter("input")}
    arguments: Document = {
        "ModelName": places.model,
        "MaxPayloadInMB": chosen.max_payload_mb,
        "BatchStrategy": "SingleRecord" if chosen.split_type == "None" else "MultiRecord",
        "TransformInput": {
            "ContentType": _parameter("content_type"),
            "DataSource": {"S3DataSource": source},
            "SplitType": chosen.split_type,
        },
        "TransformOutput": {
            "S3OutputPath": _joined(_parameter("output"), _RUN),
            "AssembleWith": chosen.split_type,
            "KmsKeyId": places.kms_key_arn,
            "Accept": _parameter("content_type"),
        },
        "TransformResources": {
            "InstanceCount": settings.initial_instance_count,
            "InstanceType": settings.instance_type,
            "VolumeKmsKeyId": places.kms_key_arn,
        },
    }
    defaults = {"input": f"{root}/input", "output": f"{root}/output", "content_type": "text/csv"}
    return _document(defaults, [{"Name": "Transform", "Type": "Transform", "Arguments": arguments}])


@dataclass(frozen=True, kw_only=True)
class MonitorPlaces:
    """What a monitor works with, all of it known values.

    Args:
        endpoint: the endpoint's name.
        variant: its variant's.
        schedule: the monitor's own name.
        code_uri: the archive of the monitors' code.
        settings_uri: the `monitor.json` that says which columns are what.
        image: the image that it runs in.
        role_arn: its role.
        training_data_uri: what the model was trained on, a prefix of S3.
        bucket: the artifact bucket.
        capture_bucket: the bucket of captured requests and answers.
        prefix: what the model's keys start with, in both buckets.
        kms_key_arn: the key that encrypts outputs and volumes.
        subnet_ids: the subnets that it runs in.
        security_group_ids: its security groups.
    """

    endpoint: str
    variant: str
    schedule: str
    code_uri: str
    settings_uri: str
    image: str
    role_arn: str
    training_data_uri: str
    bucket: str
    capture_bucket: str
    prefix: str
    kms_key_arn: str
    subnet_ids: tuple[str, ...]
    security_group_ids: tuple[str, ...]


def monitor(settings: ModelServiceSettings, chosen: MonitorSettings, places: MonitorPlaces) -> str:
    """Write the pipeline of one monitor: its baseline, made once of the training data, and the comparison with it."""
    shared = ["--kind", chosen.kind, "--endpoint", places.endpoint, "--schedule", places.schedule]
    shared += ["--baseline", f"{_INPUT}/baseline", "--output", _OUTPUT]
    baseline = _job(
        settings,
        places,
        "Baseline",
        [*shared, "--baseline-data", f"{_INPUT}/training"],
        {"training": places.training_data_uri},
    )
    made = {"Get": "Steps.Baseline.ProcessingOutputConfig.Outputs['report'].S3Output.S3Uri"}
    captured = f"s3://{places.capture_bucket}/{places.prefix}/{places.endpoint}/{places.variant}"
    inputs: Document = {"captured": captured, "baseline": made}
    arguments = [*shared, "--captured", f"{_INPUT}/captured"]
    if chosen.kind in NEEDS_TRUTH:
        inputs["ground-truth"] = f"s3://{places.bucket}/{places.prefix}/{GROUND_TRUTH}"
        arguments += ["--ground-truth", f"{_INPUT}/ground-truth"]
    compare = _job(settings, places, "Compare", arguments, inputs)
    kept = {"CacheConfig": {"Enabled": True, "ExpireAfter": "P30D"}}
    return _document({}, [{**baseline, **kept}, compare])


def _job(
    settings: ModelServiceSettings, places: MonitorPlaces, name: str, arguments: list[str], inputs: Document
) -> Document:
    root = f"s3://{places.bucket}/{places.prefix}/monitors/{places.schedule}"
    written = {"S3Uri": _joined(root, _RUN, name.lower()), "LocalPath": _OUTPUT, "S3UploadMode": "EndOfJob"}
    cluster = {"InstanceType": settings.instance_type, "InstanceCount": 1, "VolumeSizeInGB": _VOLUME_GB}
    fixed = {"code": places.code_uri, "settings": places.settings_uri, **inputs}
    network = {"SecurityGroupIds": list(places.security_group_ids), "Subnets": list(places.subnet_ids)}
    request: Document = {
        "ProcessingResources": {"ClusterConfig": {**cluster, "VolumeKmsKeyId": places.kms_key_arn}},
        "AppSpecification": {
            "ImageUri": places.image,
            "ContainerEntrypoint": ["/bin/bash", "-c", _SCRIPT, "monitors"],
            "ContainerArguments": arguments,
        },
        "RoleArn": places.role_arn,
        "ProcessingInputs": [_input(it, uri) for it, uri in fixed.items()],
        "ProcessingOutputConfig": {
            "Outputs": [{"OutputName": "report", "S3Output": written}],
            "KmsKeyId": places.kms_key_arn,
        },
        "NetworkConfig": {"VpcConfig": network},
        "StoppingCondition": {"MaxRuntimeInSeconds": _MAX_RUNTIME_SECONDS},
    }
    return {"Name": name, "Type": "Processing", "Arguments": request}


def _input(name: str, uri: Any) -> Document:
    source = {"S3Uri": uri, "LocalPath": f"{_INPUT}/{name}", "S3DataType": "S3Prefix", "S3InputMode": "File"}
    return {"InputName": name, "S3Input": {**source, "S3DataDistributionType": "FullyReplicated"}}


def _parameter(name: str) -> Document:
    return {"Get": f"Parameters.{name}"}


def _joined(*values: Any) -> Document:
    return {"Std:Join": {"On": "/", "Values": list(values)}}


def _document(parameters: dict[str, str], steps: list[Document]) -> str:
    declared = [{"Name": name, "Type": "String", "DefaultValue": value} for name, value in parameters.items()]
    return json.dumps({"Version": "2020-12-01", "Metadata": {}, "Parameters": declared, "Steps": steps})

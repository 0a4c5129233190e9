"""SageMaker's types through their whole life."""

import base64
import io
import json
import tarfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import grpc
import pytest
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from modelyard.localcloud.provider.errors import PartialCreate
from modelyard.wire import Props, from_struct, to_struct

ACCOUNT = "123456789012"
PIPELINE = {"Version": "2020-12-01", "Parameters": [], "Steps": [{"Name": "Stop", "Type": "Fail", "Arguments": {}}]}
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/execution"


def plain(**inputs: Any) -> Callable[[Any], Props]:
    """Return inputs that need nothing else."""
    return lambda world: dict(inputs)


def _domain(world: Any) -> Props:
    vpc_id = world.vpc()
    return {
        "domainName": "workspace",
        "authMode": "IAM",
        "vpcId": vpc_id,
        "subnetIds": [world.subnet(vpc_id)],
        "appNetworkAccessType": "VpcOnly",
        "kmsKeyId": world.key(),
        "defaultUserSettings": {"executionRole": ROLE_ARN, "securityGroups": ["sg-1"]},
        "retentionPolicy": {"homeEfsFileSystem": "Delete"},
        "tags": {"a": "1"},
    }


def model_data(world: Any) -> str:
    """Put a model that answers `[1]` to everything, and return where it is."""
    code = "import json\n\n\ndef model_fn(model_dir):\n    return 1\n\n\n"
    code += "def transform_fn(model, body, content_type, accept):\n    return json.dumps([model]), 'application/json'\n"
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode="w:gz") as archive:
        info = tarfile.TarInfo("code/inference.py")
        info.size = len(code)
        archive.addfile(info, io.BytesIO(code.encode()))
    content = {"contentBase64": base64.b64encode(body.getvalue()).decode()}
    name = world.bucket()
    world.make("aws:s3/bucketObjectv2:BucketObjectv2", {"bucket": name, "key": "model.tar.gz", **content})
    return f"s3://{name}/model.tar.gz"


def _model(world: Any) -> Props:
    return {
        "executionRoleArn": ROLE_ARN,
        "primaryContainer": {
            "image": f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/sklearn:1",
            "modelDataUrl": model_data(world),
            "environment": {"A_B": "c"},
        },
        "vpcConfig": {"securityGroupIds": ["sg-1"], "subnets": ["subnet-1"]},
        "tags": {"a": "1"},
    }


def variants(model: str) -> list[Props]:
    return [
        {
            "variantName": "main",
            "modelName": model,
            "initialInstanceCount": 1,
            "instanceType": "ml.m5.large",
            "initialVariantWeight": 1,
        }
    ]


def _endpoint_config(world: Any) -> Props:
    return {
        "productionVariants": variants(world.make("aws:sagemaker/model:Model", _model(world))[0]),
        "kmsKeyArn": f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1",
        "dataCaptureConfig": {
            "enableCapture": True,
            "initialSamplingPercentage": 50,
            "destinationS3Uri": "s3://captured/here",
            "captureOptions": [{"captureMode": "Input"}, {"captureMode": "Output"}],
        },
        "tags": {"a": "1"},
    }


def _endpoint(world: Any) -> Props:
    token = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
    model = world.make("aws:sagemaker/model:Model", _model(world))[0]
    world.make(token, {"name": "second", "productionVariants": variants(model)})
    return {"endpointConfigName": world.make(token, {"productionVariants": variants(model)})[0], "tags": {"a": "1"}}


def _features(*names: str) -> list[Props]:
    return [{"featureName": name, "featureType": "String"} for name in names]


LOCAL_CASES = [
    (
        "aws:sagemaker/modelPackageGroup:ModelPackageGroup",
        plain(modelPackageGroupName="churn", modelPackageGroupDescription="of a test", tags={"a": "1"}),
        {},
        {"modelPackageGroupDescription": "changed"},
    ),
    (
        "aws:sagemaker/featureGroup:FeatureGroup",
        plain(
            featureGroupName="customers",
            recordIdentifierFeatureName="customer",
            eventTimeFeatureName="time",
            featureDefinitions=_features("customer", "time"),
            roleArn=ROLE_ARN,
            description="of a test",
            onlineStoreConfig={"enableOnlineStore": True, "ttlDuration": {"unit": "Days", "value": 30}},
            offlineStoreConfig={"s3StorageConfig": {"s3Uri": "s3://features/here"}, "disableGlueTableCreation": True},
            tags={"a": "1"},
        ),
        {
            "featureDefinitions": _features("customer", "time", "age"),
            "onlineStoreConfig": {"enableOnlineStore": True, "ttlDuration": {"unit": "Days", "value": 7}},
        },
        {"featureDefinitions": _features("customer", "when")},
    ),
    (
        "aws:sagemaker/domain:Domain",
        _domain,
        {"defaultUserSettings": {"executionRole": f"{ROLE_ARN}-2", "securityGroups": ["sg-2"]}},
        {"authMode": "SSO"},
    ),
    (
        "aws:sagemaker/pipeline:Pipeline",
        plain(
            pipelineName="training",
            pipelineDisplayName="training",
            pipelineDescription="of a test",
            pipelineDefinition=json.dumps(PIPELINE),
            roleArn=ROLE_ARN,
            tags={"a": "1"},
        ),
        {"pipelineDescription": "changed", "pipelineDefinition": json.dumps({**PIPELINE, "Metadata": {"a": 1}})},
        {"pipelineName": "another"},
    ),
    ("aws:sagemaker/model:Model", _model, {"tags": {"a": "2"}}, {"executionRoleArn": f"{ROLE_ARN}-2"}),
    (
        "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
        _endpoint_config,
        {"tags": {"a": "2"}},
        {"productionVariants": variants("another")},
    ),
    ("aws:sagemaker/endpoint:Endpoint", _endpoint, {"endpointConfigName": "second"}, {"name": "another"}),
]


@pytest.mark.parametrize("case", LOCAL_CASES, ids=lambda case: case[0].rpartition(":")[2])
def test_local_life(case: tuple[Any, ...], local_life: Any):
    local_life(*case)


MODEL = "aws:sagemaker/model:Model"
CONFIG = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
ENDPOINT = "aws:sagemaker/endpoint:Endpoint"


def _broken_endpoint(world: Any) -> Props:
    """Make what an endpoint that can't start needs: its model data is no archive."""
    bucket = world.bucket()
    world.make(
        "aws:s3/bucketObjectv2:BucketObjectv2", {"bucket": bucket, "key": "model.tar.gz", "content": "no archive"}
    )
    container = {"image": "sklearn:1", "modelDataUrl": f"s3://{bucket}/model.tar.gz"}
    model = world.make(MODEL, {"executionRoleArn": ROLE_ARN, "primaryContainer": container})[0]
    config = world.make(CONFIG, {"productionVariants": variants(model)})[0]
    checked: Props = world.checked(ENDPOINT, {"name": "broken", "endpointConfigName": config})
    return checked


def test_an_endpoint_that_fails_is_kept_with_its_reason(local_world: Any):
    inputs = _broken_endpoint(local_world)
    with pytest.raises(PartialCreate) as failure:
        local_world.create(ENDPOINT, inputs)
    local_world.made.append((ENDPOINT, "broken", failure.value.properties))
    assert failure.value.id == "broken"
    assert failure.value.properties["endpointConfigName"] == inputs["endpointConfigName"]
    start = "creating aws:sagemaker/endpoint:Endpoint (broken): endpoint broken is Failed: "
    assert [reason[: len(start)] for reason in failure.value.reasons] == [start]


def test_over_grpc_a_failed_endpoint_travels_in_the_status(local_world: Any):
    inputs = _broken_endpoint(local_world)
    server = grpc.server(ThreadPoolExecutor(max_workers=1))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(local_world.provider, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub = provider_pb2_grpc.ResourceProviderStub(channel)
            urn = f"urn:pulumi:s::p::{ENDPOINT}::broken"
            with pytest.raises(grpc.RpcError) as failure:
                stub.Create(provider_pb2.CreateRequest(urn=urn, properties=to_struct(inputs)))
    finally:
        server.stop(None).wait()
    status = status_pb2.Status.FromString(dict(failure.value.trailing_metadata())["grpc-status-details-bin"])
    failed = provider_pb2.ErrorResourceInitFailed()
    assert status.details[0].Unpack(failed)
    local_world.made.append((ENDPOINT, failed.id, from_struct(failed.properties)))
    assert (failed.id, list(failed.reasons)) == ("broken", [failure.value.details()])
    assert from_struct(failed.properties)["name"] == "broken"


def test_a_model_package_group_goes_with_its_packages(local_world: Any, cloud_url: str):
    token = "aws:sagemaker/modelPackageGroup:ModelPackageGroup"
    resource_id, state = local_world.make(token, {"modelPackageGroupName": "full"})
    client: Any = boto3.client(
        "sagemaker", endpoint_url=cloud_url, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    client.create_model_package(ModelPackageGroupName="full", ModelPackageDescription="first")
    local_world.delete(token, resource_id, state)
    assert local_world.list(token) == set()
    assert client.list_model_packages(ModelPackageGroupName="full")["ModelPackageSummaryList"] == []

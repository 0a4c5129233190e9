"""Operations that nobody implements are named at once, in the shape of their protocol."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import Cloud


@pytest.mark.parametrize(
    ("service", "operation", "arguments", "name"),
    [
        ("sagemaker", "create_hub", {"HubName": "h", "HubDescription": "d"}, "sagemaker CreateHub"),
        (
            "iam",
            "generate_service_last_accessed_details",
            {"Arn": "a" * 30},
            "iam GenerateServiceLastAccessedDetails",
        ),
        ("ec2", "create_fpga_image", {"InputStorageLocation": {}}, "ec2 CreateFpgaImage"),
        ("eks", "create_addon", {"clusterName": "c", "addonName": "a"}, "eks CreateAddon"),
        ("grafana", "list_workspaces", {}, "grafana ListWorkspaces"),
    ],
)
def test_a_missing_operation_is_named_at_once(
    cloud: Cloud, service: str, operation: str, arguments: dict[str, Any], name: str
) -> None:
    client = cloud.client(service)
    with pytest.raises(ClientError) as refused:
        getattr(client, operation)(**arguments)
    response = refused.value.response
    assert response["Error"]["Code"] == "NotImplemented"
    assert response["Error"]["Message"] == f"The local cloud has no {name}."
    assert (response["ResponseMetadata"]["HTTPStatusCode"], response["ResponseMetadata"]["RetryAttempts"]) == (501, 0)


def test_not_found_is_still_not_found(cloud: Cloud) -> None:
    with pytest.raises(ClientError) as missing:
        cloud.client("s3").head_object(Bucket="none-of-ours", Key="x")
    assert missing.value.response["Error"]["Code"] == "404"
    with pytest.raises(ClientError) as missing:
        cloud.client("eks").describe_cluster(name="none")
    assert missing.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_requests_follow_each_other_on_one_connection(cloud: Cloud) -> None:
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="many")
    bodies = {f"k{number}": bytes([number]) * number * 1000 for number in range(20)}
    for key, body in bodies.items():
        s3.put_object(Bucket="many", Key=key, Body=body)
        s3.head_object(Bucket="many", Key=key)
    assert {key: s3.get_object(Bucket="many", Key=key)["Body"].read() for key in bodies} == bodies

"""Endpoints with a real model server behind them."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import ROLE, Cloud, archive, until

CODE = """
import json, os

def model_fn(model_dir):
    with open(os.path.join(model_dir, "factor.txt")) as file:
        return float(file.read())

def input_fn(body, content_type):
    return json.loads(body)

def predict_fn(data, model):
    return [model / value for value in data]

def output_fn(prediction, accept):
    return json.dumps({"values": prediction, "accept": accept})
"""


def model(cloud: Cloud, name: str, factor: str, code: str = CODE) -> None:
    data = cloud.put(f"{name}/model.tar.gz", archive({"factor.txt": factor, "code/inference.py": code}))
    sagemaker = cloud.client("sagemaker")
    sagemaker.create_model(
        ModelName=name, PrimaryContainer={"Image": "sklearn", "ModelDataUrl": data}, ExecutionRoleArn=ROLE
    )
    config(cloud, name, {name: 1.0})


def config(cloud: Cloud, name: str, weights: dict[str, float]) -> None:
    variants = [
        {
            "VariantName": model_name,
            "ModelName": model_name,
            "InitialInstanceCount": 1,
            "InstanceType": "ml.m5.large",
            "InitialVariantWeight": weight,
        }
        for model_name, weight in weights.items()
    ]
    cloud.client("sagemaker").create_endpoint_config(EndpointConfigName=name, ProductionVariants=variants)


def settled(cloud: Cloud, name: str) -> dict[str, Any]:
    sagemaker = cloud.client("sagemaker")
    return until(
        lambda: sagemaker.describe_endpoint(EndpointName=name),
        lambda endpoint: endpoint["EndpointStatus"] not in ("Creating", "Updating"),
    )


def invoke(cloud: Cloud, name: str, values: list[float], **options: Any) -> dict[str, Any]:
    answer = cloud.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=name, Body=json.dumps(values), ContentType="application/json", **options
    )
    return {"variant": answer["InvokedProductionVariant"], **json.loads(answer["Body"].read())}


def test_endpoint_lifecycle(cloud: Cloud) -> None:
    sagemaker = cloud.client("sagemaker")
    model(cloud, "one", "1")
    created = sagemaker.create_endpoint(
        EndpointName="life", EndpointConfigName="one", Tags=[{"Key": "team", "Value": "a"}]
    )
    assert sagemaker.describe_endpoint(EndpointName="life")["EndpointStatus"] == "Creating"
    endpoint = settled(cloud, "life")
    assert (endpoint["EndpointStatus"], endpoint.get("FailureReason")) == ("InService", None)
    assert endpoint["ProductionVariants"] == [
        {
            "VariantName": "one",
            "CurrentWeight": 1.0,
            "DesiredWeight": 1.0,
            "CurrentInstanceCount": 1,
            "DesiredInstanceCount": 1,
        }
    ]
    assert invoke(cloud, "life", [2, 4]) == {"variant": "one", "values": [0.5, 0.25], "accept": "application/json"}
    assert sagemaker.list_tags(ResourceArn=created["EndpointArn"])["Tags"] == [{"Key": "team", "Value": "a"}]

    model(cloud, "eight", "8")
    sagemaker.update_endpoint(EndpointName="life", EndpointConfigName="eight")
    assert invoke(cloud, "life", [1])["values"] in ([1.0], [8.0])
    assert settled(cloud, "life")["EndpointConfigName"] == "eight"
    assert invoke(cloud, "life", [1])["values"] == [8.0]

    sagemaker.delete_endpoint(EndpointName="life")
    with pytest.raises(ClientError) as gone:
        sagemaker.describe_endpoint(EndpointName="life")
    assert gone.value.response["Error"] == {
        "Code": "ValidationException",
        "Message": 'Could not find endpoint "arn:aws:sagemaker:us-east-1:123456789012:endpoint/life".',
    }
    with pytest.raises(ClientError) as gone:
        invoke(cloud, "life", [1])
    assert gone.value.response["Error"] == {
        "Code": "ValidationError",
        "Message": "Endpoint life of account 123456789012 not found.",
    }


def test_model_errors_reach_the_caller_and_the_log(cloud: Cloud) -> None:
    model(cloud, "divides", "1")
    cloud.client("sagemaker").create_endpoint(EndpointName="divides", EndpointConfigName="divides")
    settled(cloud, "divides")
    with pytest.raises(ClientError) as failed:
        invoke(cloud, "divides", [0])
    response = failed.value.response
    assert (response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]) == ("ModelError", 424)
    assert (response["OriginalStatusCode"], response["OriginalMessage"]) == (
        500,
        "ZeroDivisionError: float division by zero",
    )
    lines = until(
        lambda: cloud.log("/aws/sagemaker/Endpoints/divides", "divides/"),
        lambda found: "ZeroDivisionError: float division by zero" in found,
    )
    assert "Traceback (most recent call last):" in lines

    def counted() -> dict[str, float]:
        cloudwatch = cloud.client("cloudwatch")
        metrics = cloudwatch.list_metrics(
            Namespace="AWS/SageMaker", Dimensions=[{"Name": "EndpointName", "Value": "divides"}]
        )["Metrics"]
        return {item["MetricName"]: item["Dimensions"][1]["Value"] for item in metrics}

    found = until(counted, lambda names: len(names) == 4)
    assert found == dict.fromkeys(
        ("Invocations", "ModelLatency", "Invocation4XXErrors", "Invocation5XXErrors"), "divides"
    )
    cloud.client("sagemaker").delete_endpoint(EndpointName="divides")


def test_a_model_that_does_not_load_fails_its_endpoint(cloud: Cloud) -> None:
    model(cloud, "broken", "1", "raise RuntimeError('no')")
    sagemaker = cloud.client("sagemaker")
    sagemaker.create_endpoint(EndpointName="broken", EndpointConfigName="broken")
    endpoint = settled(cloud, "broken")
    assert (endpoint["EndpointStatus"], endpoint["FailureReason"]) == (
        "Failed",
        "The primary container for production variant broken did not pass the ping health check. "
        "Please check CloudWatch logs for this endpoint.",
    )
    assert "RuntimeError: no" in cloud.log("/aws/sagemaker/Endpoints/broken", "broken/")


def test_a_failed_update_leaves_the_old_model_serving(cloud: Cloud) -> None:
    sagemaker = cloud.client("sagemaker")
    model(cloud, "steady", "3")
    model(cloud, "faulty", "1", "raise RuntimeError('no')")
    sagemaker.create_endpoint(EndpointName="steady", EndpointConfigName="steady")
    settled(cloud, "steady")
    sagemaker.update_endpoint(EndpointName="steady", EndpointConfigName="faulty")
    endpoint = settled(cloud, "steady")
    assert (endpoint["EndpointStatus"], endpoint["EndpointConfigName"]) == ("InService", "steady")
    assert endpoint["FailureReason"].startswith("The primary container for production variant faulty")
    assert invoke(cloud, "steady", [1])["values"] == [3.0]
    sagemaker.delete_endpoint(EndpointName="steady")


def test_variants_share_traffic_by_weight(cloud: Cloud) -> None:
    model(cloud, "left", "1")
    model(cloud, "right", "2")
    config(cloud, "both", {"left": 1.0, "right": 0.0})
    cloud.client("sagemaker").create_endpoint(EndpointName="both", EndpointConfigName="both")
    settled(cloud, "both")
    assert {invoke(cloud, "both", [1])["variant"] for _ in range(10)} == {"left"}
    assert invoke(cloud, "both", [1], TargetVariant="right") == {
        "variant": "right",
        "values": [2.0],
        "accept": "application/json",
    }
    cloud.client("sagemaker").delete_endpoint(EndpointName="both")


def test_an_endpoint_serves_a_model_package(cloud: Cloud) -> None:
    sagemaker = cloud.client("sagemaker")
    data = cloud.put("package/model.tar.gz", archive({"factor.txt": "6", "code/serve.py": CODE}))
    sagemaker.create_model_package_group(ModelPackageGroupName="served")
    arn = sagemaker.create_model_package(
        ModelPackageGroupName="served",
        InferenceSpecification={
            "Containers": [
                {"Image": "sklearn", "ModelDataUrl": data, "Environment": {"SAGEMAKER_PROGRAM": "serve.py"}}
            ],
            "SupportedContentTypes": ["application/json"],
            "SupportedResponseMIMETypes": ["application/json"],
        },
    )["ModelPackageArn"]
    sagemaker.create_model(
        ModelName="packaged",
        Containers=[{"ModelPackageName": arn}],
        ExecutionRoleArn=ROLE,
        EnableNetworkIsolation=True,
    )
    assert sagemaker.describe_model(ModelName="packaged")["EnableNetworkIsolation"] is True
    config(cloud, "packaged", {"packaged": 1.0})
    sagemaker.create_endpoint(EndpointName="packaged", EndpointConfigName="packaged")
    assert settled(cloud, "packaged")["EndpointStatus"] == "InService"
    assert invoke(cloud, "packaged", [2])["values"] == [3.0]
    sagemaker.delete_endpoint(EndpointName="packaged")

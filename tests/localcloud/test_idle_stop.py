"""The stop for idle endpoints at work: with boto3 on the local cloud, and as the function that it is on AWS."""

import io
import json
import time
import zipfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from modelyard.components.cost import idle_endpoints, policy

from .conftest import Cloud, until
from .test_endpoints import invoke, model, settled

pytestmark = pytest.mark.slow

OURS = {"modelyard:platform": "dev", "modelyard:protect": "false"}
TAGS = {
    "idle": OURS,
    "asked": OURS,
    "kept": {**OURS, "modelyard:protect": "true"},
    "elsewhere": {**OURS, "modelyard:platform": "prod"},
}


@pytest.fixture
def endpoints(cloud: Cloud) -> Any:
    sagemaker = cloud.client("sagemaker")
    model(cloud, "one", "1")
    for name, tags in TAGS.items():
        pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
        sagemaker.create_endpoint(EndpointName=name, EndpointConfigName="one", Tags=pairs)
    for name in TAGS:
        assert settled(cloud, name)["EndpointStatus"] == "InService"
    yield sagemaker
    for name in names(sagemaker):
        sagemaker.delete_endpoint(EndpointName=name)
    sagemaker.delete_endpoint_config(EndpointConfigName="one")
    sagemaker.delete_model(ModelName="one")


def names(sagemaker: Any) -> set[str]:
    return {item["EndpointName"] for item in sagemaker.list_endpoints()["Endpoints"]} & TAGS.keys()


def invocations(cloudwatch: Any, name: str, since: datetime) -> float:
    """Sum what has arrived: endpoints send their metrics now and then."""
    found = cloudwatch.get_metric_statistics(
        Namespace="AWS/SageMaker",
        MetricName="Invocations",
        Dimensions=[{"Name": "EndpointName", "Value": name}, {"Name": "VariantName", "Value": "one"}],
        StartTime=since,
        EndTime=since + timedelta(hours=1),
        Period=3600,
        Statistics=["Sum"],
    )
    return float(sum(point["Sum"] for point in found["Datapoints"]))


def test_only_what_nobody_asks_goes(cloud: Cloud, endpoints: Any):
    newest = max(endpoints.describe_endpoint(EndpointName=name)["LastModifiedTime"] for name in TAGS)
    time.sleep(2)
    invoke(cloud, "asked", [1.0])
    cloudwatch = cloud.client("cloudwatch")
    until(lambda: invocations(cloudwatch, "asked", newest), lambda count: count == 1)
    an_hour_on = newest + timedelta(hours=1, seconds=1)
    assert idle_endpoints.stop(endpoints, cloudwatch, "dev", 1, newest) == []
    assert idle_endpoints.stop(endpoints, cloudwatch, "dev", 1, an_hour_on) == ["idle"]
    assert names(endpoints) == {"asked", "kept", "elsewhere"}


def test_the_function_does_the_same(cloud: Cloud, endpoints: Any):
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("idle_endpoints.py", Path(idle_endpoints.__file__).read_bytes())
    lambda_, iam = cloud.client("lambda"), cloud.client("iam")
    trust = json.dumps(policy.trust("123456789012"))
    role = iam.create_role(RoleName="stopper", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    lambda_.create_function(
        FunctionName="stop",
        Runtime="python3.13",
        Role=role,
        Handler=idle_endpoints.HANDLER,
        Timeout=60,
        Code={"ZipFile": code.getvalue()},
        Environment={"Variables": {"PLATFORM": "dev", "IDLE_HOURS": "0.0005"}},
    )
    time.sleep(2)  # longer than IDLE_HOURS
    try:
        answer = lambda_.invoke(FunctionName="stop")
        said = json.loads(answer["Payload"].read())
        assert (sorted(said["deleted"]), answer.get("FunctionError")) == (["asked", "idle"], None)
        assert names(endpoints) == {"kept", "elsewhere"}
        assert any("deleted the endpoint idle" in line for line in cloud.log("/aws/lambda/stop"))
    finally:
        lambda_.delete_function(FunctionName="stop")
        iam.delete_role(RoleName="stopper")

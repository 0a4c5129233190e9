"""The function that moves an endpoint after an approval, with a SageMaker made of dictionaries."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from modelyard.components.model_service import deploy_function as function

ARN = "arn:aws:sagemaker:us-east-1:1:model-package/churn-dev-models/{}"
TAGS = [{"Key": "modelyard:project", "Value": "churn"}, {"Key": "aws:x", "Value": "y"}]
ROLLOUT = {"RollingUpdatePolicy": {"MaximumBatchSize": {"Type": "CAPACITY_PERCENT", "Value": 25}}}


class SageMaker:
    """As much of SageMaker as the function asks for."""

    class exceptions:  # noqa: N801 - boto3's name
        """The errors that a client names."""

        ClientError = ClientError

    def __init__(self, approved: list[int], status: str = "InService") -> None:
        self.approved = approved
        variant = {"VariantName": "main", "ModelName": "churn-dev-model-v3", "InstanceType": "ml.m5.large"}
        self.configs: dict[str, Any] = {
            "churn-dev-config-v3": {
                "EndpointConfigName": "churn-dev-config-v3",
                "EndpointConfigArn": "arn:config",
                "ProductionVariants": [variant],
                "KmsKeyId": "key",
            }
        }
        self.models: dict[str, Any] = {
            "churn-dev-model-v3": {
                "ExecutionRoleArn": "role",
                "VpcConfig": {"Subnets": ["s"]},
                "Containers": [{"ModelPackageName": ARN.format(3)}],
            }
        }
        self.endpoints: dict[str, Any] = {
            "churn-dev-endpoint": {"EndpointStatus": status, "EndpointConfigName": "churn-dev-config-v3"}
        }
        self.updates: list[dict[str, Any]] = []

    def list_model_packages(self, **wanted: Any) -> Any:
        assert (wanted["ModelApprovalStatus"], wanted["SortOrder"]) == ("Approved", "Descending")
        found = [{"ModelPackageArn": ARN.format(it), "ModelPackageVersion": it} for it in self.approved]
        return {"ModelPackageSummaryList": found[:1]}

    def describe_endpoint(self, EndpointName: str) -> Any:  # noqa: N803
        return self._found(self.endpoints, EndpointName, "endpoint")

    def describe_endpoint_config(self, EndpointConfigName: str) -> Any:  # noqa: N803
        return self._found(self.configs, EndpointConfigName, "endpoint configuration")

    def describe_model(self, ModelName: str) -> Any:  # noqa: N803
        return self._found(self.models, ModelName, "model")

    def list_tags(self, ResourceArn: str) -> Any:  # noqa: N803
        return {"Tags": TAGS}

    def create_model(self, ModelName: str, **more: Any) -> None:  # noqa: N803
        self.models[ModelName] = more

    def create_endpoint_config(self, EndpointConfigName: str, **more: Any) -> None:  # noqa: N803
        self.configs[EndpointConfigName] = more

    def update_endpoint(self, **more: Any) -> None:
        self.updates.append(more)

    def delete_endpoint_config(self, EndpointConfigName: str) -> None:  # noqa: N803
        del self.configs[EndpointConfigName]

    def delete_model(self, ModelName: str) -> None:  # noqa: N803
        del self.models[ModelName]

    def get_paginator(self, operation: str) -> "SageMaker":
        assert operation == "list_endpoint_configs"
        return self

    def paginate(self, NameContains: str) -> Any:  # noqa: N803
        return [{"EndpointConfigs": [{"EndpointConfigName": it} for it in self.configs if NameContains in it]}]

    @staticmethod
    def _found(held: dict[str, Any], name: str, what: str) -> Any:
        if name not in held:
            said = {"Error": {"Code": "ValidationException", "Message": f'Could not find {what} "{name}".'}}
            raise ClientError(said, "Describe")
        return held[name]


def move(client: SageMaker) -> str:
    return function.move(client, "churn-dev-models", "churn-dev-endpoint", "churn-dev-auto")


def test_the_newest_approved_model_is_put_in_the_place_of_the_one_in_service(monkeypatch):
    monkeypatch.setenv("DEPLOYMENT", json.dumps(ROLLOUT))
    client = SageMaker([4, 3])
    assert move(client) == f"churn-dev-endpoint moves to {ARN.format(4)}"
    (made,) = set(client.models) - {"churn-dev-model-v3"}
    assert made.startswith("churn-dev-auto-v4-")
    tags = [TAGS[0], {"Key": "modelyard:made-by", "Value": "deploy-function"}]
    assert client.models[made] == {
        "ExecutionRoleArn": "role",
        "VpcConfig": {"Subnets": ["s"]},
        "Containers": [{"ModelPackageName": ARN.format(4)}],
        "Tags": tags,
    }
    assert client.configs[made] == {
        "ProductionVariants": [{"VariantName": "main", "ModelName": made, "InstanceType": "ml.m5.large"}],
        "KmsKeyId": "key",
        "Tags": tags,
    }
    assert client.updates == [
        {"EndpointName": "churn-dev-endpoint", "EndpointConfigName": made, "DeploymentConfig": ROLLOUT}
    ]


def test_a_second_try_makes_nothing_twice():
    client = SageMaker([4, 3])
    move(client)
    models, configs = dict(client.models), dict(client.configs)
    move(client)
    assert (client.models, client.configs, len(client.updates)) == (models, configs, 2)
    assert "DeploymentConfig" not in client.updates[0]


def test_a_rejection_brings_the_one_before_back():
    client = SageMaker([2])
    assert move(client) == f"churn-dev-endpoint moves to {ARN.format(2)}"


@pytest.mark.parametrize("approved", [[], [3]])
def test_nothing_is_done_where_nothing_is_to_do(approved):
    client = SageMaker(approved)
    assert move(client).startswith("nothing: ")
    assert client.updates == []


def test_an_endpoint_that_is_not_there_yet_is_left_to_up():
    client = SageMaker([3])
    client.endpoints.clear()
    assert move(client) == "nothing: there is no approved model, or no endpoint yet; `modelyard up` makes it"


def test_an_endpoint_on_the_move_is_tried_again():
    with pytest.raises(RuntimeError, match="churn-dev-endpoint is Updating"):
        move(SageMaker([4, 3], "Updating"))


def test_what_it_made_before_goes_when_the_endpoint_is_in_service():
    client = SageMaker([4, 3])
    move(client)
    made = client.updates[0]["EndpointConfigName"]
    client.endpoints["churn-dev-endpoint"]["EndpointConfigName"] = made
    assert function.sweep(client, "churn-dev-endpoint", "churn-dev-auto") == []
    client.endpoints["churn-dev-endpoint"]["EndpointConfigName"] = "churn-dev-config-v3"
    assert function.sweep(client, "churn-dev-endpoint", "churn-dev-auto") == [made]
    assert (set(client.models), set(client.configs)) == ({"churn-dev-model-v3"}, {"churn-dev-config-v3"})

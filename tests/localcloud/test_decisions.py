"""Decisions on models, in a registry of the local cloud: the gate, promotion, rollback, and what is kept of them."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from modelyard.errors import CloudError, UsageError
from modelyard.models import promotion, records, registry
from modelyard.models.deployed import DeployedModel
from modelyard.targets import Target

from .conftest import Cloud

DATA = {"dataset": {"digest": "0f"}}


class Group:
    """One environment's registry.

    Args:
        cloud: the cloud.
        environment: its word.
    """

    def __init__(self, cloud: Cloud, environment: str) -> None:
        self.cloud, self.client = cloud, cloud.client("sagemaker")
        self.bucket = f"artifacts-of-{environment}"
        cloud.client("s3").create_bucket(Bucket=self.bucket)
        self.name = f"decided-{environment}"
        self.client.create_model_package_group(ModelPackageGroupName=self.name)
        keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
        self.model = DeployedModel(
            pipeline="",
            group=self.name,
            endpoint="",
            region="us-east-1",
            target=Target(endpoint_url=cloud.info.endpoint_url, environment=keys),
            bucket=self.bucket,
            prefix=f"models/decided/{environment}",
        )

    def register(self, accuracy: float, **more: Any) -> int:
        """Register a version that was measured so."""
        evaluation = {"binary_classification_metrics": {"accuracy": {"value": accuracy}}, **DATA, **more}
        where = f"run/{accuracy}"
        statistics = self.cloud.put(f"{where}/evaluation.json", json.dumps(evaluation), self.bucket)
        archive = self.cloud.put(f"{where}/model.tar.gz", f"model of {accuracy}", self.bucket)
        arn = self.client.create_model_package(
            ModelPackageGroupName=self.name,
            InferenceSpecification={
                "Containers": [{"Image": "sklearn", "ModelDataUrl": archive, "Environment": {"A": "b"}}],
                "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["text/csv"],
            },
            ModelMetrics={"ModelQuality": {"Statistics": {"ContentType": "application/json", "S3Uri": statistics}}},
            ModelCard={"ModelCardContent": json.dumps({"model_overview": {}}), "ModelCardStatus": "PendingReview"},
            CustomerMetadataProperties={"commit": "a" * 40, "training_data": self.data(where)},
        )["ModelPackageArn"]
        return int(arn.rpartition("/")[2])

    def data(self, where: str) -> str:
        self.cloud.put(f"{where}/train/train.csv", "a,b\n1,2\n", self.bucket)
        return f"s3://{self.bucket}/{where}/train"

    def states(self) -> dict[int, str]:
        return {it.version: it.status for it in registry.versions(self.model)}

    def clear(self) -> None:
        for version in registry.versions(self.model):
            self.client.delete_model_package(ModelPackageName=version.arn)
        self.client.delete_model_package_group(ModelPackageGroupName=self.name)


@pytest.fixture
def dev(cloud: Cloud) -> Iterator[Group]:
    made = Group(cloud, "dev")
    yield made
    made.clear()


@pytest.fixture
def prod(cloud: Cloud) -> Iterator[Group]:
    made = Group(cloud, "prod")
    yield made
    made.clear()


def test_the_first_model_has_nobody_to_beat(dev):
    dev.register(0.5)
    done = registry.approve(dev.model, None, "the first")
    assert (done.version.status, done.decision.gate) == ("Approved", "there is no approved model to compare with")


def test_a_worse_model_is_refused_with_the_numbers_and_stays_as_it_was(dev):
    dev.register(0.9)
    registry.approve(dev.model, None, "")
    dev.register(0.8)
    with pytest.raises(CloudError) as refused:
        registry.approve(dev.model, None, "")
    numbers = "accuracy 0.8 against 0.9 of version 1 on the same held-out data - higher is better"
    assert str(refused.value) == f"version 2 was not approved: {numbers}"
    assert refused.value.hint == "train a better one, or --force with --note"
    assert dev.states() == {2: "PendingManualApproval", 1: "Approved"}


def test_forcing_needs_a_reason_and_keeps_it(dev):
    dev.register(0.9)
    registry.approve(dev.model, None, "")
    dev.register(0.8)
    with pytest.raises(UsageError, match="--force has no reason"):
        registry.approve(dev.model, 2, "", force=True)
    registry.approve(dev.model, 2, "the old one leaks", force=True)
    kept = records.history(registry.find(dev.model, 2).properties)
    assert len(kept) == 1
    assert kept[0].startswith("approved by ")
    assert "forced although accuracy 0.8 against 0.9 of version 1" in kept[0]


def test_every_decision_is_kept_in_order_with_who_made_it(dev):
    dev.register(0.9)
    registry.approve(dev.model, 1, "good")
    registry.reject(dev.model, 1, "not so good")
    found = registry.find(dev.model, 1)
    kept = records.history(found.properties)
    assert [it.partition(" by ")[0] for it in kept] == ["approved", "rejected"]
    assert all("arn:aws:" in it for it in kept)
    assert kept[1].endswith("not so good")
    assert found.properties["commit"] == "a" * 40
    assert found.card["additional_information"]["custom_details"]["decision"] == kept[1]
    package = dev.client.describe_model_package(ModelPackageName=found.arn)
    assert package["ApprovalDescription"].endswith(" - not so good")


def test_promotion_copies_the_package_its_files_and_where_it_is_from(dev, prod):
    dev.register(0.9)
    with pytest.raises(CloudError, match="no version is approved"):
        promotion.promote(dev.model, prod.model, "prod", None, "")
    with pytest.raises(UsageError, match="version 1 is PendingManualApproval"):
        promotion.promote(dev.model, prod.model, "prod", 1, "")
    registry.approve(dev.model, 1, "")
    done = promotion.promote(dev.model, prod.model, "prod", None, "goes live")
    (copied,) = registry.versions(prod.model)
    assert (copied.version, copied.status, copied.metrics) == (done.version, "Approved", {"accuracy": 0.9})
    assert copied.properties["promoted_from"] == registry.find(dev.model, 1).arn
    assert copied.properties["commit"] == "a" * 40
    assert [it.partition(" by ")[0] for it in records.history(copied.properties)] == ["approved", "promoted to prod"]
    container = prod.client.describe_model_package(ModelPackageName=copied.arn)["InferenceSpecification"]["Containers"]
    assert container[0]["Environment"] == {"A": "b"}
    assert container[0]["ModelDataUrl"].startswith("s3://artifacts-of-prod/models/decided/prod/promoted/")
    assert prod.cloud.get(container[0]["ModelDataUrl"]) == b"model of 0.9"
    there = copied.properties["training_data"]
    assert there.startswith("s3://artifacts-of-prod/models/decided/prod/promoted/")
    assert prod.cloud.get(f"{there}/train.csv") == b"a,b\n1,2\n"
    assert "promoted to prod" in records.history(registry.find(dev.model, 1).properties)[1]
    with pytest.raises(UsageError, match="version 1 is in prod already, as version 1"):
        promotion.promote(dev.model, prod.model, "prod", None, "")


def test_promotion_is_gated_by_what_is_served_there(dev, prod):
    prod.register(0.95)
    registry.approve(prod.model, None, "")
    dev.register(0.9)
    registry.approve(dev.model, None, "")
    with pytest.raises(CloudError, match=r"version 1 was not promoted to prod: accuracy 0.9 against 0.95 of version 1"):
        promotion.promote(dev.model, prod.model, "prod", None, "")
    assert prod.states() == {1: "Approved"}
    promotion.promote(dev.model, prod.model, "prod", None, "0.95 was measured wrongly", force=True)
    assert prod.states() == {2: "Approved", 1: "Approved"}


def test_rolling_back_brings_the_one_before_into_service(dev):
    for accuracy in (0.8, 0.9):
        dev.register(accuracy)
        registry.approve(dev.model, None, "")
    gone, back = registry.roll_back(dev.model, "it is slow")
    assert (gone.version.version, back.version) == (2, 1)
    assert dev.states() == {2: "Rejected", 1: "Approved"}
    told = {it.version: records.history(it.properties)[-1] for it in registry.versions(dev.model)}
    assert told[2].startswith("rolled back to version 1 by ")
    assert told[1].startswith("back in service after version 2 by ")
    with pytest.raises(CloudError, match="there is nothing to roll back to: version 1 is the only approved one"):
        registry.roll_back(dev.model, "")

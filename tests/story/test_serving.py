"""Serving in the story: drift that retrains, the gate, approvals that deploy, rollback, and batch predictions."""

import json
import time
from collections.abc import Callable
from functools import cached_property
from typing import Any

import pytest
import yaml

pytestmark = pytest.mark.slow

WATCHED = {
    "initial_instance_count": 2,
    "rollout": {"strategy": "canary", "wait_seconds": 1},
    "capture_percent": 100,
    "deploy_on_approval": True,
    "monitors": [{"kind": "data_quality", "label": "benign", "retrain": True}],
    "parameters": {"inverse_regularization": 0.00001, "accuracy_threshold": 0.1},  # a worse model, and it is registered
}
BATCH = {"serving": {"mode": "batch"}}


class Repository:
    """A model repository of its own on the story's platform.

    Args:
        story: the story.
    """

    def __init__(self, story: Any) -> None:
        self.story, self.folder = story, story.model.parent / "refund"
        story.ok("new", "sklearn", "refund", "--no-input", "--output", str(self.folder.parent))

    def json(self, *words: str) -> Any:
        return self.story.json(*words, folder=self.folder)

    def type(self, *words: str) -> Any:
        return self.story.type(*words, folder=self.folder)

    @cached_property
    def s3(self) -> Any:
        return self.story.client("s3")

    @cached_property
    def sagemaker(self) -> Any:
        """What is asked again and again: a command each time would cost more than what is waited for."""
        return self.story.client("sagemaker")

    def serve(self, **service: Any) -> None:
        path = self.folder / "infra/environments/dev.yaml"
        document = yaml.safe_load(path.read_text())
        path.write_text(yaml.safe_dump({**document, "service": {"instance_type": "ml.m5.large", **service}}))

    def sample(self) -> list[list[float]]:
        """Return two rows of features, as the model's own code reads them."""
        (table,) = self.objects("executions", "prepare/test")
        rows = self.s3.get_object(Bucket=self.bucket, Key=table)["Body"].read().decode().splitlines()
        names = rows[0].split(",")
        label = names.index("benign")
        return [[float(it) for place, it in enumerate(row.split(",")) if place != label] for row in rows[1:3]]

    @cached_property
    def bucket(self) -> str:
        return self.json("outputs")["refund"]["artifact_bucket"]

    def objects(self, *words: str) -> list[str]:
        listed = self.s3.list_objects_v2(Bucket=self.bucket, Prefix="models/refund/dev/")
        return [it["Key"] for it in listed.get("Contents", []) if all(word in it["Key"] for word in words)]


def until(done: Callable[[], Any], what: str, seconds: int = 120) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := done():
            return found
        time.sleep(0.5)
    raise AssertionError(f"{what} did not come about in {seconds} s")


@pytest.fixture(scope="module")
def repository(dev):
    made = Repository(dev)
    assert made.json("up")["outputs"]["endpoint"] == ""
    return made


@pytest.fixture(scope="module")
def first(repository):
    """The first model is approved, deployed and watched; the same program then changes nothing."""
    assert repository.json("pipeline", "run")["status"] == "Succeeded"
    approved = repository.json("model", "approve", "--note", "the first")
    assert (approved["version"], approved["gate"]) == (1, "there is no approved model to compare with")
    repository.serve(**WATCHED)
    assert repository.json("up")["outputs"]["monitor_pipelines"] == {"data_quality": "refund-dev-monitor-data-quality"}
    assert repository.type("preview", "--expect-no-changes").returncode == 0
    return repository


@pytest.fixture(scope="module")
def retrained(first):
    """Strange requests are asked; the monitor finds drift, and its alarm has the model trained anew."""
    strange = json.dumps({"instances": [[value * 10 for value in row] for row in first.sample()] * 10})
    assert len(first.json("endpoint", "invoke", "--data", strange)["body"]["predictions"]) == 20
    bucket = first.story.json("outputs")["foundation"]["capture_bucket"]
    until(
        lambda: [
            it
            for it in first.s3.list_objects_v2(Bucket=bucket, Prefix="models/refund/dev/").get("Contents", [])
            if it["Key"].endswith(".jsonl")
        ],
        "captured data",
    )
    assert first.json("pipeline", "run", "--pipeline", "data_quality")["status"] == "Succeeded"
    group = {"ModelPackageGroupName": "refund-dev-models"}
    until(lambda: first.json("pipeline", "list")[:-1], "retraining")
    until(lambda: len(first.sagemaker.list_model_packages(**group)["ModelPackageSummaryList"]) == 2, "a second model")
    assert len(first.json("pipeline", "list")) == 2
    return first


def test_a_worse_model_is_refused_with_numbers_forced_with_a_reason_and_rolled_back(retrained):
    before = retrained.json("model", "list")
    worse, better = (it["metrics"]["accuracy"] for it in before)
    refused = retrained.type("model", "approve")
    assert refused.returncode == 1
    numbers = f"accuracy {worse:.6g} against {better:.6g} of version 1 on the same held-out data"
    assert f"version 2 was not approved: {numbers}" in refused.stderr.replace("\n", " ")
    assert retrained.json("model", "list") == before
    assert retrained.type("model", "approve", "--force").returncode == 2
    assert retrained.json("model", "approve", "--force", "--note", "a test of rolling back")["status"] == "Approved"
    until(lambda: _serves(retrained, "refund-dev-auto-v2-"), "the function's move to version 2")
    assert retrained.type("model", "rollback", "--note", "it was worse").returncode == 0
    until(lambda: _serves(retrained, "refund-dev-config-v1-"), "the way back")
    shown = retrained.json("model", "show", "2")
    assert [it.partition(" by ")[0] for it in shown["decisions"]] == ["approved", "rolled back to version 1"]
    assert "forced although accuracy" in shown["decisions"][0]


def test_files_are_predicted_where_the_model_is_served_so(retrained):
    rows = retrained.sample()
    retrained.serve(**BATCH)
    outputs = retrained.json("up")["outputs"]
    assert (outputs["endpoint"], outputs["batch_pipeline"]) == ("", "refund-dev-batch")
    hint = retrained.type("endpoint", "invoke", "--data", "1").stderr.splitlines()[-1]
    assert hint == "  -> modelyard pipeline run --pipeline batch"
    text = "\n".join(",".join(map(str, row)) for row in rows)
    key = "models/refund/dev/batch/input/rows.csv"
    retrained.s3.put_object(Bucket=retrained.bucket, Key=key, Body=text.encode())
    assert retrained.json("pipeline", "run", "--pipeline", "batch")["status"] == "Succeeded"
    (written,) = retrained.objects("batch/output", "rows.csv.out")
    answered = retrained.s3.get_object(Bucket=retrained.bucket, Key=written)["Body"].read().decode()
    assert len(answered.split()) == len(rows)


def test_all_of_it_goes(retrained):
    assert retrained.type("destroy").returncode == 0
    assert [it for it in retrained.story.inventory() if "refund" in it[1]] == []


def _serves(repository: Repository, start: str) -> Any:
    found = repository.sagemaker.describe_endpoint(EndpointName="refund-dev-endpoint")
    return found["EndpointConfigName"].startswith(start) and found["EndpointStatus"] == "InService"

"""Feature groups grow in place and never lose a record, whichever engine runs the program."""

import re
import shutil
from typing import Any

import pytest

pytestmark = pytest.mark.slow

NAME = "modelyard-dev-features"
LINE = "        value: Fractional\n"
ENGINES = [
    "embedded",
    pytest.param(
        "pulumi", marks=pytest.mark.skipif(shutil.which("pulumi") is None, reason="the Pulumi CLI is not installed")
    ),
]


def changed(document: Any) -> list[tuple[str, str, list[str]]]:
    return [
        (item["op"], item["name"], sorted({re.split(r"[.[]", path)[0] for path in item["diff"]}))
        for item in document["resources"]
        if item["op"] not in ("same", "read")
    ]


def described(story: Any, name: str = NAME) -> Any:
    return story.client("sagemaker").describe_feature_group(FeatureGroupName=name)


def types(story: Any) -> dict[str, str]:
    return {item["FeatureName"]: item["FeatureType"] for item in described(story)["FeatureDefinitions"]}


@pytest.fixture(params=ENGINES)
def words(request: Any, dev: Any) -> Any:
    """What is typed after a verb to run the platform's stack with one of the engines; settings are put back."""
    path = dev.platform / "stacks" / "environments" / "dev.yaml"
    text = path.read_text()
    yield ["platform", "--env", "dev", "--engine", request.param]
    path.write_text(text)


def test_a_feature_is_added_in_place_and_none_is_taken_away(dev, words):
    _keep_what_was_added(dev)
    before = described(dev)
    feature = f"city_{words[-1]}"
    dev.set(LINE, f"{LINE}        {feature}: {{type: String, description: Where they live.}}\n")
    planned = dev.json("preview", *words)
    assert changed(planned) == [
        ("update", "features-catalog", ["content"]),
        ("update", "features-features", ["tags", "tagsAll"]),
    ]
    assert feature not in types(dev)
    assert changed(dev.json("up", *words)) == changed(planned)
    after = described(dev)
    assert types(dev)[feature] == "String"
    assert (after["CreationTime"], after["FeatureGroupArn"]) == (before["CreationTime"], before["FeatureGroupArn"])
    metadata = dev.client("sagemaker").describe_feature_metadata(FeatureGroupName=NAME, FeatureName=feature)
    assert metadata["Description"] == "Where they live."
    assert changed(dev.json("preview", *words, "--expect-no-changes")) == []
    dev.ok("refresh", *words)
    assert changed(dev.json("preview", *words, "--expect-no-changes")) == []
    dev.set(f"        {feature}: {{type: String, description: Where they live.}}\n", "")
    for verb in ("preview", "up"):
        refused = dev.type(verb, *words)
        assert refused.returncode == 1
        said = " ".join((refused.stdout + refused.stderr).split())
        assert f"the feature '{feature}' is no longer in the settings" in said
        assert "such as features-v2" in said
    assert described(dev)["CreationTime"] == before["CreationTime"]
    assert types(dev)[feature] == "String"


def test_a_group_goes_when_it_is_retired_and_not_before(dev, words):
    group = (
        "    orders:\n      record_identifier: id\n      event_time: time\n      ttl_days: 7\n"
        "      features: {id: String, time: String}\n"
    )
    dev.set("  groups:\n    features:\n", f"  groups:\n{group}    features:\n")
    _keep_what_was_added(dev)
    dev.ok("up", *words)
    name = "modelyard-dev-orders"
    assert described(dev, name)["OnlineStoreConfig"]["TtlDuration"] == {"Unit": "Days", "Value": 7}
    assert described(dev, name)["OfflineStoreConfig"]["TableFormat"] == "Iceberg"
    dev.set(group, "")
    for verb in ("preview", "up"):
        refused = dev.type(verb, *words)
        said = " ".join((refused.stdout + refused.stderr).split())
        assert (refused.returncode, f"{name} is no longer in feature_store.groups" in said) == (1, True)
    assert described(dev, name)["FeatureGroupStatus"] == "Created"
    dev.set("feature_store:\n", "feature_store:\n  retired: [orders]\n")
    removed = changed(dev.json("up", *words))
    assert ("delete", "features-orders", []) in removed
    assert [item for item in dev.inventory() if item[1] == name] == []


def _keep_what_was_added(story: Any) -> None:
    """Let the settings have the features that the group has from another test."""
    extra = {name: kind for name, kind in types(story).items() if name.startswith("city_")}
    lines = "".join(
        f"        {name}: {{type: {kind}, description: Where they live.}}\n" for name, kind in extra.items()
    )
    story.set(LINE, f"{LINE}{lines}")

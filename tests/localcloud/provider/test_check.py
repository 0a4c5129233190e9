"""What the provider refuses, what it takes for the same, and the names it gives."""

import json
from typing import Any

import pytest
from pulumi.runtime.proto import provider_pb2

from modelyard.wire import UNKNOWN, Props, Secret, from_struct, to_struct

BUCKET = "aws:s3/bucket:Bucket"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
POLICY = "aws:s3/bucketPolicy:BucketPolicy"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
Naming = provider_pb2.CheckRequest.AutonamingOptions


def failures(response: Any) -> list[tuple[str, str]]:
    return [(failure.property, failure.reason) for failure in response.failures]


def named(world: Any, token: str, name: str, mode: Any, proposed: str, inputs: Props | None = None) -> Any:
    """Check a resource for which the engine has a wish about its name."""
    request = provider_pb2.CheckRequest(
        urn=f"urn:pulumi:s::p::{token}::{name}",
        news=to_struct(inputs or {}),
        autonaming=Naming(mode=mode, proposed_name=proposed),
    )
    return world.provider.Check(request, None)


def test_wrong_inputs_are_refused_with_their_path(world: Any):
    rule = {
        "status": "Enabled",
        "expiraton": {},
        "expiration": {"days": "nine"},
        "filter": {"prefix": ["a"]},
        "transitions": [{"days": 30}, {"days": 1.5, "storageClass": "GLACIER"}],
    }
    assert failures(world.check(LIFECYCLE, {"rules": [rule], "buckets": "b"})) == [
        ("bucket", "is required and missing"),
        ("buckets", "is not a property; did you mean bucket?"),
        ("rules[0].expiration.days", "must be an integer, not a string"),
        ("rules[0].expiraton", "is not a property; did you mean expiration?"),
        ("rules[0].filter.prefix", "must be a string, not a list"),
        ("rules[0].id", "is required and missing"),
        ("rules[0].transitions[0].storageClass", "is required and missing"),
        ("rules[0].transitions[1].days", "must be an integer, not a number"),
    ]


def test_values_that_say_the_same_in_another_type_are_taken(world: Any):
    given = {
        "comparisonOperator": "GreaterThanThreshold",
        "evaluationPeriods": "3",
        "threshold": "0.5",
        "actionsEnabled": "true",
        "alarmDescription": 7,
        "tags": {"cost": 12, "shared": True},
    }
    checked = world.checked(ALARM, given)
    assert {name: checked[name] for name in given} == {
        "comparisonOperator": "GreaterThanThreshold",
        "evaluationPeriods": 3,
        "threshold": 0.5,
        "actionsEnabled": True,
        "alarmDescription": "7",
        "tags": {"cost": "12", "shared": "true"},
    }
    assert world.checked(ALARM, {**given, "evaluationPeriods": 3}, olds=checked) == checked
    refused = world.check(ALARM, {**given, "evaluationPeriods": True, "actionsEnabled": "yes"})
    assert failures(refused) == [
        ("actionsEnabled", "must be a boolean, not a string"),
        ("evaluationPeriods", "must be an integer, not a boolean"),
    ]


def test_a_name_and_its_prefix_conflict(world: Any):
    refused = world.check("aws:iam/role:Role", {"assumeRolePolicy": "{}", "name": "a", "namePrefix": "b"})
    assert failures(refused) == [("namePrefix", "conflicts with name; give one of them")]


def test_settings_inside_a_bucket_are_refused_with_the_way_out(world: Any):
    assert failures(world.check(BUCKET, {"versioning": {"enabled": True}})) == [
        ("versioning", "can't be set inside the bucket here; use a resource of its own, as aws.s3.BucketVersioning is")
    ]


def test_unknown_values_and_secrets_pass_everywhere(world: Any):
    inputs = {"vpcId": UNKNOWN, "cidrBlock": UNKNOWN, "mapPublicIpOnLaunch": UNKNOWN, "tags": UNKNOWN}
    checked = world.checked("aws:ec2/subnet:Subnet", inputs)
    assert {name: checked[name] for name in (*inputs, "tagsAll")} == {**inputs, "tagsAll": UNKNOWN}
    rules = [{"id": Secret("a"), "status": UNKNOWN, "expiration": {"days": Secret("9")}}]
    assert world.checked(LIFECYCLE, {"bucket": UNKNOWN, "rules": rules}) == {
        "bucket": UNKNOWN,
        "rules": Secret([{"id": "a", "status": UNKNOWN, "expiration": {"days": 9}}]),
        "__defaults": [],
    }
    tagged = world.checked(BUCKET, {"tags": {"open": "1", "hidden": Secret("canary")}})
    assert tagged["tagsAll"] == tagged["tags"] == {"open": "1", "hidden": Secret("canary")}


def test_a_resource_stands_for_its_identifier(world: Any):
    signature = "4dabf18193072939515e22adb298388d"
    bucket = {signature: "5cf8f73096256a8f31e491e813e4eb8e", "urn": "urn:pulumi:s::p::t::b", "id": "the-bucket"}
    assert world.checked(POLICY, {"bucket": bucket, "policy": "{}"})["bucket"] == "the-bucket"


def test_a_policy_can_be_given_as_an_object(world: Any):
    document = {"Version": "2012-10-17", "Statement": []}
    assert json.loads(world.checked(POLICY, {"bucket": "b", "policy": document})["policy"]) == document


def test_an_automatic_name_is_kept_and_comes_from_the_seed(world: Any):
    seeded = from_struct(world.check(BUCKET, {}, name="My-Data", seed=bytes.fromhex("0123456789ab")).inputs)
    assert seeded == {
        "bucket": "my-data-0123456",
        "forceDestroy": False,
        "tagsAll": {},
        "__defaults": ["bucket", "forceDestroy"],
    }
    again = from_struct(world.check(BUCKET, {"forceDestroy": True}, olds=seeded, seed=b"other").inputs)
    assert again["bucket"] == "my-data-0123456"
    given = world.checked(BUCKET, {"bucket": "given"}, olds=seeded)
    assert (given["bucket"], given["__defaults"]) == ("given", ["forceDestroy"])
    unseeded = [world.checked(BUCKET, {}, name=name)["bucket"] for name in ("a", "a", "b")]
    assert unseeded[0] == unseeded[1]
    assert unseeded[0] != unseeded[2]


def test_a_name_that_would_be_too_long_is_refused(world: Any):
    response = world.check("aws:iam/role:Role", {"assumeRolePolicy": "{}"}, name="r" * 57, seed=b"0123456")
    assert failures(response) == [
        (
            "name",
            f"the automatic name '{'r' * 57}-3031323' is longer than 64 characters; "
            "give the resource a name, or a shorter one in the program",
        )
    ]
    assert failures(world.check("aws:iam/role:Role", {"assumeRolePolicy": "{}"}, name="r" * 56)) == []


@pytest.mark.parametrize(
    ("token", "mode", "proposed", "name"),
    [
        (BUCKET, Naming.PROPOSE, "Dev-Data", "dev-data"),
        (BUCKET, Naming.ENFORCE, "Dev-Data", "Dev-Data"),
        ("aws:kms/alias:Alias", Naming.PROPOSE, "data", "alias/data"),
        ("aws:kms/alias:Alias", Naming.ENFORCE, "data", "data"),
    ],
)
def test_the_engine_may_propose_or_enforce_a_name(world: Any, token: str, mode: Any, proposed: str, name: str):
    given = {"targetKeyId": "1"} if "kms" in token else {}
    response = named(world, token, "data", mode, proposed, given)
    assert failures(response) == []
    inputs = from_struct(response.inputs)
    assert inputs["bucket" if token == BUCKET else "name"] == name


def test_a_proposed_name_has_to_fit_and_without_autonaming_a_name_is_needed(world: Any):
    long = "x" * 64
    assert failures(named(world, BUCKET, "b", Naming.PROPOSE, long)) == [
        (
            "bucket",
            f"the automatic name '{long}' is longer than 63 characters; "
            "give the resource a name, or a shorter one in the program",
        )
    ]
    off = "automatic naming is off; give the resource a name"
    assert failures(named(world, BUCKET, "b", Naming.DISABLE, "")) == [("bucket", off)]
    assert failures(named(world, BUCKET, "b", Naming.DISABLE, "", {"bucket": "mine"})) == []


def test_a_fifo_topics_name_ends_as_it_has_to(world: Any):
    topic = "aws:sns/topic:Topic"
    response = named(world, topic, "news", Naming.PROPOSE, "news-dev", {"fifoTopic": True})
    assert from_struct(response.inputs)["name"] == "news-dev.fifo"
    plain = from_struct(world.check(topic, {"fifoTopic": True}, name="news", seed=bytes.fromhex("0123456789")).inputs)
    assert plain["name"] == "news-0123456.fifo"


def test_a_rules_target_is_named_after_its_resource(world: Any):
    token = "aws:cloudwatch/eventTarget:EventTarget"
    checked = from_struct(world.check(token, {"rule": "r", "arn": "a"}, name="queue", seed=bytes(9)).inputs)
    assert checked["targetId"] == "queue-0000000"

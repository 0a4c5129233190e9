"""The provider's own configuration."""

import json
from typing import Any

import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2

from modelyard.localcloud.provider.errors import ProviderError
from modelyard.wire import UNKNOWN, Props, to_struct

BUCKET = "aws:s3/bucket:Bucket"


def refusals(world: Any, config: Props) -> list[tuple[str, str]]:
    response = world.provider.CheckConfig(provider_pb2.CheckRequest(news=to_struct(config)), None)
    assert response.inputs == to_struct(config)
    return [(failure.property, failure.reason) for failure in response.failures]


def test_what_the_real_provider_takes_is_taken(world: Any):
    config = {
        "region": "eu-west-1",
        "profile": "work",
        "accessKey": "a",
        "secretKey": UNKNOWN,
        "skipCredentialsValidation": "false",
        "skipRegionValidation": True,
        "maxRetries": "3",
        "s3UsePathStyle": "true",
        "allowedAccountIds": json.dumps(["123456789012"]),
        "endpoints": [{"s3": "http://127.0.0.1:5000", "sts": "http://127.0.0.1:5000"}],
        "assumeRoles": json.dumps([{"roleArn": "arn:aws:iam::123456789012:role/a"}]),
        "defaultTags": json.dumps({"tags": {"team": "x"}}),
        "ignoreTags": {"keys": ["a"], "keyPrefixes": ["b:"]},
        "version": "7.51.1",
        "__internal": {},
    }
    assert refusals(world, config) == []


def test_what_it_does_not_take_is_refused_with_its_path(world: Any):
    config = {
        "regoin": "eu-west-1",
        "maxRetries": "many",
        "endpoints": json.dumps([{"sagemker": "http://127.0.0.1:5000"}]),
        "defaultTags": {"tags": ["a"]},
        "allowedAccountIds": "123456789012x",
    }
    assert refusals(world, config) == [
        ("allowedAccountIds", "must be a list, not a string"),
        ("defaultTags.tags", "must be a map, not a list"),
        ("endpoints[0].sagemker", "is not a property; did you mean sagemaker?"),
        ("maxRetries", "must be an integer, not a string"),
        ("regoin", "is not a property; did you mean region?"),
    ]


@pytest.mark.parametrize(
    "config", [{"allowedAccountIds": ["999999999999"]}, {"forbiddenAccountIds": json.dumps(["123456789012"])}]
)
def test_the_wrong_account_is_refused(world: Any, config: Props):
    with pytest.raises(ProviderError) as failure:
        world.configure(**config)
    assert str(failure.value) == "AWS account ID not allowed: 123456789012"
    world.configure(allowedAccountIds=["123456789012"], forbiddenAccountIds=["999999999999"])


def test_it_says_that_it_honours_the_engines_names(world: Any):
    configured = world.provider.Configure(provider_pb2.ConfigureRequest(), None)
    assert (configured.acceptSecrets, configured.supports_autonaming_configuration) == (True, True)
    assert world.provider.Handshake(empty_pb2.Empty(), None).supports_autonaming_configuration is True


def test_ignored_tags_are_as_if_they_were_not_there(world: Any):
    inputs = world.checked(BUCKET, {"tags": {"mine": "1", "owner": "2", "aws-backup:x": "3"}})
    resource_id, _ = world.create(BUCKET, inputs)
    world.configure(ignoreTags={"keys": ["owner"], "keyPrefixes": ["aws-backup:"]}, region="us-east-1")
    response = world.read(BUCKET, resource_id, {})
    state = response.properties
    assert (dict(state["tags"]), dict(state["tagsAll"])) == ({"mine": "1"}, {"mine": "1"})

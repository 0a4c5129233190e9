"""Topics through their whole life."""

import json
from typing import Any

import pytest

ACCOUNT = "123456789012"


def allow(action: str, resource: str, service: str = "events.amazonaws.com") -> str:
    """Return a resource policy of one statement."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


CASES = [
    (
        "aws:sns/topic:Topic",
        lambda world: {"displayName": "Alerts", "kmsMasterKeyId": world.key(), "tags": {"a": "1"}},
        {"displayName": "Alarms"},
        {"name": "another"},
    ),
    (
        "aws:sns/topicPolicy:TopicPolicy",
        lambda world: {"arn": (arn := world.topic()), "policy": allow("sns:Publish", arn)},
        {"policy": allow("sns:*", "*")},
        {"arn": f"arn:aws:sns:us-east-1:{ACCOUNT}:another"},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0].rpartition(":")[2])
def test_life(case: tuple[Any, ...], life: Any):
    life(*case)

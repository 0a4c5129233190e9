"""Keys and aliases through their whole life."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from modelyard.wire import Props


def allow(action: str, resource: str, service: str = "events.amazonaws.com") -> str:
    """Return a resource policy of one statement."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def plain(**inputs: Any) -> Callable[[Any], Props]:
    """Return inputs that need nothing else."""
    return lambda world: dict(inputs)


CASES = [
    (
        "aws:kms/key:Key",
        plain(description="of a test", enableKeyRotation=True, deletionWindowInDays=7, tags={"a": "1"}),
        {"description": "changed", "enableKeyRotation": False, "policy": allow("kms:*", "*"), "isEnabled": False},
        {"keyUsage": "SIGN_VERIFY"},
    ),
    (
        "aws:kms/alias:Alias",
        lambda world: {"name": "alias/mine", "targetKeyId": world.make("aws:kms/key:Key", {})[1]["arn"]},
        {},
        {"name": "alias/other"},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0].rpartition(":")[2])
def test_life(case: tuple[Any, ...], life: Any):
    life(*case)

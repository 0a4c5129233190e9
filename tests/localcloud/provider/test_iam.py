"""Roles and policies through their whole life."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from modelyard.wire import Props

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)


def allow(action: str, resource: str, service: str = "events.amazonaws.com") -> str:
    """Return a resource policy of one statement."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def plain(**inputs: Any) -> Callable[[Any], Props]:
    """Return inputs that need nothing else."""
    return lambda world: dict(inputs)


CASES = [
    (
        "aws:iam/rolePolicy:RolePolicy",
        lambda world: {
            "role": world.make("aws:iam/role:Role", {"assumeRolePolicy": TRUST})[0],
            "policy": allow("s3:*", "*"),
        },
        {"policy": allow("s3:Get*", "*")},
        {"role": "another"},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0].rpartition(":")[2])
def test_life(case: tuple[Any, ...], life: Any):
    life(*case)


LOCAL_CASES = [
    (
        "aws:iam/role:Role",
        plain(
            assumeRolePolicy=TRUST,
            description="of a test",
            maxSessionDuration=7200,
            path="/test/",
            managedPolicyArns=["arn:aws:iam::aws:policy/AmazonS3FullAccess"],
            inlinePolicies=[{"name": "one", "policy": allow("s3:*", "*")}],
            tags={"a": "1"},
        ),
        {
            "description": "changed",
            "assumeRolePolicy": TRUST.replace("sagemaker", "lambda"),
            "managedPolicyArns": [],
            "inlinePolicies": [{"name": "two", "policy": allow("s3:Get*", "*")}],
        },
        {"path": "/other/"},
    ),
]


@pytest.mark.parametrize("case", LOCAL_CASES, ids=lambda case: case[0].rpartition(":")[2])
def test_local_life(case: tuple[Any, ...], local_life: Any):
    local_life(*case)

"""Image repositories through their whole life."""

import json
from typing import Any

import pytest


def _rules(days: int) -> str:
    rule = {
        "rulePriority": 1,
        "selection": {
            "tagStatus": "untagged",
            "countType": "sinceImagePushed",
            "countUnit": "days",
            "countNumber": days,
        },
        "action": {"type": "expire"},
    }
    return json.dumps([rule])


def _expire(days: int) -> str:
    return json.dumps({"rules": json.loads(_rules(days))})


CASES = [
    (
        "aws:ecr/repository:Repository",
        lambda world: {
            "imageScanningConfiguration": {"scanOnPush": True},
            "encryptionConfigurations": [{"encryptionType": "KMS", "kmsKey": world.key()}],
            "forceDelete": True,
            "tags": {"a": "1"},
        },
        {"imageTagMutability": "IMMUTABLE", "imageScanningConfiguration": {"scanOnPush": False}},
        {"encryptionConfigurations": [{"encryptionType": "AES256"}]},
    ),
    (
        "aws:ecr/lifecyclePolicy:LifecyclePolicy",
        lambda world: {"repository": world.make("aws:ecr/repository:Repository", {})[0], "policy": _expire(14)},
        {"policy": _expire(7)},
        {"repository": "another"},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0].rpartition(":")[2])
def test_life(case: tuple[Any, ...], life: Any):
    life(*case)

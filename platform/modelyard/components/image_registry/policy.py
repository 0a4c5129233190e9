"""Lifecycle policies of image repositories."""

from collections.abc import Sequence
from typing import Any

from modelyard.naming import Scope


def readers(scope: Scope, account_ids: Sequence[str]) -> dict[str, Any]:
    """Let other accounts pull images; a repository's policy names no resource, for it is its own.

    Source: "Deploy a model version from a different account" in SageMaker's developer guide.

    Args:
        scope: the environment.
        account_ids: the other accounts, twelve digits each.
    """
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Pull",
                "Effect": "Allow",
                "Principal": {"AWS": [f"arn:{scope.partition}:iam::{it}:root" for it in sorted(account_ids)]},
                "Action": ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            }
        ],
    }


def lifecycle(untagged_days: int, kept: int) -> dict[str, Any]:
    """Expire untagged images by age, and the oldest beyond a number.

    Args:
        untagged_days: days that an untagged image is kept.
        kept: images that are kept.
    """
    return {
        "rules": [
            {
                "rulePriority": 1,
                "description": "untagged",
                "selection": {
                    "tagStatus": "untagged",
                    "countType": "sinceImagePushed",
                    "countUnit": "days",
                    "countNumber": untagged_days,
                },
                "action": {"type": "expire"},
            },
            {
                "rulePriority": 2,
                "description": "oldest",
                "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": kept},
                "action": {"type": "expire"},
            },
        ]
    }

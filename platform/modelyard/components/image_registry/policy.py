"""Lifecycle policies of image repositories."""

from typing import Any


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

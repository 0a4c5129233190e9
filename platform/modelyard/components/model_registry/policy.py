"""Policies of the model registry: pure documents."""

from collections.abc import Sequence
from typing import Any

from modelyard.naming import Scope

EVENT = "SageMaker Model Package State Change"


def readers(scope: Scope, account_id: str, group: str, reader_account_ids: Sequence[str]) -> dict[str, Any]:
    """Let other accounts see and deploy a group's models; the foundation lets them read files and pull images.

    Source: "Deploy a model version from a different account" in SageMaker's developer guide.

    Args:
        scope: whose group it is.
        account_id: the account that has it, twelve digits.
        group: its physical name.
        reader_account_ids: the other accounts.
    """
    start = f"arn:{scope.partition}:sagemaker:{scope.region}:{account_id}"
    them = {"AWS": [f"arn:{scope.partition}:iam::{reader}:root" for reader in sorted(reader_account_ids)]}
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Group",
                "Effect": "Allow",
                "Principal": them,
                "Action": ["sagemaker:DescribeModelPackageGroup"],
                "Resource": [f"{start}:model-package-group/{group}"],
            },
            {
                "Sid": "Packages",
                "Effect": "Allow",
                "Principal": them,
                "Action": ["sagemaker:CreateModel", "sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages"],
                "Resource": [f"{start}:model-package/{group}/*"],
            },
        ],
    }


def approvals() -> dict[str, Any]:
    """Match the events of models that wait for approval, are approved or are rejected."""
    return {
        "source": ["aws.sagemaker"],
        "detail-type": [EVENT],
        "detail": {"ModelApprovalStatus": ["Approved", "PendingManualApproval", "Rejected"]},
    }


def topic(topic_arn: str) -> dict[str, Any]:
    """Let EventBridge publish to a topic; it takes no conditions here, as its user guide says."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Approvals",
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                "Action": "sns:Publish",
                "Resource": topic_arn,
            }
        ],
    }

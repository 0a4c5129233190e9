"""Policies of a tracking server: pure documents."""

from typing import Any

PREFIX = "mlflow"
"""Where in the artifact bucket the server keeps artifacts."""


def trust(account_id: str) -> dict[str, Any]:
    """Let SageMaker take the role on behalf of this account alone."""
    return _document(
        {
            "Effect": "Allow",
            "Principal": {"Service": "sagemaker.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": account_id}},
        }
    )


def artifacts(partition: str, bucket: str, key_arn: str) -> dict[str, Any]:
    """Let the server keep artifacts below its prefix.

    Args:
        partition: such as `aws`.
        bucket: the artifact bucket's name.
        key_arn: the key that encrypts it.
    """
    arn = f"arn:{partition}:s3:::{bucket}"
    return _document(
        {
            "Sid": "List",
            "Effect": "Allow",
            "Action": ["s3:ListBucket"],
            "Resource": [arn],
            "Condition": {"StringLike": {"s3:prefix": [PREFIX, f"{PREFIX}/*"]}},
        },
        {
            "Sid": "Artifacts",
            "Effect": "Allow",
            "Action": ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
            "Resource": [f"{arn}/{PREFIX}/*"],
        },
        {
            "Sid": "Key",
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"],
            "Resource": [key_arn],
        },
    )


def _document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}

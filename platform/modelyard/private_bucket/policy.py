"""Statements of bucket policies, and lifecycles."""

from typing import Any, NamedTuple

Rule = dict[str, Any]
Statement = dict[str, Any]


class Facts(NamedTuple):
    """What statements about a bucket are made of.

    Args:
        bucket_arn: the bucket.
        account_id: twelve digits.
        key_arn: the key that encrypts it; empty for S3's own.
    """

    bucket_arn: str
    account_id: str
    key_arn: str


def tls_only(bucket_arn: str) -> Statement:
    """Refuse any request that is not encrypted in transit."""
    return {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [bucket_arn, f"{bucket_arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def own_key_only(facts: Facts) -> list[Statement]:
    """Refuse uploads that ask for another key; one that asks for none gets the bucket's own.

    A condition that says "not equal" holds of what is missing too, so that each needs another for being there.
    """
    algorithm, key = "s3:x-amz-server-side-encryption", "s3:x-amz-server-side-encryption-aws-kms-key-id"
    wrong: dict[str, dict[str, Any]] = {
        "OwnKeyOnly": {"Null": {key: "false"}, "ArnNotEquals": {key: facts.key_arn}},
        "OwnKeyAtAll": {"Null": {algorithm: "false"}, "StringNotEquals": {algorithm: "aws:kms"}},
    }
    return [
        {
            "Sid": sid,
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:PutObject",
            "Resource": f"{facts.bucket_arn}/*",
            "Condition": condition,
        }
        for sid, condition in wrong.items()
    ]


def expiry(days: int, prefix: str = "", rule_id: str = "expire") -> Rule:
    """Let objects expire some days after they were written, their old versions a day later.

    Args:
        days: whole days.
        prefix: what their keys start with; empty for all objects.
        rule_id: the rule's name, one of its own in each bucket.
    """
    return {
        "id": rule_id,
        "status": "Enabled",
        "filter": {"prefix": prefix},
        "expiration": {"days": days},
        "noncurrent_version_expiration": {"noncurrent_days": 1},
        "abort_incomplete_multipart_upload": {"days_after_initiation": 7},
    }

"""Bucket policies and lifecycles."""

from typing import Any


def tls_only(bucket_arn: str) -> dict[str, Any]:
    """Refuse any request that is not encrypted in transit."""
    return {
        "Version": "2012-10-17",
        "Statement": [_tls_statement(bucket_arn)],
    }


def access_log_target(bucket_arn: str, source_arn: str, account_id: str) -> dict[str, Any]:
    """Let S3 deliver another bucket's access logs, over TLS alone.

    Args:
        bucket_arn: the bucket that takes the logs.
        source_arn: the bucket whose requests are logged.
        account_id: twelve digits.
    """
    delivery = {
        "Sid": "AccessLogs",
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"{bucket_arn}/*",
        "Condition": {"ArnLike": {"aws:SourceArn": source_arn}, "StringEquals": {"aws:SourceAccount": account_id}},
    }
    return {"Version": "2012-10-17", "Statement": [_tls_statement(bucket_arn), delivery]}


def _tls_statement(bucket_arn: str) -> dict[str, Any]:
    return {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [bucket_arn, f"{bucket_arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }

"""Policies of the audit trail: where it may write, and what it records."""

from collections.abc import Sequence
from typing import Any

from modelyard.naming import Scope
from modelyard.private_bucket.policy import Facts, Statement

_SERVICE = "cloudtrail.amazonaws.com"


def trail_name(scope: Scope) -> str:
    """Name the trail."""
    return scope.name("trail", limit=128)


def trail_arn(scope: Scope, account_id: str) -> str:
    """Compose the trail's ARN, which its bucket and its role have to know before there is a trail."""
    return f"arn:{scope.partition}:cloudtrail:{scope.region}:{account_id}:trail/{trail_name(scope)}"


def delivery(scope: Scope, facts: Facts) -> list[Statement]:
    """Let the trail write to its bucket; source: "Amazon S3 bucket policy for CloudTrail" in AWS's user guide.

    Args:
        scope: whose trail it is.
        facts: about the bucket.
    """
    of_the_trail = {"aws:SourceArn": trail_arn(scope, facts.account_id)}
    look: Statement = {
        "Sid": "TrailLooks",
        "Effect": "Allow",
        "Principal": {"Service": _SERVICE},
        "Action": "s3:GetBucketAcl",
        "Resource": facts.bucket_arn,
        "Condition": {"StringEquals": of_the_trail},
    }
    write: Statement = {
        "Sid": "TrailWrites",
        "Effect": "Allow",
        "Principal": {"Service": _SERVICE},
        "Action": "s3:PutObject",
        "Resource": f"{facts.bucket_arn}/AWSLogs/{facts.account_id}/*",
        "Condition": {"StringEquals": {**of_the_trail, "s3:x-amz-acl": "bucket-owner-full-control"}},
    }
    return [look, write]


def role_trust(scope: Scope, account_id: str) -> dict[str, Any]:
    """Let the trail take its role."""
    condition = {"aws:SourceAccount": account_id, "aws:SourceArn": trail_arn(scope, account_id)}
    return _document(
        {
            "Effect": "Allow",
            "Principal": {"Service": _SERVICE},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": condition},
        }
    )


def log_delivery(scope: Scope, log_group_arn: str) -> dict[str, Any]:
    """Let the trail write to the streams that it names after the account and itself.

    Args:
        scope: whose trail it is.
        log_group_arn: the group, without the end that stands for its streams.
    """
    account_id = log_group_arn.split(":")[4]
    streams = f"{log_group_arn}:log-stream:{account_id}_CloudTrail_{scope.region}*"
    return _document(
        {
            "Sid": "Deliver",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": [streams],
        }
    )


def alarm_topic(topic_arn: str, account_id: str) -> dict[str, Any]:
    """Let this account's alarms publish to the topic.

    Args:
        topic_arn: the topic.
        account_id: twelve digits.
    """
    return _document(
        {
            "Sid": "Alarms",
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": topic_arn,
            "Condition": {"StringEquals": {"aws:SourceAccount": account_id}},
        }
    )


def events(bucket_arns: Sequence[str]) -> list[dict[str, Any]]:
    """Record every call that manages something, and every access to the objects of some buckets.

    Args:
        bucket_arns: the buckets.
    """
    return [
        {"name": "Calls that manage", "field_selectors": [_field("eventCategory", equals=["Management"])]},
        {
            "name": "Objects of the environment",
            "field_selectors": [
                _field("eventCategory", equals=["Data"]),
                _field("resources.type", equals=["AWS::S3::Object"]),
                _field("resources.ARN", starts_withs=[f"{arn}/" for arn in bucket_arns]),
            ],
        },
    ]


def _field(field: str, **condition: list[str]) -> dict[str, Any]:
    return {"field": field, **condition}


def _document(*statements: Statement) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}

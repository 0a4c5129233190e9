"""Policies of the network: what its endpoints let through, and who may write the record of its traffic."""

from typing import Any

from modelyard.naming import Scope

Statement = dict[str, Any]


def own_principals(account_id: str) -> dict[str, Any]:
    """Let only this account's own identities through an endpoint, so that nobody can take data to another account.

    Args:
        account_id: twelve digits.
    """
    return _document(_own_principals(account_id))


def s3_gateway(scope: Scope, account_id: str) -> dict[str, Any]:
    """Let this account's own identities through to S3, and anybody to the layers of container images.

    ECR hands out addresses of layers that it has signed itself; source: "Minimum Amazon S3 Bucket Permissions for
    Amazon ECR" in AWS's user guide.

    Args:
        scope: the environment.
        account_id: twelve digits.
    """
    layers: Statement = {
        "Sid": "ImageLayers",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:{scope.partition}:s3:::prod-{scope.region}-starport-layer-bucket/*",
    }
    return _document(_own_principals(account_id), layers)


def flow_log_trust(scope: Scope, account_id: str) -> dict[str, Any]:
    """Let VPC flow logs of this account take a role."""
    sources = f"arn:{scope.partition}:ec2:{scope.region}:{account_id}:vpc-flow-log/*"
    return _document(
        {
            "Effect": "Allow",
            "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": account_id}, "ArnLike": {"aws:SourceArn": sources}},
        }
    )


def flow_log_delivery(log_group_arn: str) -> dict[str, Any]:
    """Let flow logs write to their log group.

    Args:
        log_group_arn: the group, without the end that stands for its streams.
    """
    return _document(
        {
            "Sid": "Deliver",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            "Resource": [log_group_arn, f"{log_group_arn}:log-stream:*"],
        },
        {
            "Sid": "Find",
            "Effect": "Allow",
            "Action": ["logs:DescribeLogGroups"],
            "Resource": ["*"],  # a listing is of no group
            "Condition": {"StringEquals": {"aws:RequestedRegion": log_group_arn.split(":")[3]}},
        },
    )


def _own_principals(account_id: str) -> Statement:
    return {
        "Sid": "OwnPrincipals",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "*",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalAccount": account_id}},
    }


def _document(*statements: Statement) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}

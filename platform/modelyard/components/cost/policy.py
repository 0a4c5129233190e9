"""Policies of the function that deletes idle endpoints."""

from typing import Any

from modelyard.naming import Scope


def trust(account_id: str) -> dict[str, Any]:
    """Let Lambda take the role for functions of this account alone."""
    condition = {"StringEquals": {"aws:SourceAccount": account_id}}
    allow = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [{**allow, "Condition": condition}]}


def idle_endpoints(scope: Scope, account_id: str, log_group: str) -> dict[str, Any]:
    """Let the function look at all endpoints and delete those of unprotected models of this platform.

    Args:
        scope: whose function it is; its environment is the platform's.
        account_id: twelve digits.
        log_group: the name of the function's log group.
    """

    def arn(service: str, resource: str) -> str:
        return f"arn:{scope.partition}:{service}:{scope.region}:{account_id}:{resource}"

    endpoints = arn("sagemaker", "endpoint/*")
    ours = {
        "StringEquals": {
            "aws:ResourceTag/modelyard:platform": scope.environment,
            "aws:ResourceTag/modelyard:protect": "false",
        }
    }
    here = {"StringEquals": {"aws:RequestedRegion": scope.region}}
    return {
        "Version": "2012-10-17",
        "Statement": [
            # Neither of the two takes an ARN.
            _allow("List", ["cloudwatch:GetMetricData", "sagemaker:ListEndpoints"], "*", here),
            _allow("Look", ["sagemaker:DescribeEndpoint", "sagemaker:ListTags"], endpoints),
            _allow("Delete", ["sagemaker:DeleteEndpoint"], endpoints, ours),
            _allow("Log", ["logs:CreateLogStream", "logs:PutLogEvents"], arn("logs", f"log-group:{log_group}:*")),
        ],
    }


def _allow(sid: str, actions: list[str], resource: str, condition: dict[str, Any] | None = None) -> dict[str, Any]:
    statement: dict[str, Any] = {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource}
    return {**statement, "Condition": condition} if condition else statement

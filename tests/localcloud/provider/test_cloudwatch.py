"""Logs, alarms and events through their whole life."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from modelyard.wire import Props

ACCOUNT = "123456789012"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/execution"


def allow(action: str, resource: str, service: str = "events.amazonaws.com") -> str:
    """Return a resource policy of one statement."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def plain(**inputs: Any) -> Callable[[Any], Props]:
    """Return inputs that need nothing else."""
    return lambda world: dict(inputs)


def _rule(world: Any) -> str:
    return world.make("aws:cloudwatch/eventRule:EventRule", {"eventPattern": '{"source":["aws.sagemaker"]}'})[0]


CASES = [
    (
        "aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
        plain(policyName="events", policyDocument=allow("logs:PutLogEvents", "*")),
        {"policyDocument": allow("logs:*", "*")},
        {"policyName": "another"},
    ),
    (
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        plain(
            alarmDescription="of a test",
            comparisonOperator="GreaterThanThreshold",
            evaluationPeriods=3,
            datapointsToAlarm=2,
            metricName="ModelLatency",
            namespace="AWS/SageMaker",
            period=60,
            statistic="Average",
            threshold=0.5,
            dimensions={"EndpointName": "e", "VariantName": "main"},
            alarmActions=[f"arn:aws:sns:us-east-1:{ACCOUNT}:t"],
            okActions=[f"arn:aws:sns:us-east-1:{ACCOUNT}:t"],
            treatMissingData="notBreaching",
            tags={"a": "1"},
        ),
        {"threshold": 2, "dimensions": {"EndpointName": "f"}},
        {"name": "another"},
    ),
    (
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        plain(
            name="of-an-expression",
            comparisonOperator="GreaterThanThreshold",
            evaluationPeriods=1,
            threshold=1,
            metricQueries=[
                {"id": "e1", "expression": "m1*2", "label": "twice", "returnData": True},
                {
                    "id": "m1",
                    "metric": {
                        "metricName": "Invocations",
                        "namespace": "AWS/SageMaker",
                        "period": 60,
                        "stat": "Sum",
                        "dimensions": {"EndpointName": "e"},
                    },
                    "returnData": False,
                },
            ],
        ),
        {"threshold": 2},
        {"name": "another"},
    ),
    (
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        plain(
            name="of-a-percentile",
            comparisonOperator="GreaterThanThreshold",
            evaluationPeriods=3,
            metricName="ModelLatency",
            namespace="AWS/SageMaker",
            period=300,
            extendedStatistic="p99",
            threshold=1_000_000,
            dimensions={"EndpointName": "e", "VariantName": "main"},
        ),
        {"extendedStatistic": "p90"},
        {"name": "another"},
    ),
    (
        "aws:cloudwatch/eventRule:EventRule",
        plain(
            description="of a test",
            eventPattern=json.dumps({"source": ["aws.sagemaker"]}),
            tags={"a": "1"},
        ),
        {"state": "DISABLED", "eventPattern": json.dumps({"source": ["aws.s3"]})},
        {"name": "another"},
    ),
    (
        "aws:cloudwatch/eventRule:EventRule",
        plain(name="nightly", scheduleExpression="rate(1 day)"),
        {"scheduleExpression": "rate(2 days)"},
        {"eventBusName": "another"},
    ),
    (
        "aws:cloudwatch/eventTarget:EventTarget",
        lambda world: {
            "rule": _rule(world),
            "arn": f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:pipeline/training",
            "roleArn": ROLE_ARN,
            "sagemakerPipelineTarget": {"pipelineParameterLists": [{"name": "Rows", "value": "10"}]},
            "deadLetterConfig": {"arn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:dead"},
            "retryPolicy": {"maximumEventAgeInSeconds": 600, "maximumRetryAttempts": 2},
        },
        {"roleArn": f"{ROLE_ARN}-2"},
        {"targetId": "another"},
    ),
    (
        "aws:cloudwatch/eventTarget:EventTarget",
        lambda world: {
            "rule": _rule(world),
            "arn": world.topic(),
            "targetId": "alerts",
            "inputTransformer": {"inputPaths": {"name": "$.detail.name"}, "inputTemplate": '"<name> changed"'},
        },
        {"inputTransformer": {"inputPaths": {"name": "$.detail.id"}, "inputTemplate": '"<name>"'}},
        {"rule": "another"},
    ),
]

LOCAL_CASES = [
    (
        "aws:cloudwatch/logGroup:LogGroup",
        plain(name="/test/group", retentionInDays=14, tags={"a": "1"}),
        {"retentionInDays": 30, "kmsKeyId": f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1"},
        {"name": "/test/other"},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0].rpartition(":")[2])
def test_life(case: tuple[Any, ...], life: Any):
    life(*case)


@pytest.mark.parametrize("case", LOCAL_CASES, ids=lambda case: case[0].rpartition(":")[2])
def test_local_life(case: tuple[Any, ...], local_life: Any):
    local_life(*case)

"""Policies that let AWS's services report to the platform."""

from typing import Any


def alarm_topic(topic_arn: str, account_id: str) -> dict[str, Any]:
    """Let alarms, budgets and rules of this account publish to the topic.

    EventBridge takes no conditions here: "Resource-based policies for EventBridge", its user guide. Which rule may
    target the topic is up to the account, whose rules alone EventBridge lets do it.

    Args:
        topic_arn: the topic.
        account_id: twelve digits.
    """
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Alarms",
                "Effect": "Allow",
                "Principal": {"Service": ["budgets.amazonaws.com", "cloudwatch.amazonaws.com"]},
                "Action": "sns:Publish",
                "Resource": topic_arn,
                "Condition": {"StringEquals": {"aws:SourceAccount": account_id}},
            },
            {
                "Sid": "Events",
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                "Action": "sns:Publish",
                "Resource": topic_arn,
            },
        ],
    }


def event_log(log_group_arn: str) -> dict[str, Any]:
    """Let EventBridge write to a log group, for rules of its own account and region alone."""
    _, partition, _, region, account, *_ = log_group_arn.split(":")
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Events",
                "Effect": "Allow",
                "Principal": {"Service": ["delivery.logs.amazonaws.com", "events.amazonaws.com"]},
                "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                "Resource": f"{log_group_arn}:*",
                "Condition": {"ArnLike": {"aws:SourceArn": f"arn:{partition}:events:{region}:{account}:rule/*"}},
            }
        ],
    }

"""Key policies, as AWS documents them for the services that use the key."""

from typing import Any

from modelyard.naming import Scope


def key_policy(scope: Scope, account_id: str) -> dict[str, Any]:
    """Let the account's identities use the key by IAM, and CloudWatch Logs and alarms by their own names.

    Args:
        scope: whose key it is.
        account_id: twelve digits.
    """
    root = f"arn:{scope.partition}:iam::{account_id}:root"
    logs = f"arn:{scope.partition}:logs:{scope.region}:{account_id}:log-group:*"
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "ByIam",
                "Effect": "Allow",
                "Principal": {"AWS": root},
                "Action": "kms:*",
                "Resource": "*",
            },
            {
                "Sid": "LogGroups",
                "Effect": "Allow",
                "Principal": {"Service": f"logs.{scope.region}.amazonaws.com"},
                "Action": ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
                "Resource": "*",
                "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": logs}},
            },
            {
                "Sid": "AlarmTopics",
                "Effect": "Allow",
                "Principal": {"Service": ["budgets.amazonaws.com", "cloudwatch.amazonaws.com", "events.amazonaws.com"]},
                "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
                "Resource": "*",
                "Condition": {"StringEquals": {"aws:SourceAccount": account_id}},
            },
        ],
    }

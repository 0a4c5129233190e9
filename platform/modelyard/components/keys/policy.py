"""Key policies, one for each class of data, as AWS documents them for the services that use the keys.

In all of them the account's own IAM policies decide who administers and who uses the key; nobody has `kms:*`.
"""

from collections.abc import Sequence
from typing import Any

from modelyard.naming import Scope

Statement = dict[str, Any]

_ADMINISTRATION = [
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:Delete*",
    "kms:Describe*",
    "kms:Disable*",
    "kms:Enable*",
    "kms:Get*",
    "kms:List*",
    "kms:Put*",
    "kms:Revoke*",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:Update*",
]
_ENCRYPT = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
_USE = [*_ENCRYPT, "kms:DescribeKey"]
_WRITE = ["kms:Decrypt", "kms:GenerateDataKey*"]


def data_key(scope: Scope, account_id: str, readers: Sequence[str] = ()) -> dict[str, Any]:
    """Encrypt data, artifacts and features, and the logs of endpoints, which tell of data.

    Args:
        scope: whose key it is.
        account_id: twelve digits.
        readers: other accounts that deploy models; through S3, whose policy says which objects, and by no other way.
    """
    own = (*_of_the_account(scope, account_id), _log_groups(scope, account_id))
    return _document(*own, *([_models(scope, readers)] if readers else []))


def _models(scope: Scope, readers: Sequence[str]) -> Statement:
    return {
        "Sid": "ModelsOfOtherAccounts",
        "Effect": "Allow",
        "Principal": {"AWS": [f"arn:{scope.partition}:iam::{it}:root" for it in sorted(readers)]},
        "Action": ["kms:Decrypt", "kms:DescribeKey"],
        "Resource": "*",
        "Condition": {"StringEquals": {"kms:ViaService": f"s3.{scope.region}.amazonaws.com"}},
    }


def log_key(scope: Scope, account_id: str) -> dict[str, Any]:
    """Encrypt what operations are watched by: log groups, the audit trail, alarms and events.

    Args:
        scope: whose key it is.
        account_id: twelve digits.
    """
    trail = f"arn:{scope.partition}:cloudtrail:{scope.region}:{account_id}:trail/{scope.name('trail', limit=128)}"
    alarms = ["budgets.amazonaws.com", "cloudwatch.amazonaws.com"]
    # SNS's own words: aws:SourceAccount and aws:SourceArn are "not supported for EventBridge-to-encrypted topics".
    topics = {"kms:EncryptionContext:aws:sns:topicArn": f"arn:{scope.partition}:sns:{scope.region}:{account_id}:*"}
    return _document(
        *_of_the_account(scope, account_id),
        _log_groups(scope, account_id),
        _service("AlarmTopics", alarms, _WRITE, {"StringEquals": {"aws:SourceAccount": account_id}}),
        _service("EventTopics", "events.amazonaws.com", _WRITE, {"StringLike": topics}),
        _service("TrailKey", "cloudtrail.amazonaws.com", ["kms:DescribeKey"], {"ArnLike": {"aws:SourceArn": trail}}),
        _service(
            "Trail",
            "cloudtrail.amazonaws.com",
            ["kms:GenerateDataKey*"],
            {
                "ArnLike": {"aws:SourceArn": trail},
                "StringEquals": {"kms:EncryptionContext:aws:cloudtrail:arn": trail},
            },
        ),
    )


def image_key(scope: Scope, account_id: str) -> dict[str, Any]:
    """Encrypt container images; who pulls them needs no right to the key, for the registry has a grant.

    Args:
        scope: whose key it is.
        account_id: twelve digits.
    """
    return _document(*_of_the_account(scope, account_id))


def _of_the_account(scope: Scope, account_id: str) -> list[Statement]:
    principal = {"AWS": f"arn:{scope.partition}:iam::{account_id}:root"}
    statements: dict[str, Statement] = {
        "Administration": {"Action": _ADMINISTRATION},
        "Use": {"Action": _USE},
        "Grants": {"Action": ["kms:CreateGrant"], "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}}},
    }
    return [
        {"Sid": sid, "Effect": "Allow", "Principal": principal, "Resource": "*", **statement}
        for sid, statement in statements.items()
    ]


def _log_groups(scope: Scope, account_id: str) -> Statement:
    groups = f"arn:{scope.partition}:logs:{scope.region}:{account_id}:log-group:*"
    of_the_account = {"StringLike": {"kms:EncryptionContext:aws:logs:arn": groups}}
    return _service("LogGroups", f"logs.{scope.region}.amazonaws.com", _ENCRYPT, of_the_account)


def _service(sid: str, service: str | list[str], actions: list[str], condition: dict[str, Any]) -> Statement:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": actions,
        "Resource": "*",
        "Condition": condition,
    }


def _document(*statements: Statement) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}

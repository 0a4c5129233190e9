"""Keys, and what has to be encrypted with one besides buckets."""

from collections.abc import Mapping
from typing import Any

from modelyard.policies.plan import Plan, Planned, plain
from modelyard.policies.rule import Found, rule

_LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
_MIN_WINDOW_DAYS = 30
_DATABASES = (
    "aws:rds/instance:Instance",
    "aws:rds/cluster:Cluster",
    "aws:efs/fileSystem:FileSystem",
    "aws:ebs/volume:Volume",
)
_SWITCHES = {"aws:efs/fileSystem:FileSystem": "encrypted", "aws:ebs/volume:Volume": "encrypted"}


@rule(
    "kms-rotated",
    title="Keys rotate",
    reason="a key that never changes protects ever more data, for ever longer",
    mend="set enable_key_rotation to true",
)
def rotated(plan: Plan) -> Found:
    """Find symmetric keys without rotation."""
    for it in plan.of("aws:kms/key:Key"):
        symmetric = it.text("customerMasterKeySpec") in ("", "SYMMETRIC_DEFAULT")
        if symmetric and it.knows("enableKeyRotation") and it.inputs.get("enableKeyRotation") is not True:
            yield it, "rotation is off"


@rule(
    "kms-deletion-window",
    title="Keys of protected environments go slowly",
    reason="what a deleted key encrypted is lost; somebody has to have the time to notice",
    mend="set keys.deletion_window_days to 30",
)
def deletion_window(plan: Plan) -> Found:
    """Find keys of a protected environment that are gone in less than 30 days."""
    for it in plan.of("aws:kms/key:Key"):
        days = it.inputs.get("deletionWindowInDays")
        if plan.protected and isinstance(days, int) and days < _MIN_WINDOW_DAYS:
            yield it, f"it is gone {days} days after it is deleted"


@rule(
    "logs-encrypted",
    title="Log groups are encrypted with a key",
    reason="logs hold inputs of models, and so data of people",
    mend="set kms_key_id to the environment's key",
)
def logs_encrypted(plan: Plan) -> Found:
    """Find log groups without a key."""
    for it in plan.of(_LOG_GROUP):
        if _lacks(it, "kmsKeyId"):
            yield it, "it has no key"


@rule(
    "logs-retained",
    title="Log groups say how long they keep",
    reason="logs that are kept for ever cost for ever, and hold data that had to go",
    mend="set retention_in_days",
)
def logs_retained(plan: Plan) -> Found:
    """Find log groups that keep everything."""
    for it in plan.of(_LOG_GROUP):
        if it.knows("retentionInDays") and not it.inputs.get("retentionInDays"):
            yield it, "it keeps its events for ever"


@rule(
    "topics-encrypted",
    title="Topics are encrypted with a key",
    reason="alarms and events tell what a platform does",
    mend="set kms_master_key_id to the environment's key",
)
def topics_encrypted(plan: Plan) -> Found:
    """Find topics without a key."""
    for it in plan.of("aws:sns/topic:Topic"):
        if _lacks(it, "kmsMasterKeyId"):
            yield it, "it has no key"


@rule(
    "queues-encrypted",
    title="Queues are encrypted",
    reason="messages hold data",
    mend="set kms_master_key_id, or sqs_managed_sse_enabled to true",
)
def queues_encrypted(plan: Plan) -> Found:
    """Find queues without encryption."""
    for it in plan.of("aws:sqs/queue:Queue"):
        if _lacks(it, "kmsMasterKeyId") and it.inputs.get("sqsManagedSseEnabled") is not True:
            yield it, "it is not encrypted"


@rule(
    "tables-encrypted",
    title="Tables are encrypted with a key",
    reason="features in a table are data of people",
    mend="set server_side_encryption with enabled and a key",
)
def tables_encrypted(plan: Plan) -> Found:
    """Find DynamoDB tables that AWS's own key encrypts."""
    for it in plan.of("aws:dynamodb/table:Table"):
        block = it.inputs.get("serverSideEncryption")
        if plain(block) and not (isinstance(block, Mapping) and block.get("enabled") is True):
            yield it, "it has no key of its own"


@rule(
    "disks-encrypted",
    title="Databases, file systems and volumes are encrypted",
    reason="data at rest has to be encrypted",
    mend="set encrypted, or storage_encrypted, to true",
)
def disks_encrypted(plan: Plan) -> Found:
    """Find storage that is not encrypted."""
    for it in plan.of(*_DATABASES):
        name = _SWITCHES.get(it.type, "storageEncrypted")
        if it.knows(name) and it.inputs.get(name) is not True:
            yield it, f"{name} is off"


@rule(
    "secrets-encrypted",
    title="Secrets are encrypted with a key",
    reason="the account's default key can't be taken away from those who may read",
    mend="set kms_key_id to the environment's key; a parameter is a SecureString with key_id",
)
def secrets_encrypted(plan: Plan) -> Found:
    """Find secrets without a key."""
    for it in plan.of("aws:secretsmanager/secret:Secret"):
        if _lacks(it, "kmsKeyId"):
            yield it, "it has no key"
    for it in plan.of("aws:ssm/parameter:Parameter"):
        if it.text("type") == "SecureString" and _lacks(it, "keyId"):
            yield it, "it has no key"


def _lacks(resource: Planned, name: str) -> bool:
    """Tell whether an input is known to be missing, or empty."""
    value: Any = resource.inputs.get(name)
    return value is None or value == ""

"""`aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration`."""

from typing import Any

from modelyard.localcloud.provider.s3 import BucketSetting
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props


class BucketServerSideEncryptionConfiguration(BucketSetting):
    """With which key a bucket encrypts what it is given."""

    pulumi_type = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    setting = "bucket_encryption"
    parameter = "ServerSideEncryptionConfiguration"
    unread = frozenset({"expectedBucketOwner"})

    def to_aws(self, aws: Session, props: Props) -> Any:
        """Return the rules."""
        return {"Rules": [_rule_to_aws(rule) for rule in props["rules"]]}

    def from_aws(self, answer: dict[str, Any]) -> Props | None:
        """Read the rules."""
        rules = answer.get(self.parameter, {}).get("Rules")
        return {"rules": [_rule_from_aws(rule) for rule in rules]} if rules else None


def _rule_to_aws(rule: Props) -> dict[str, Any]:
    default = rule.get("applyServerSideEncryptionByDefault") or {}
    applied = {"SSEAlgorithm": default.get("sseAlgorithm"), "KMSMasterKeyID": default.get("kmsMasterKeyId")}
    result: dict[str, Any] = {}
    if default:
        result["ApplyServerSideEncryptionByDefault"] = {key: value for key, value in applied.items() if value}
    if rule.get("bucketKeyEnabled") is not None:
        result["BucketKeyEnabled"] = rule["bucketKeyEnabled"]
    if rule.get("blockedEncryptionTypes"):
        result["BlockedEncryptionTypes"] = {"EncryptionType": rule["blockedEncryptionTypes"]}
    return result


def _rule_from_aws(rule: dict[str, Any]) -> Props:
    default = rule.get("ApplyServerSideEncryptionByDefault", {})
    applied = {"sseAlgorithm": default.get("SSEAlgorithm"), "kmsMasterKeyId": default.get("KMSMasterKeyID")}
    result: Props = {"bucketKeyEnabled": rule.get("BucketKeyEnabled", False)}
    if default:
        result["applyServerSideEncryptionByDefault"] = {key: value for key, value in applied.items() if value}
    if rule.get("BlockedEncryptionTypes"):
        result["blockedEncryptionTypes"] = rule["BlockedEncryptionTypes"]["EncryptionType"]
    return result


RESOURCE = BucketServerSideEncryptionConfiguration()

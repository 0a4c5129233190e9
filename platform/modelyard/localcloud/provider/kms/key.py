"""`aws:kms/key:Key`."""

from collections.abc import Iterator
from typing import Any, ClassVar

from modelyard.localcloud.provider.errors import found
from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.session import Session
from modelyard.localcloud.provider.tags import TagOperations
from modelyard.wire import Props

_LONGEST_WINDOW_DAYS = 30
_GOING = ("PendingDeletion", "PendingReplicaDeletion")


class Key(ResourceType):
    """An encryption key; one that awaits its deletion counts as gone."""

    pulumi_type = "aws:kms/key:Key"
    client = "kms"
    tagging = TagOperations(
        "kms", list_operation="list_resource_tags", resource="KeyId", key="TagKey", value="TagValue"
    )
    tag_target = "keyId"
    defaults: ClassVar = {
        "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "enableKeyRotation": False,
        "isEnabled": True,
        "keyUsage": "ENCRYPT_DECRYPT",
    }
    names: ClassVar = {"customerMasterKeySpec": "KeySpec", "isEnabled": "Enabled"}
    replace = frozenset({"customKeyStoreId", "customerMasterKeySpec", "keyUsage", "multiRegion", "xksKeyId"})
    json_properties = frozenset({"policy"})
    unread = frozenset({"bypassPolicyLockoutSafetyCheck", "deletionWindowInDays"})

    def create(self, aws: Session, inputs: Props) -> str:
        """Make the key."""
        answer = self.call(aws, "create_key", **self.request(aws, "create_key", inputs))
        return str(answer["KeyMetadata"]["KeyId"])

    def configure(self, aws: Session, resource_id: str, inputs: Props) -> None:
        """Start rotation and disable the key, where the inputs say so."""
        created = {"isEnabled": True, **{name: inputs.get(name) for name in ("description", "policy")}}
        self.update(aws, resource_id, created, inputs)

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Describe the key, its policy and rotation."""
        answer = self.find(aws, "describe_key", KeyId=resource_id)
        if answer is None or answer["KeyMetadata"]["KeyState"] in _GOING:
            return None
        metadata = answer["KeyMetadata"]
        policy = self.call(aws, "get_key_policy", KeyId=resource_id, PolicyName="default")["Policy"]
        return self.properties(metadata) | {"policy": policy} | self._rotation(aws, metadata)

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Change description, policy, rotation and whether the key is enabled, in the order that works."""
        if new.get("isEnabled", True) and not old.get("isEnabled", True):
            self.call(aws, "enable_key", KeyId=resource_id)
        if (old.get("description") or "") != (new.get("description") or ""):
            self.call(aws, "update_key_description", KeyId=resource_id, Description=new.get("description") or "")
        if new.get("policy") and not self.same("policy", old.get("policy"), new["policy"]):
            self.call(aws, "put_key_policy", KeyId=resource_id, PolicyName="default", Policy=new["policy"])
        self._rotate(aws, resource_id, old, new)
        if old.get("isEnabled", True) and not new.get("isEnabled", True):
            self.call(aws, "disable_key", KeyId=resource_id)

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Schedule the deletion, in 30 days unless `deletionWindowInDays` says otherwise."""
        answer = self.find(aws, "describe_key", KeyId=resource_id)
        if answer is not None and answer["KeyMetadata"]["KeyState"] not in _GOING:
            window = state.get("deletionWindowInDays") or _LONGEST_WINDOW_DAYS
            self.call(aws, "schedule_key_deletion", KeyId=resource_id, PendingWindowInDays=window)

    def list(self, aws: Session) -> Iterator[str]:
        """List the keys, those of AWS and those that await their deletion left out."""
        for key in self.pages(aws, "list_keys", "Keys"):
            metadata = self.call(aws, "describe_key", KeyId=key["KeyId"])["KeyMetadata"]
            if metadata["KeyManager"] == "CUSTOMER" and metadata["KeyState"] not in _GOING:
                yield str(key["KeyId"])

    def _rotation(self, aws: Session, metadata: dict[str, Any]) -> Props:
        status = found(aws.client("kms").get_key_rotation_status, KeyId=metadata["KeyId"]) or {}
        enabled = bool(status.get("KeyRotationEnabled"))
        period = status.get("RotationPeriodInDays")
        return {"enableKeyRotation": enabled} | ({"rotationPeriodInDays": period} if enabled and period else {})

    def _rotate(self, aws: Session, key_id: str, old: Props, new: Props) -> None:
        names = ("enableKeyRotation", "rotationPeriodInDays")
        before, after = ([props.get(name) or None for name in names] for props in (old, new))
        if before == after:
            return
        if not after[0]:
            self.call(aws, "disable_key_rotation", KeyId=key_id)
            return
        period = {"RotationPeriodInDays": after[1]} if after[1] else {}
        self.call(aws, "enable_key_rotation", KeyId=key_id, **period)


RESOURCE = Key()

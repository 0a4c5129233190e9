"""`aws:secretsmanager/secret:Secret`."""

from collections.abc import Iterator
from typing import Any, ClassVar

from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.session import Session
from modelyard.localcloud.provider.tags import Tags, changes, from_pairs, own_tags, to_pairs
from modelyard.wire import Props

_LONGEST_WINDOW_DAYS = 30


class SecretTags:
    """The dialect of secrets: they are described with their tags."""

    def read(self, aws: Session, resource: str) -> dict[str, str]:
        """Return all tags of a secret, those that AWS itself put there left out."""
        return own_tags(from_pairs(aws.client("secretsmanager").describe_secret(SecretId=resource).get("Tags")))

    def write(self, aws: Session, resource: str, old: Tags, new: Tags) -> None:
        """Make the tags of a secret the new ones, given the old ones."""
        added, removed = changes(old, new)
        if removed:
            aws.client("secretsmanager").untag_resource(SecretId=resource, TagKeys=removed)
        if added:
            aws.client("secretsmanager").tag_resource(SecretId=resource, Tags=to_pairs(added))


class Secret(ResourceType):
    """A secret; its values are resources of their own, and one that awaits its deletion counts as gone."""

    pulumi_type = "aws:secretsmanager/secret:Secret"
    client = "secretsmanager"
    name_property = "name"
    name_limit = 255
    tagging = SecretTags()
    defaults: ClassVar = {"forceOverwriteReplicaSecret": False, "recoveryWindowInDays": _LONGEST_WINDOW_DAYS}
    names: ClassVar = {"arn": "ARN"}
    replace = frozenset({"namePrefix"})
    json_properties = frozenset({"policy"})
    unread = frozenset({"forceOverwriteReplicaSecret", "namePrefix", "recoveryWindowInDays"})

    def refusals(self, inputs: Props) -> Iterator[tuple[str, str]]:
        """There is one region to keep a secret in."""
        if inputs.get("replicas"):
            yield "replicas", "is nothing that the local cloud keeps; take it out"

    def create(self, aws: Session, inputs: Props) -> str:
        """Make the secret; it is known by its ARN."""
        return str(self.call(aws, "create_secret", **self.request(aws, "create_secret", inputs))["ARN"])

    def configure(self, aws: Session, resource_id: str, inputs: Props) -> None:
        """Put the policy."""
        self._policy(aws, resource_id, None, inputs.get("policy"))

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Describe the secret."""
        answer = self.find(aws, "describe_secret", SecretId=resource_id)
        if answer is None or answer.get("DeletedDate"):
            return None
        policy = (self.find(aws, "get_resource_policy", SecretId=resource_id) or {}).get("ResourcePolicy")
        found: dict[str, Any] = {"arn": answer["ARN"], "name": answer["Name"], "policy": policy or ""}
        found |= {"description": answer.get("Description") or "", "kmsKeyId": answer.get("KmsKeyId") or ""}
        return found

    def import_id(self, aws: Session, resource_id: str) -> str:
        """A secret is found by its name too."""
        answer = self.find(aws, "describe_secret", SecretId=resource_id)
        return str(answer["ARN"]) if answer else resource_id

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Change description, key and policy."""
        details = {name: new.get(name) or "" for name in ("description", "kmsKeyId")}
        if any((old.get(name) or "") != value for name, value in details.items()):
            given = {"Description": details["description"]}
            given |= {"KmsKeyId": details["kmsKeyId"]} if details["kmsKeyId"] else {}
            self.call(aws, "update_secret", SecretId=resource_id, **given)
        self._policy(aws, resource_id, old.get("policy"), new.get("policy"))

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Schedule the deletion; a window of 0 days deletes at once."""
        if self.read(aws, resource_id, {}) is None:
            return
        days = state.get("recoveryWindowInDays", _LONGEST_WINDOW_DAYS)
        how = {"RecoveryWindowInDays": days} if days else {"ForceDeleteWithoutRecovery": True}
        self.find(aws, "delete_secret", SecretId=resource_id, **how)

    def list(self, aws: Session) -> Iterator[str]:
        """List the ARNs."""
        for secret in self.pages(aws, "list_secrets", "SecretList"):
            if not secret.get("DeletedDate"):
                yield str(secret["ARN"])

    def _policy(self, aws: Session, arn: str, old: str | None, new: str | None) -> None:
        if self.same("policy", old or "", new or ""):
            return
        if new:
            self.call(aws, "put_resource_policy", SecretId=arn, ResourcePolicy=new)
        else:
            self.call(aws, "delete_resource_policy", SecretId=arn)


RESOURCE = Secret()

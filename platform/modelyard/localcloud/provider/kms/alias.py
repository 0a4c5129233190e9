"""`aws:kms/alias:Alias`."""

from collections.abc import Iterator
from typing import Any

from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props

_PREFIX = "alias/"


class Alias(ResourceType):
    """A name of an encryption key."""

    pulumi_type = "aws:kms/alias:Alias"
    client = "kms"
    name_property = "name"
    name_limit = 238
    replace = frozenset({"namePrefix"})
    unread = frozenset({"namePrefix"})

    def finish_name(self, name: str, inputs: Props) -> str:
        """Begin with what AWS wants aliases to begin with."""
        return name if name.startswith(_PREFIX) else _PREFIX + name

    def same(self, name: str, old: Any, new: Any) -> bool:
        """A key's identifier and its ARN are the same target."""
        if name == "targetKeyId" and isinstance(old, str) and isinstance(new, str):
            return old.rpartition("/")[2] == new.rpartition("/")[2]
        return super().same(name, old, new)

    def create(self, aws: Session, inputs: Props) -> str:
        """Make the alias; it is known by its name."""
        self.call(aws, "create_alias", AliasName=inputs["name"], TargetKeyId=inputs["targetKeyId"])
        return str(inputs["name"])

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Find the alias among all."""
        for alias in self.pages(aws, "list_aliases", "Aliases"):
            if alias["AliasName"] == resource_id:
                key_id = alias.get("TargetKeyId", "")
                target = {"targetKeyId": key_id, "targetKeyArn": aws.arn("kms", f"key/{key_id}")}
                return {"name": resource_id, "arn": alias["AliasArn"], **target}
        return None

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Point the alias at another key."""
        self.call(aws, "update_alias", AliasName=resource_id, TargetKeyId=new["targetKeyId"])

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Delete the alias."""
        self.find(aws, "delete_alias", AliasName=resource_id)

    def list(self, aws: Session) -> Iterator[str]:
        """List the names, those of AWS left out."""
        for alias in self.pages(aws, "list_aliases", "Aliases"):
            if not alias["AliasName"].startswith(f"{_PREFIX}aws/"):
                yield str(alias["AliasName"])


RESOURCE = Alias()

"""`aws:cloudwatch/logGroup:LogGroup`."""

from collections.abc import Iterator
from typing import Any, ClassVar

from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.session import Session
from modelyard.localcloud.provider.tags import TagOperations
from modelyard.wire import Props


class LogGroup(ResourceType):
    """A group of log streams."""

    pulumi_type = "aws:cloudwatch/logGroup:LogGroup"
    client = "logs"
    name_property = "name"
    name_limit = 512
    tagging = TagOperations("logs", resource="resourceArn", tags="tags", keys="tagKeys", key="")
    defaults: ClassVar = {"retentionInDays": 0, "skipDestroy": False}
    names: ClassVar = {"name": "logGroupName", "arn": "logGroupArn"}
    replace = frozenset({"logGroupClass", "namePrefix"})
    unread = frozenset({"namePrefix", "skipDestroy"})

    def create(self, aws: Session, inputs: Props) -> str:
        """Make the log group; it is known by its name."""
        self.call(aws, "create_log_group", **self.request(aws, "create_log_group", inputs))
        return str(inputs["name"])

    def configure(self, aws: Session, resource_id: str, inputs: Props) -> None:
        """Set how long logs are kept."""
        self._retain(aws, resource_id, inputs.get("retentionInDays") or 0, new=True)

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Describe the log group."""
        found = self._describe(aws, resource_id)
        if found is None:
            return None
        return self.properties(found) | {
            "name": resource_id,
            "arn": found["arn"].removesuffix(":*"),
            "logGroupClass": found.get("logGroupClass", "STANDARD"),
            "retentionInDays": found.get("retentionInDays", 0),
        }

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Change how long logs are kept and with which key."""
        if (old.get("retentionInDays") or 0) != (new.get("retentionInDays") or 0):
            self._retain(aws, resource_id, new.get("retentionInDays") or 0, new=False)
        if (old.get("kmsKeyId") or None) != (new.get("kmsKeyId") or None):
            key = {"kmsKeyId": new["kmsKeyId"]} if new.get("kmsKeyId") else {}
            operation = "associate_kms_key" if key else "disassociate_kms_key"
            self.call(aws, operation, logGroupName=resource_id, **key)

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Delete the log group, but for one that is to stay."""
        if not state.get("skipDestroy"):
            self.find(aws, "delete_log_group", logGroupName=resource_id)

    def list(self, aws: Session) -> Iterator[str]:
        """List the names; which groups a service made on its own can't be told."""
        for group in self.pages(aws, "describe_log_groups", "logGroups"):
            yield str(group["logGroupName"])

    def _describe(self, aws: Session, name: str) -> dict[str, Any] | None:
        groups = self.pages(aws, "describe_log_groups", "logGroups", logGroupNamePrefix=name)
        return next((dict(group) for group in groups if group["logGroupName"] == name), None)

    def _retain(self, aws: Session, name: str, days: int, *, new: bool) -> None:
        if days:
            self.call(aws, "put_retention_policy", logGroupName=name, retentionInDays=days)
        elif not new:
            self.call(aws, "delete_retention_policy", logGroupName=name)


RESOURCE = LogGroup()

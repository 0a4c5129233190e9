"""`aws:costexplorer/costAllocationTag:CostAllocationTag`."""

from collections.abc import Iterator
from typing import Any

from modelyard.localcloud.provider.errors import ProviderError
from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props

_OFF = "Inactive"


class CostAllocationTag(ResourceType):
    """A tag by which the account's costs can be told apart; AWS has no way to forget one, only to turn it off."""

    pulumi_type = "aws:costexplorer/costAllocationTag:CostAllocationTag"
    client = "ce"
    replace = frozenset({"tagKey"})

    def create(self, aws: Session, inputs: Props) -> str:
        """Turn the tag on or off; it is known by its key."""
        self._set(aws, str(inputs["tagKey"]), str(inputs["status"]))
        return str(inputs["tagKey"])

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Read whether the tag is on."""
        found = self.call(aws, "list_cost_allocation_tags", TagKeys=[resource_id])["CostAllocationTags"]
        return {"tagKey": resource_id, "status": found[0]["Status"], "type": found[0]["Type"]} if found else None

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Turn the tag on or off."""
        self._set(aws, resource_id, str(new["status"]))

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Turn the tag off, as the real provider does."""
        if self.read(aws, resource_id, state) is not None:
            self._set(aws, resource_id, _OFF)

    def list(self, aws: Session) -> Iterator[str]:
        """List the tags that are on."""
        for tag in self.pages(aws, "list_cost_allocation_tags", "CostAllocationTags", Status="Active"):
            yield str(tag["TagKey"])

    def _set(self, aws: Session, key: str, status: str) -> None:
        changed: list[Any] = [{"TagKey": key, "Status": status}]
        answer = self.call(aws, "update_cost_allocation_tags_status", CostAllocationTagsStatus=changed)
        for problem in answer.get("Errors") or []:
            raise ProviderError(f"{self.pulumi_type} ({key}): {problem.get('Code')}: {problem.get('Message')}")


RESOURCE = CostAllocationTag()

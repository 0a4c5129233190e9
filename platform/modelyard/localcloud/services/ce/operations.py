"""ListCostAllocationTags and UpdateCostAllocationTagsStatus."""

import json
from typing import TYPE_CHECKING, Any, ClassVar

from moto.ce.responses import CostExplorerResponse

from modelyard.localcloud.runtime.logs import now

if TYPE_CHECKING:
    from modelyard.localcloud.cloud import LocalCloud

KIND = "CostAllocationTag"
_EVERYWHERE = "aws-global"
_PAGE = 100


class CostTags(CostExplorerResponse):
    """Operations on the account's cost-allocation tags; they are of no region."""

    cloud: ClassVar["LocalCloud"]

    def list_cost_allocation_tags(self) -> str:
        """Return tags by key, status and type, page after page."""
        keys, status, kind = (self._get_param(name) for name in ("TagKeys", "Status", "Type"))
        kept = [
            tag
            for tag in self._tags.all()
            if (not keys or tag["TagKey"] in keys)
            and (not status or tag["Status"] == status)
            and (not kind or tag["Type"] == kind)
        ]
        start, size = int(self._get_param("NextToken") or 0), int(self._get_param("MaxResults") or _PAGE)
        answer: dict[str, Any] = {"CostAllocationTags": kept[start : start + size]}
        if len(kept) > start + size:
            answer["NextToken"] = str(start + size)
        return json.dumps(answer)

    def update_cost_allocation_tags_status(self) -> str:
        """Turn tags on and off; one that was never seen counts as seen, for nothing is billed here."""
        moment = now().strftime("%Y-%m-%dT%H:%M:%SZ")
        for entry in self._get_param("CostAllocationTagsStatus"):
            key = entry["TagKey"]
            kind = "AWSGenerated" if key.startswith("aws:") else "UserDefined"
            document = {"TagKey": key, "Type": kind, "Status": entry["Status"], "LastUpdatedDate": moment}
            if not self._tags.add(key, document):
                self._tags.update(key, Status=entry["Status"], LastUpdatedDate=moment)
        return json.dumps({"Errors": []})

    @property
    def _tags(self) -> Any:
        return self.cloud.store.collection(_EVERYWHERE, KIND)

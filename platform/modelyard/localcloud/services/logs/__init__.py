"""CloudWatch Logs: the key of a log group, and metric filters that are put once and go with their group."""

from typing import TYPE_CHECKING, Any

import moto.logs.urls
from moto.logs.exceptions import ResourceNotFoundException
from moto.logs.responses import LogsResponse

if TYPE_CHECKING:
    from modelyard.localcloud.cloud import LocalCloud


class Operations(LogsResponse):
    """Our operations in front of moto's."""

    def associate_kms_key(self) -> str:
        """Encrypt a log group with a key from now on."""
        self._group().kms_key_id = self._get_param("kmsKeyId")
        return ""

    def disassociate_kms_key(self) -> str:
        """Go back to the key of the service."""
        self._group().kms_key_id = None
        return ""

    def put_metric_filter(self) -> str:
        """Put a filter in the place of one of its name; moto keeps both, and takes one of no log group."""
        self._group()
        self.logs_backend.delete_metric_filter(self._get_param("filterName"), self._get_param("logGroupName"))
        return str(super().put_metric_filter())

    def delete_metric_filter(self) -> str:
        """Delete a filter; moto is silent about one that is not there."""
        group = self._group()
        name = self._get_param("filterName")
        known = self.logs_backend.describe_metric_filters(name, group.name)
        if name not in [it["filterName"] for it in known]:
            raise ResourceNotFoundException(msg="The specified metric filter does not exist.")
        return str(super().delete_metric_filter())

    def delete_log_group(self) -> str:
        """Delete a group with its filters and tags, which moto would keep, and give to the next of its name."""
        group = self._group()
        self.logs_backend.tagger.delete_all_tags_for_resource(group.arn)
        for it in list(self.logs_backend.describe_metric_filters(None, group.name)):
            self.logs_backend.delete_metric_filter(it["filterName"], group.name)
        return str(super().delete_log_group())

    def _group(self) -> Any:
        name = self._get_param("logGroupName")
        group = self.logs_backend.groups.get(name)
        if group is None:
            raise ResourceNotFoundException()
        return group


def install(_cloud: "LocalCloud") -> None:
    """Route the requests of CloudWatch Logs through our operations."""
    moto.logs.urls.url_paths["{0}/$"] = Operations.dispatch

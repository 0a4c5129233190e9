"""CloudWatch Logs: the key and the class of a log group, which moto leaves out."""

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

    def _group(self) -> Any:
        name = self._get_param("logGroupName")
        group = self.logs_backend.groups.get(name)
        if group is None:
            raise ResourceNotFoundException()
        return group


def install(_cloud: "LocalCloud") -> None:
    """Route the requests of CloudWatch Logs through our operations."""
    moto.logs.urls.url_paths["{0}/$"] = Operations.dispatch

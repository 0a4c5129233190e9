"""CloudTrail: trails as the real one keeps them; what they would record is not written."""

from typing import TYPE_CHECKING

import moto.cloudtrail.urls

from modelyard.localcloud.services.cloudtrail.operations import CloudTrailOperations

if TYPE_CHECKING:
    from modelyard.localcloud.cloud import LocalCloud


def install(_cloud: "LocalCloud") -> None:
    """Route CloudTrail's requests through our operations."""
    moto.cloudtrail.urls.url_paths["{0}/$"] = CloudTrailOperations.dispatch

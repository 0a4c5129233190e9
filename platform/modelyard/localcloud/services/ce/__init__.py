"""Cost Explorer: cost-allocation tags, which moto lacks."""

from typing import TYPE_CHECKING

import moto.ce.urls

from modelyard.localcloud.services.ce.operations import CostTags

if TYPE_CHECKING:
    from modelyard.localcloud.cloud import LocalCloud


def install(cloud: "LocalCloud") -> None:
    """Route the requests of Cost Explorer through our operations."""
    answer = type("CostExplorer", (CostTags,), {"cloud": cloud})
    for path in moto.ce.urls.url_paths:
        moto.ce.urls.url_paths[path] = answer.dispatch  # type: ignore[attr-defined]

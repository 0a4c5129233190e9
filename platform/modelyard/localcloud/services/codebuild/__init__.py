"""CodeBuild: projects that can be changed, and builds that really run; moto's only pretend."""

from typing import TYPE_CHECKING

import moto.codebuild.urls

from modelyard.localcloud.services.codebuild.operations import BuildOperations

if TYPE_CHECKING:
    from modelyard.localcloud.cloud import LocalCloud


def install(cloud: "LocalCloud") -> None:
    """Route the requests of CodeBuild through our operations."""
    answer = type("CodeBuild", (BuildOperations,), {"cloud": cloud})
    for path in moto.codebuild.urls.url_paths:
        moto.codebuild.urls.url_paths[path] = answer.dispatch  # type: ignore[attr-defined]


def mixins() -> list[type]:
    """Return the classes whose operations are ours."""
    return [BuildOperations]

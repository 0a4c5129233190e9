"""SageMaker: our operations in front of moto's.

Every module here that defines subclasses of `Operations` takes part; a new kind of resource is a new file.
"""

import importlib
import pkgutil
from typing import TYPE_CHECKING

import moto.sagemaker.urls

from modelyard.localcloud.services.sagemaker.base import Operations

if TYPE_CHECKING:
    from modelyard.localcloud.cloud import LocalCloud


def install(cloud: "LocalCloud") -> None:
    """Route SageMaker's requests through our operations."""
    answer = type("SageMaker", tuple(mixins()), {"cloud": cloud})
    moto.sagemaker.urls.url_paths["{0}/$"] = answer.dispatch  # type: ignore[attr-defined]


def mixins() -> list[type[Operations]]:
    """Return the classes that hold our operations; one that another one extends comes with that one."""
    found: list[type[Operations]] = []
    for module in pkgutil.iter_modules(__path__):
        content = vars(importlib.import_module(f"{__name__}.{module.name}")).values()
        found += [item for item in content if isinstance(item, type) and issubclass(item, Operations)]
    return [mixin for mixin in dict.fromkeys(found) if not any(mixin in other.__mro__[1:] for other in found)]

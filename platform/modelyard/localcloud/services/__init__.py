"""Operations that moto lacks or does in name only: one folder per service, found by being here.

Each package has `install(cloud)`, which puts its operations in front of moto's before the first request.
"""

import importlib
import pkgutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modelyard.localcloud.cloud import LocalCloud


def install(cloud: "LocalCloud") -> None:
    """Install every service's operations."""
    for module in pkgutil.iter_modules(__path__):
        if module.ispkg:
            importlib.import_module(f"{__name__}.{module.name}").install(cloud)

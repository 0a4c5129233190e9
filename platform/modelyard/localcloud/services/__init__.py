"""Operations that moto lacks or does in name only: one folder per service, found by being here.

Each package has `install(cloud)`, which puts its operations in front of moto's before the first request.
"""

import importlib
import pkgutil
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modelyard.localcloud.cloud import LocalCloud

# EC2 costs a second and a hundred megabytes, whoever loads it: these wait until somebody asks for them.
_ON_DEMAND = frozenset({"applicationautoscaling", "ec2"})
_waiting: dict[str, "LocalCloud"] = {}
_lock = threading.Lock()


def install(cloud: "LocalCloud") -> None:
    """Install every service's operations, but for those that wait."""
    for module in pkgutil.iter_modules(__path__):
        if module.name in _ON_DEMAND:
            _waiting[module.name] = cloud
        elif module.ispkg:
            _install(module.name, cloud)


def demand(backend: str | None) -> None:
    """Install a service's operations if they wait.

    Args:
        backend: moto's name of the service that a request is for.
    """
    if backend is None or backend not in _waiting:
        return
    with _lock:
        cloud = _waiting.get(backend)
        if cloud:
            _install(backend, cloud)
            del _waiting[backend]


def _install(name: str, cloud: "LocalCloud") -> None:
    importlib.import_module(f"{__name__}.{name}").install(cloud)

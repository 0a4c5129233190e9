"""What each type of resource uses: one file for each service, found by being here.

Each module has `RULES`, by type, and `FREE`: types, or beginnings of types, that AWS charges nothing for. It may have
`UNKNOWN`: types that cost, of which nothing can be said, each with the reason.
"""

import importlib
import pkgutil
from functools import cache
from typing import Any

from modelyard.costing.usage import Rule


@cache
def rules() -> dict[str, Rule]:
    """Return all rules by resource type."""
    return {kind: rule for module in _modules() for kind, rule in module.RULES.items()}


@cache
def free() -> tuple[str, ...]:
    """Return all types, and beginnings of types, that cost nothing."""
    return tuple(kind for module in _modules() for kind in module.FREE)


@cache
def unknown() -> dict[str, str]:
    """Return all types that cost something nobody can tell beforehand, each with the reason."""
    return {kind: why for module in _modules() for kind, why in getattr(module, "UNKNOWN", {}).items()}


def _modules() -> list[Any]:
    return [importlib.import_module(f"{__name__}.{it.name}") for it in pkgutil.iter_modules(__path__)]

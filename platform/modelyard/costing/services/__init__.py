"""What each type of resource uses: one file for each service, found by being here.

Each module has `RULES`, by type, and `FREE`: types, or beginnings of types, that AWS charges nothing for.
"""

import importlib
import pkgutil
from functools import cache

from modelyard.costing.usage import Rule


@cache
def rules() -> dict[str, Rule]:
    """Return all rules by resource type."""
    return {kind: rule for module in _modules() for kind, rule in module.RULES.items()}


@cache
def free() -> tuple[str, ...]:
    """Return all types, and beginnings of types, that cost nothing."""
    return tuple(kind for module in _modules() for kind in module.FREE)


def _modules() -> list[object]:
    return [importlib.import_module(f"{__name__}.{it.name}") for it in pkgutil.iter_modules(__path__)]

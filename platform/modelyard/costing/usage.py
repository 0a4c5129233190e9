"""What a resource uses in a month, in the units that AWS charges for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from modelyard.components.cost.settings import UsageSettings

HOURS = 730
"""Hours of a month, as AWS's own calculator counts them."""

MILLION = 1_000_000


@dataclass(frozen=True)
class Use:
    """One thing that is charged for.

    Args:
        service: the price list's code of the service.
        item: the price list's usage type without its region.
        quantity: how many units a month.
        why: where the quantity comes from: the resource itself, or which assumption.
    """

    service: str
    item: str
    quantity: float
    why: str


Inputs = Mapping[str, Any]
Rule = Callable[[Inputs, UsageSettings], list[Use]]


def hours(service: str, item: str, count: int = 1) -> Use:
    """Return what is there all month long."""
    return Use(service, item, HOURS * count, f"{count} x {HOURS} hours" if count > 1 else f"{HOURS} hours")


def number(inputs: Inputs, name: str, otherwise: int) -> int:
    """Return an input that is a number; another one where it isn't known yet."""
    value = inputs.get(name)
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else otherwise

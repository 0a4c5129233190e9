"""Conditions of a Condition step."""

import operator
from collections.abc import Callable
from typing import Any

from modelyard.localcloud.runtime.pipelines.references import PathError

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "Equals": operator.eq,
    "GreaterThan": operator.gt,
    "GreaterThanOrEqualTo": operator.ge,
    "LessThan": operator.lt,
    "LessThanOrEqualTo": operator.le,
}


def holds(condition: dict[str, Any]) -> bool:
    """Tell whether a condition, its references already replaced, is true.

    Raises:
        PathError: its type is unknown, or its values can't be compared.
    """
    kind = condition.get("Type", "")
    if kind in _COMPARISONS:
        return _compare(kind, condition.get("LeftValue"), condition.get("RightValue"))
    if kind == "In":
        return any(_compare("Equals", condition.get("QueryValue"), value) for value in condition["Values"])
    if kind == "Not":
        # SDK 2 says Expression, SDK 3 says Condition.
        return not holds(condition.get("Expression") or condition["Condition"])
    if kind == "Or":
        return any(holds(item) for item in condition["Conditions"])
    if kind == "And":
        return all(holds(item) for item in condition["Conditions"])
    raise PathError(f"ClientError: the condition type {kind!r} is unknown")


def _compare(kind: str, left: Any, right: Any) -> bool:
    left, right = _alike(left, right), _alike(right, left)
    try:
        return bool(_COMPARISONS[kind](left, right))
    except TypeError as error:
        raise PathError(f"ClientError: can't compare {left!r} with {right!r}") from error


def _alike(value: Any, other: Any) -> Any:
    """Read a text as a number where the other side is one."""
    if isinstance(value, str) and isinstance(other, (int, float)) and not isinstance(other, bool):
        try:
            return float(value)
        except ValueError:
            return value
    return value

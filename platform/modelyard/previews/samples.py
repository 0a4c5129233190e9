"""What a pipeline is told when it trains on a sample: the bar is that of a model of all data, and is put aside."""

import json
from collections.abc import Iterator
from typing import Any

_ANY = "1000000000.0"
_SIDES = {
    "GreaterThan": f"-{_ANY}",
    "GreaterThanOrEqualTo": f"-{_ANY}",
    "LessThan": _ANY,
    "LessThanOrEqualTo": _ANY,
}
_PARAMETER = "Parameters."


def allowances(definition: str) -> dict[str, str]:
    """Return the parameters by which no model is refused for what it measured.

    They are the thresholds that a condition of the pipeline compares something with. A model of a sample is for its
    branch's own endpoint alone, and shows that all the steps work; how good it is, its metrics say.

    Args:
        definition: the pipeline's, as JSON.
    """
    found = {}
    for condition in _conditions(json.loads(definition)):
        name = str((condition.get("RightValue") or {}).get("Get", "")) if _is_compared(condition) else ""
        if name.startswith(_PARAMETER):
            found[name.removeprefix(_PARAMETER)] = _SIDES[condition["Type"]]
    return found


def _is_compared(condition: dict[str, Any]) -> bool:
    return condition.get("Type") in _SIDES and isinstance(condition.get("RightValue"), dict)


def _conditions(part: Any) -> Iterator[dict[str, Any]]:
    """Find all conditions, however deep in steps and in other conditions."""
    if isinstance(part, list):
        for item in part:
            yield from _conditions(item)
    elif isinstance(part, dict):
        if "LeftValue" in part:
            yield part
        for item in part.values():
            yield from _conditions(item)

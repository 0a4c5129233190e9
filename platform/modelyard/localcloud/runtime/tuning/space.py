"""The ranges of a tuning job, as CreateHyperParameterTuningJob writes them: numbers are texts."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

LOGARITHMIC, REVERSE = "Logarithmic", "ReverseLogarithmic"
_GRID_LIMIT = 100_000


class RangeError(Exception):
    """A range is not valid; the message is for a ValidationException."""


@dataclass(frozen=True)
class Range:
    """One hyperparameter's range.

    Args:
        name: the hyperparameter.
        kind: Integer, Continuous or Categorical.
        low: of a number.
        high: of a number.
        scaling: Auto, Linear, Logarithmic or ReverseLogarithmic.
        choices: of a category, each as the training job gets it.
    """

    name: str
    kind: str
    low: float = 0.0
    high: float = 0.0
    scaling: str = "Auto"
    choices: tuple[str, ...] = ()

    @property
    def is_logarithmic(self) -> bool:
        """Whether values near the low end are tried as often as those far above; Auto decides by the width."""
        wide = self.kind == "Continuous" and self.low > 0 and self.high / self.low >= 1000
        return self.scaling == LOGARITHMIC or (self.scaling == "Auto" and wide)

    def text(self, value: Any) -> str:
        """Return a value as a training job's hyperparameter."""
        if self.kind == "Integer":
            return str(round(value))
        return str(value) if self.kind == "Categorical" else repr(float(value))


def ranges(document: dict[str, Any]) -> list[Range]:
    """Return all ranges of a ParameterRanges structure.

    Raises:
        RangeError: one is not valid.
    """
    found = [
        *_numbers(document.get("IntegerParameterRanges") or [], "Integer"),
        *_numbers(document.get("ContinuousParameterRanges") or [], "Continuous"),
        *(
            Range(item["Name"], "Categorical", choices=tuple(item["Values"]))
            for item in document.get("CategoricalParameterRanges") or []
        ),
        *(_automatic(item["Name"], item["ValueHint"]) for item in document.get("AutoParameters") or []),
    ]
    names = [item.name for item in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise RangeError(f"The hyperparameter [{twice[0]}] has more than one range.")
    if not found:
        raise RangeError("At least one hyperparameter range must be given.")
    return found


def grid(found: list[Range]) -> dict[str, list[str]]:
    """Return the values of a grid search.

    Raises:
        RangeError: a range isn't categorical, or there are too many combinations.
    """
    other = [item.name for item in found if item.kind != "Categorical"]
    if other:
        raise RangeError(f"Grid search takes categorical ranges only, and [{other[0]}] is none.")
    values = {item.name: list(item.choices) for item in found}
    if math.prod(len(choices) for choices in values.values()) > _GRID_LIMIT:
        raise RangeError(f"The grid has more than {_GRID_LIMIT} combinations.")
    return values


def _numbers(items: list[dict[str, Any]], kind: str) -> Iterator[Range]:
    for item in items:
        name, scaling = item["Name"], item.get("ScalingType") or "Auto"
        try:
            low, high = float(item["MinValue"]), float(item["MaxValue"])
        except ValueError as error:
            raise RangeError(f"The range of [{name}] is not made of numbers: {error}") from error
        if not low <= high or math.isinf(low) or math.isinf(high):
            raise RangeError(f"MinValue of [{name}] must not be larger than MaxValue.")
        if kind == "Integer" and not (low.is_integer() and high.is_integer()):
            raise RangeError(f"The range of the integer [{name}] is not made of integers.")
        if scaling == LOGARITHMIC and low <= 0:
            raise RangeError(f"MinValue of [{name}] must be larger than 0 for logarithmic scaling.")
        if scaling == REVERSE and not (kind == "Continuous" and low >= 0 and high < 1):
            raise RangeError(f"The range of [{name}] must lie within [0, 1) for reverse logarithmic scaling.")
        yield Range(name, kind, low, high, scaling)


def _automatic(name: str, hint: str) -> Range:
    """Return a range around a hint: ten times less to ten times more."""
    try:
        value = float(hint)
    except ValueError:
        return Range(name, "Categorical", choices=(hint,))
    whole = value.is_integer() and "." not in hint
    low, high = sorted(
        (value // 10 or min(1.0, value), value * 10 or 1.0) if whole else (value / 10, value * 10 or 1.0)
    )
    return Range(name, "Integer" if whole else "Continuous", low, high)

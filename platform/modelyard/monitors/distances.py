"""How far two distributions are apart.

Source: deequ's `Distances`, which Model Monitor uses: the largest difference of the cumulative distributions, less what
a small sample makes of equal ones.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]

QUANTILES = 1000
_CORRECTION = 1.8


def quantiles(ordered: Array) -> Array:
    """Return the values at which a cumulative distribution is kept: all of them, or 1000 quantiles.

    Args:
        ordered: the values, sorted.
    """
    if len(ordered) <= QUANTILES:
        return ordered
    kept: Array = ordered[np.linspace(0, len(ordered) - 1, QUANTILES).round().astype(int)]
    return kept


def numeric(reference: Array, reference_size: int, ordered: Array) -> float:
    """Return the distance between a kept distribution and values.

    Args:
        reference: what `quantiles` returned of the reference.
        reference_size: how many values the reference had.
        ordered: the others, sorted; none has no distance.
    """
    if not len(ordered) or not len(reference):
        return 0.0
    edges, counts = np.unique(reference, return_counts=True)
    expected = np.cumsum(counts) / len(reference)
    before = np.concatenate(([0.0], expected[:-1]))
    # The distributions have steps: both sides of each edge count.
    upto = np.searchsorted(ordered, edges, side="right") / len(ordered)
    below = np.searchsorted(ordered, edges, side="left") / len(ordered)
    distance = max(np.abs(upto - expected).max(), np.abs(below - before).max())
    return corrected(float(distance), reference_size, len(ordered))


def categorical(reference: Mapping[str, int], values: Mapping[str, int]) -> float:
    """Return the largest difference of the shares of any value."""
    first, second = sum(reference.values()), sum(values.values())
    if not first or not second:
        return 0.0
    names = {*reference, *values}
    distance = max(abs(reference.get(name, 0) / first - values.get(name, 0) / second) for name in names)
    return corrected(distance, first, second)


def corrected(distance: float, first: int, second: int) -> float:
    """Take off what samples of these sizes differ by chance."""
    return max(0.0, distance - _CORRECTION * math.sqrt((first + second) / (first * second)))


def counts(values: Array) -> dict[str, int]:
    """Count texts."""
    return dict(Counter(values.tolist()))

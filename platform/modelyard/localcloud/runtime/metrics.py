"""CloudWatch's data points as moto keeps them, summed up over a period."""

import bisect
import math
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

Dimensions = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Spec:
    """What is asked of a metric.

    Args:
        namespace: the metric's namespace.
        name: the metric's name.
        dimensions: all of its dimensions, sorted by name.
        statistic: Sum, Average, Minimum, Maximum, SampleCount, or a percentile such as p99.
    """

    namespace: str
    name: str
    dimensions: Dimensions
    statistic: str


class Series:
    """Data points by metric and time, read as they come.

    Args:
        points: moto's data points, to which it appends.
    """

    def __init__(self, points: list[Any]) -> None:
        self.source = points
        self._read = 0
        self._first: Any = None
        self._points: dict[Any, list[tuple[float, Any]]] = defaultdict(list)

    def refresh(self) -> None:
        """Read what came since the last time, and all anew if old points are gone."""
        points = self.source
        if points and points[0] is not self._first:
            self._read, self._first = 0, points[0]
            self._points.clear()
        fresh, self._read = points[self._read : len(points)], len(points)
        for point in fresh:
            moment: datetime = point.timestamp
            stamp = moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
            key = (point.namespace, point.name, tuple(sorted((it.name, it.value) for it in point.dimensions)))
            items = self._points[key]
            if items and items[-1][0] > stamp:
                bisect.insort(items, (stamp, point), key=lambda item: item[0])
            else:
                items.append((stamp, point))

    def value(self, spec: Spec, end: datetime, period: int) -> float | None:
        """Return a statistic over the period that ends at a moment; None if there is no data in it.

        Args:
            spec: metric and statistic.
            end: the end of the period, which belongs to it.
            period: its length in seconds.
        """
        items = self._points.get((spec.namespace, spec.name, spec.dimensions), [])
        last = end.timestamp()
        first = (end - timedelta(seconds=period)).timestamp()
        low = bisect.bisect_right(items, first, key=lambda item: item[0])
        high = bisect.bisect_right(items, last, key=lambda item: item[0])
        return statistic(spec.statistic, [point for _, point in items[low:high]])


def statistic(name: str, points: list[Any]) -> float | None:
    """Return a statistic of data points, single values and sets alike; None of none."""
    if not points:
        return None
    sums = [float(point.value if hasattr(point, "value") else point.sum) for point in points]
    counts = [float(getattr(point, "sample_count", 1.0)) for point in points]
    if name == "Sum":
        return math.fsum(sums)
    if name == "SampleCount":
        return math.fsum(counts)
    if name == "Average":
        return math.fsum(sums) / (math.fsum(counts) or 1.0)
    if name == "Minimum":
        return min(float(getattr(point, "min", getattr(point, "value", 0.0))) for point in points)
    largest = sorted(float(getattr(point, "max", getattr(point, "value", 0.0))) for point in points)
    if name == "Maximum":
        return largest[-1]
    if name.startswith("p"):
        rank = math.ceil(float(name[1:]) / 100.0 * len(largest))
        return largest[max(rank, 1) - 1]
    raise ValueError(f"the statistic {name} is not known")

"""What a monitor finds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Document = dict[str, Any]


@dataclass(frozen=True)
class Metric:
    """One CloudWatch metric.

    Args:
        name: such as `feature_baseline_drift_age`.
        value: its value, or
        statistics: SampleCount, Sum, Minimum and Maximum of many values.
    """

    name: str
    value: float | None = None
    statistics: Document | None = None


@dataclass(frozen=True)
class Result:
    """What a monitor found.

    Args:
        namespace: of its CloudWatch metrics.
        rows: how many rows it saw.
        statistics: the content of `statistics.json`.
        constraints: the content of `constraints.json`.
        violations: members of `constraint_violations.json`.
        metrics: for CloudWatch.
    """

    namespace: str
    rows: int
    statistics: Document
    constraints: Document
    violations: list[Document] = field(default_factory=list)
    metrics: list[Metric] = field(default_factory=list)

"""Bias: are the predictions still as even between two groups as they were?

Source: the SageMaker developer guide, "Post-training data and model bias metrics": DPPL, DI, DCAcc, DCR, AD, RD, DAR,
DRR, TE, of the group that could be treated worse (d) and the others (a).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .model_quality import decisions, truths
from .results import Metric, Result

if TYPE_CHECKING:
    from .configuration import Baseline, Settings
    from .table import Table

    Array = np.ndarray[Any, np.dtype[Any]]

# Those of a bounded scale; the others are ratios of small counts, which move without a cause.
_HELD = ("DPPL", "DI", "AD", "RD", "DAR", "DRR")
NAMESPACE = "aws/sagemaker/Endpoints/bias-metrics"

Document = dict[str, Any]


def suggest(table: Table, settings: Settings) -> Result:
    """Make a baseline: the metrics, from which those of the live data must not move further than a threshold."""
    found = measure(table, settings)
    constraints = {
        "version": 0.0,
        "bias_constraints": {
            name: {"value": value, "threshold": settings.bias_threshold}
            for name, value in found.items()
            if name in _HELD
        },
    }
    return Result(NAMESPACE, table.rows, _statistics(table, settings, found), constraints)


def watch(table: Table, baseline: Baseline, settings: Settings) -> Result:
    """Hold predictions to a baseline.

    Raises:
        ValueError: there is none for bias.
    """
    constraints = baseline.constraints.get("bias_constraints")
    if not constraints:
        raise ValueError("the baseline has no bias_constraints; make one with --baseline-data")
    found = measure(table, settings)
    violations: list[Document] = []
    for name, constraint in constraints.items():
        if name not in found:
            continue
        moved, most = abs(found[name] - float(constraint["value"])), float(constraint["threshold"])
        if moved > most:
            said = f"Bias metric {name} moved from {constraint['value']:.4f} to {found[name]:.4f}, more than {most}"
            violations.append(
                {
                    "facet": settings.facet,
                    "metric_name": name,
                    "constraint_check_type": "bias_drift_check",
                    "description": said,
                }
            )
    metrics = [Metric(f"bias_metric_{name}", value) for name, value in found.items()]
    metrics.append(Metric("constraint_violations", float(len(violations))))
    return Result(NAMESPACE, table.rows, _statistics(table, settings, found), baseline.constraints, violations, metrics)


def measure(table: Table, settings: Settings) -> dict[str, float]:
    """Return the metrics that the data allows; those that need labels only where there are some.

    Raises:
        ValueError: there is no facet, or one of its groups is empty.
    """
    if not settings.facet:
        raise ValueError("monitor.json names no facet; give the column whose groups are to be compared")
    group = _group(table, settings)
    if not group.any() or group.all():
        raise ValueError(f"all rows are of one group of {settings.facet}; facet_values must part them")
    decided = decisions(table, settings)
    share_d, share_a = float(decided[group].mean()), float(decided[~group].mean())
    found = {"DPPL": share_a - share_d}
    if share_a:
        found["DI"] = share_d / share_a
    label = table.columns.get(settings.label)
    if label is not None and label.present.any():
        known = label.present
        found.update(_with_labels(truths(table, settings)[known], decided[known], group[known]))
    return found


def _group(table: Table, settings: Settings) -> Array:
    """Return for each row whether it is of the group that could be treated worse."""
    column = table.column(settings.facet)
    values = column.filled()
    if column.is_numeric and len(settings.facet_values) == 1:
        over: Array = values > float(settings.facet_values[0])
        return over
    wanted = {str(value) for value in settings.facet_values}
    texts = [str(int(it)) if isinstance(it, float) and it.is_integer() else str(it) for it in values.tolist()]
    return np.array([text in wanted for text in texts], dtype=bool)


def _with_labels(truth: Array, decided: Array, group: Array) -> dict[str, float]:
    found = {}
    one, other = _counts(truth[~group], decided[~group]), _counts(truth[group], decided[group])
    pairs = {
        "AD": ("accuracy", 1),
        "RD": ("recall", 1),
        "DAR": ("precision", 1),
        "DRR": ("rejection", -1),
        "DCAcc": ("acceptance", 1),
        "DCR": ("refusal", -1),
        "TE": ("treatment", -1),
    }
    for name, (key, sign) in pairs.items():
        if one.get(key) is not None and other.get(key) is not None:
            found[name] = sign * (float(one[key] or 0.0) - float(other[key] or 0.0))
    return found


def _counts(truth: Array, decided: Array) -> dict[str, float | None]:
    hits, misses = int((truth & decided).sum()), int((truth & ~decided).sum())
    alarms, rest = int((~truth & decided).sum()), int((~truth & ~decided).sum())
    return {
        "accuracy": _ratio(hits + rest, len(truth)),
        "recall": _ratio(hits, hits + misses),
        "precision": _ratio(hits, hits + alarms),
        "rejection": _ratio(rest, rest + misses),
        "acceptance": _ratio(hits + misses, hits + alarms),
        "refusal": _ratio(rest + alarms, rest + misses),
        "treatment": _ratio(misses, alarms),
    }


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _statistics(table: Table, settings: Settings, found: dict[str, float]) -> Document:
    metrics = [{"name": name, "value": value} for name, value in found.items()]
    return {
        "version": 0.0,
        "dataset": {"item_count": table.rows},
        "post_training_bias_metrics": {"facets": {settings.facet: [{"metrics": metrics}]}},
    }

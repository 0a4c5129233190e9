"""Feature attribution: do the same features still make the predictions?

Clarify asks the model for Shapley values. This asks nobody: it fits a linear model to what was asked and answered,
whose Shapley values are known exactly (weight times distance from the mean: Lundberg and Lee 2017, "linear SHAP"), and
compares the order of their mean magnitudes with the baseline's by NDCG, as the SageMaker developer guide defines it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .captured import PROBABILITY
from .model_quality import decisions
from .results import Metric, Result

if TYPE_CHECKING:
    from .configuration import Baseline, Settings
    from .table import Column, Table

    Array = np.ndarray[Any, np.dtype[Any]]

NAMESPACE = "aws/sagemaker/Endpoints/explainability-metrics"
_MOST_ROWS = 100_000
_MOST_VALUES = 20
_RIDGE = 1e-3

Document = dict[str, Any]


def suggest(table: Table, settings: Settings) -> Result:
    """Make a baseline: the attributions, with which those of the live data must agree."""
    found = attributions(table, settings)
    constraints = {"version": 0.0, "attribution_constraints": {"ndcg_threshold": settings.attribution_threshold}}
    return Result(NAMESPACE, table.rows, _statistics(table, found), constraints)


def watch(table: Table, baseline: Baseline, settings: Settings) -> Result:
    """Hold attributions to a baseline's.

    Raises:
        ValueError: there is no baseline of attributions.
    """
    known = baseline.statistics.get("explanations", {}).get("global_shap_values")
    if not known:
        raise ValueError("the baseline has no explanations in statistics.json; make one with --baseline-data")
    found = attributions(table, settings)
    score = ndcg(known, found)
    rule = baseline.constraints.get("attribution_constraints") or {}
    least = float(rule.get("ndcg_threshold", settings.attribution_threshold))
    violations: list[Document] = []
    if score < least:
        said = f"Feature attribution drift: NDCG {score:.4f} is below threshold {least}"
        violations = [
            {"feature_name": "", "constraint_check_type": "feature_attribution_drift_check", "description": said}
        ]
    metrics = [Metric(f"feature_{name}", value) for name, value in found.items()]
    metrics += [Metric("ndcg", score), Metric("constraint_violations", float(len(violations)))]
    return Result(NAMESPACE, table.rows, _statistics(table, found), baseline.constraints, violations, metrics)


def attributions(table: Table, settings: Settings) -> dict[str, float]:
    """Return the mean magnitude of each feature's Shapley value in a linear model of the predictions."""
    columns = [it for it in table.without(settings.label, settings.prediction, PROBABILITY) if len(it.values)]
    if not columns:
        raise ValueError("the data has no features")
    target, known = _target(table, settings)
    rows = np.flatnonzero(known)[:_MOST_ROWS]
    encoded = [(column.name, part) for column in columns for part in _encoded(column)]
    matrix = np.column_stack([part[rows] for _, part in encoded])
    centred = matrix - matrix.mean(axis=0)
    scale = centred.std(axis=0)
    scaled = centred / np.where(scale > 0, scale, 1.0)
    goal = target[rows] - target[rows].mean()
    grid = scaled.T @ scaled + _RIDGE * len(rows) * np.eye(scaled.shape[1])
    weights = np.linalg.solve(grid, scaled.T @ goal)
    contributions = scaled * weights
    found: dict[str, Any] = {column.name: np.zeros(len(rows)) for column in columns}
    for place, (name, _) in enumerate(encoded):
        found[name] = found[name] + contributions[:, place]
    return {name: float(np.abs(values).mean()) for name, values in found.items()}


def ndcg(known: dict[str, float], found: dict[str, float]) -> float:
    """Return how well the order of attributions agrees with a known one; 1 is the same order."""
    order = sorted(known, key=lambda name: (-found.get(name, 0.0), name))
    best = sorted(known, key=lambda name: (-known[name], name))

    def gain(names: list[str]) -> float:
        return sum(known[name] / float(np.log2(place + 2)) for place, name in enumerate(names))

    ideal = gain(best)
    return gain(order) / ideal if ideal else 1.0


def _target(table: Table, settings: Settings) -> tuple[Array, Array]:
    for name in (PROBABILITY, settings.prediction):
        column = table.columns.get(name)
        if column is not None and column.is_numeric:
            return column.filled(), column.present
    return decisions(table, settings).astype(float), table.column(settings.prediction).present


def _encoded(column: Column) -> list[Array]:
    """Return a numeric column with its mean where nothing is, or one column for each of the commonest texts."""
    values = column.filled()
    if column.is_numeric:
        return [np.where(column.present, values, column.values.mean())]
    names, counts = np.unique(column.values.astype(str), return_counts=True)
    kept = names[np.argsort(-counts, kind="stable")][:_MOST_VALUES]
    return [np.array([value == name for value in values.tolist()], dtype=float) for name in kept.tolist()]


def _statistics(table: Table, found: dict[str, float]) -> Document:
    return {
        "version": 0.0,
        "dataset": {"item_count": table.rows},
        "features": [{"name": name} for name in found],
        "explanations": {"global_shap_values": found},
    }

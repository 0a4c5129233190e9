"""Data quality: are the requests still as the data was that the model was trained on?

Source: the SageMaker developer guide, "Schema for statistics", "Schema for constraints", "Schema for violations" and
"CloudWatch metrics" of model monitoring.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from . import distances
from .results import Metric, Result
from .table import INTEGRAL, STRING, UNKNOWN, Column

if TYPE_CHECKING:
    from .configuration import Baseline, Settings
    from .table import Table

NAMESPACE = "aws/sagemaker/Endpoints/data-metrics"
_MOST_DOMAINS = 100
_BUCKETS = 10

Document = dict[str, Any]


def suggest(table: Table, settings: Settings) -> Result:
    """Make a baseline: what the data is like, and what should go on to hold."""
    columns = table.without(settings.label, settings.prediction)
    if settings.features:
        columns = [table.column(name) for name in settings.features]
    statistics = _statistics(columns, table.rows)
    return Result(NAMESPACE, table.rows, statistics, _constraints(columns, settings))


def watch(table: Table, baseline: Baseline, settings: Settings) -> Result:
    """Hold data to a baseline.

    Raises:
        ValueError: there is no baseline.
    """
    if not baseline.constraints.get("features"):
        raise ValueError("the baseline has no constraints.json with features; make one with --baseline-data")
    answers = (settings.label, settings.prediction, "probability")
    known = {item["name"] for item in baseline.constraints["features"]}
    columns = [it for it in table.columns.values() if it.name in known or it.name not in answers]
    violations = _schema(columns, baseline.constraints)
    metrics: list[Metric] = []
    profiles = []
    distance_to = _distances_to(baseline)
    for column in columns:
        profile, summary = _profile(column)
        profiles.append(profile)
        metrics += _plain_metrics(column)
        distance = distance_to(column, summary)
        if distance is not None:
            metrics.append(Metric(f"feature_baseline_drift_{column.name}", distance))
            violations += _drifted(column, distance, baseline.constraints)
    statistics = {"version": 0.0, "dataset": {"item_count": table.rows}, "features": profiles}
    metrics.append(Metric("constraint_violations", float(len(violations))))
    return Result(NAMESPACE, table.rows, statistics, baseline.constraints, violations, metrics)


def _statistics(columns: list[Column], rows: int) -> Document:
    return {"version": 0.0, "dataset": {"item_count": rows}, "features": [_profile(column)[0] for column in columns]}


def _profile(column: Column) -> tuple[Document, Any]:
    """Return what a column is like, and its sorted values or its counted texts, which cost most to get."""
    present = int(column.present.sum())
    common = {"num_present": present, "num_missing": len(column.present) - present}
    shown: Document = {"name": column.name, "inferred_type": column.kind}
    if column.is_numeric and present:
        values = np.sort(column.values)
        shown["numerical_statistics"] = {
            "common": common,
            "mean": float(values.mean()),
            "sum": float(values.sum()),
            "std_dev": float(values.std()),
            "min": float(values[0]),
            "max": float(values[-1]),
            "distribution": {"kll": _sketch(values)},
        }
        return shown, values
    else:
        found = distances.counts(column.values)
        kept = sorted(found.items(), key=lambda item: (-item[1], item[0]))[: _MOST_DOMAINS * 10]
        buckets = [{"value": value, "count": count} for value, count in kept]
        shown["string_statistics"] = {
            "common": common,
            "distinct_count": float(len(found)),
            "distribution": {"categorical": {"buckets": buckets}},
        }
        return shown, found


def _sketch(values: Any) -> Document:
    edges = np.linspace(values[0], values[-1], _BUCKETS + 1)
    upto = np.searchsorted(values, edges[1:-1], side="left")
    found = np.diff(np.concatenate(([0], upto, [len(values)])))
    buckets = [
        {"lower_bound": float(edges[place]), "upper_bound": float(edges[place + 1]), "count": float(count)}
        for place, count in enumerate(found)
    ]
    kept = distances.quantiles(values)
    return {"buckets": buckets, "sketch": {"parameters": {"c": 0.64, "k": 2048.0}, "data": [kept.tolist()]}}


def _constraints(columns: list[Column], settings: Settings) -> Document:
    return {
        "version": 0.0,
        "features": [_constraint(column) for column in columns],
        "monitoring_config": {
            "evaluate_constraints": "Enabled",
            "emit_metrics": "Enabled",
            "datatype_check_threshold": 1.0,
            "domain_content_threshold": 1.0,
            "distribution_constraints": {
                "perform_comparison": "Enabled",
                "comparison_threshold": settings.drift_threshold,
                "comparison_method": "Robust",
                "categorical_comparison_threshold": settings.drift_threshold,
                "categorical_drift_method": "LInfinity",
            },
        },
    }


def _constraint(column: Column) -> Document:
    shown: Document = {
        "name": column.name,
        "inferred_type": column.kind,
        "completeness": column.completeness,
    }
    if column.is_numeric:
        shown["num_constraints"] = {"is_non_negative": bool(len(column.values) and column.values.min() >= 0)}
    elif column.kind == STRING:
        domains = sorted(distances.counts(column.values))
        if len(domains) <= _MOST_DOMAINS:
            shown["string_constraints"] = {"domains": domains}
    return shown


def _schema(columns: list[Column], constraints: Document) -> list[Document]:
    found = {column.name: column for column in columns}
    known = {item["name"]: item for item in constraints["features"]}
    violations = []
    missing = [name for name in known if name not in found]
    extra = [name for name in found if name not in known]
    for kind, names, said in (
        ("missing_column_check", missing, "are in the baseline, but not in the data"),
        ("extra_column_check", extra, "are in the data, but not in the baseline"),
    ):
        violations += [_violation(name, kind, f"There are columns that {said}: {name}") for name in names]
    for name in known:
        if name in found:
            violations += _of_column(found[name], known[name], constraints.get("monitoring_config") or {})
    return violations


def _of_column(column: Column, constraint: Document, config: Document) -> list[Document]:
    violations = []
    name = column.name
    if not _fits(column, constraint["inferred_type"]):
        said = f"Data type of {name} is {column.kind}, not {constraint['inferred_type']} as in the baseline"
        violations.append(_violation(name, "data_type_check", said))
    wanted = float(constraint.get("completeness", 0.0))
    if column.completeness < wanted - 1e-12:
        said = f"Completeness of {name} is {column.completeness:.4f}, less than {wanted:.4f} in the baseline"
        violations.append(_violation(name, "completeness_check", said))
    rule = constraint.get("num_constraints") or {}
    if rule.get("is_non_negative") and column.is_numeric and len(column.values) and column.values.min() < 0:
        violations.append(_violation(name, "is_non_negative_check", f"{name} has negative values"))
    domains = (constraint.get("string_constraints") or {}).get("domains")
    if domains is not None and column.kind == STRING:
        inside = sum(count for value, count in distances.counts(column.values).items() if value in set(domains))
        share = inside / max(len(column.values), 1)
        least = float(config.get("domain_content_threshold", 1.0))
        if share < least:
            said = f"{share:.4f} of {name} is of the baseline's values, less than {least:.4f}"
            violations.append(_violation(name, "categorical_values_check", said))
    return violations


def _fits(column: Column, wanted: str) -> bool:
    same = column.kind == wanted or UNKNOWN in (column.kind, wanted)
    return same or (column.kind == INTEGRAL and wanted != STRING)


def _distances_to(baseline: Baseline) -> Callable[[Column, Any], float | None]:
    """Return what tells a column's distance to the baseline, given its sorted values or counted texts."""
    rules = (baseline.constraints.get("monitoring_config") or {}).get("distribution_constraints") or {}
    enabled = rules.get("perform_comparison", "Enabled") == "Enabled"
    known = {item["name"]: item for item in baseline.statistics.get("features", [])}

    def distance(column: Column, summary: Any) -> float | None:
        before = known.get(column.name) or {}
        numbers, texts = before.get("numerical_statistics"), before.get("string_statistics")
        if not enabled or not len(column.values):
            return None
        if numbers and column.is_numeric:
            kept = np.array(numbers["distribution"]["kll"]["sketch"]["data"][0], dtype=float)
            return distances.numeric(kept, int(numbers["common"]["num_present"]), summary)
        if texts and column.kind == STRING:
            buckets = texts["distribution"]["categorical"]["buckets"]
            return distances.categorical({item["value"]: int(item["count"]) for item in buckets}, summary)
        return None

    return distance


def _drifted(column: Column, distance: float, constraints: Document) -> list[Document]:
    rules = (constraints.get("monitoring_config") or {}).get("distribution_constraints") or {}
    most = float(rules.get("comparison_threshold" if column.is_numeric else "categorical_comparison_threshold", 0.1))
    if distance <= most:
        return []
    said = f"Baseline drift distance: {distance:.4f} of {column.name} exceeds threshold: {most}"
    return [_violation(column.name, "baseline_drift_check", said)]


def _plain_metrics(column: Column) -> list[Metric]:
    metrics = [Metric(f"feature_non_null_{column.name}", float(column.present.sum()))]
    if column.is_numeric and len(column.values):
        values = column.values
        metrics.append(
            Metric(
                f"feature_data_{column.name}",
                statistics={
                    "SampleCount": float(len(values)),
                    "Sum": float(values.sum()),
                    "Minimum": float(values.min()),
                    "Maximum": float(values.max()),
                },
            )
        )
    return metrics


def _violation(feature: str, kind: str, said: str) -> Document:
    return {"feature_name": feature, "constraint_check_type": kind, "description": said}

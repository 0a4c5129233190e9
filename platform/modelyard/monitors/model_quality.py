"""Model quality: are the predictions still as good as they were, by the ground truth that came in since?

Source: the SageMaker developer guide, "Model quality metrics and CloudWatch monitoring", whose names these are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from .captured import PROBABILITY
from .results import Metric, Result

if TYPE_CHECKING:
    from .configuration import Baseline, Settings
    from .table import Table

    Array = np.ndarray[Any, np.dtype[Any]]

NAMESPACE = "aws/sagemaker/Endpoints/model-metrics"
_SAMPLES = 20
_SLACK_DEVIATIONS = 3.0
_LEAST_DEVIATIONS = 2.0
_NAMES = {
    "BinaryClassification": "binary_classification",
    "MulticlassClassification": "multiclass_classification",
    "Regression": "regression",
}
_LOWER_IS_BETTER = frozenset({"mae", "mse", "rmse", "false_positive_rate", "false_negative_rate"})

Document = dict[str, Any]


def suggest(table: Table, settings: Settings) -> Result:
    """Make a baseline of data with labels and predictions: no metric is to get worse than chance allows."""
    found = _measured(table, settings)
    constraints = {
        name: {
            "threshold": _threshold(name, value, deviation),
            "comparison_operator": "GreaterThanThreshold" if name in _LOWER_IS_BETTER else "LessThanThreshold",
        }
        for name, (value, deviation) in found.items()
    }
    kind = _NAMES[settings.problem_type]
    return Result(
        NAMESPACE,
        table.rows,
        _statistics(table, settings, found),
        {"version": 0.0, f"{kind}_constraints": constraints},
    )


def watch(table: Table, baseline: Baseline, settings: Settings) -> Result:
    """Hold predictions to a baseline.

    Raises:
        ValueError: the baseline has no constraints of this kind of problem.
    """
    kind = _NAMES[settings.problem_type]
    constraints = baseline.constraints.get(f"{kind}_constraints")
    if not constraints:
        raise ValueError(f"the baseline has no {kind}_constraints; make one with --baseline-data")
    found = _measured(table, settings)
    violations = [
        violation
        for name, constraint in constraints.items()
        if name in found
        for violation in _judge(name, *found[name], constraint)
    ]
    metrics = [Metric(name, value) for name, (value, _) in found.items()]
    metrics.append(Metric("constraint_violations", float(len(violations))))
    return Result(
        NAMESPACE,
        table.rows,
        _statistics(table, settings, found),
        baseline.constraints,
        violations,
        metrics,
    )


def decisions(table: Table, settings: Settings) -> Array:
    """Return for each row whether the positive class is predicted."""
    return _positive(table.column(settings.prediction).filled(), settings, scores=True)


def truths(table: Table, settings: Settings) -> Array:
    """Return for each row whether the positive class is true."""
    return _positive(table.column(settings.label).filled(), settings, scores=False)


def _positive(values: Array, settings: Settings, *, scores: bool) -> Array:
    if values.dtype.kind == "f":
        fractions = scores and bool(((values > 0) & (values < 1)).any())
        over: Array = values >= settings.probability_threshold
        equal: Array = values == float(settings.positive_label)
        return over if fractions else equal
    wanted = str(settings.positive_label)
    return np.array([str(value) == wanted for value in values.tolist()], dtype=bool)


def _measured(table: Table, settings: Settings) -> dict[str, tuple[float, float]]:
    """Return each metric with its standard deviation over samples of the rows, drawn with replacement."""
    measure, arrays = _measure_of(table, settings)
    whole = measure(*arrays)
    size = len(arrays[0])
    dice = np.random.default_rng(0)
    samples = []
    for _ in range(_SAMPLES):
        chosen = dice.integers(0, size, size)
        samples.append(measure(*(array[chosen] for array in arrays)))
    return {
        name: (value, float(np.std([sample[name] for sample in samples if name in sample])))
        for name, value in whole.items()
    }


def _measure_of(table: Table, settings: Settings) -> tuple[Callable[..., dict[str, float]], tuple[Array, ...]]:
    label, prediction = table.column(settings.label), table.column(settings.prediction)
    both = label.present & prediction.present
    if not both.any():
        raise ValueError(f"no row has both {settings.label} and {settings.prediction}")
    if settings.problem_type == "Regression":
        if not (label.is_numeric and prediction.is_numeric):
            raise ValueError(f"{settings.label} and {settings.prediction} must be numbers for a regression")
        return regression, (label.filled()[both], prediction.filled()[both])
    if settings.problem_type == "MulticlassClassification":
        return multiclass, (_names(label.filled()[both]), _names(prediction.filled()[both]))
    scores = decisions(table, settings).astype(float)
    for name in (PROBABILITY, settings.prediction):
        column = table.columns.get(name)
        if column is not None and column.is_numeric:
            scores = column.filled()
            break
    return binary, (truths(table, settings)[both], decisions(table, settings)[both], scores[both])


def binary(truth: Array, decided: Array, scores: Array) -> dict[str, float]:
    """Return the metrics of a classification in two classes."""
    hits = float((truth & decided).sum())
    misses = float((truth & ~decided).sum())
    alarms = float((~truth & decided).sum())
    rest = float((~truth & ~decided).sum())
    precision, recall = _ratio(hits, hits + alarms), _ratio(hits, hits + misses)
    found = {
        "accuracy": _ratio(hits + rest, hits + misses + alarms + rest),
        "precision": precision,
        "recall": recall,
        "f0_5": _f(precision, recall, 0.5),
        "f1": _f(precision, recall, 1.0),
        "f2": _f(precision, recall, 2.0),
        "true_positive_rate": recall,
        "true_negative_rate": _ratio(rest, rest + alarms),
        "false_positive_rate": _ratio(alarms, alarms + rest),
        "false_negative_rate": _ratio(misses, misses + hits),
    }
    if truth.any() and not truth.all():
        found["auc"] = _auc(truth, scores)
    return found


def multiclass(truth: Array, predicted: Array) -> dict[str, float]:
    """Return the metrics of a classification in several classes, weighted by the classes' shares."""
    names, shares = np.unique(truth, return_counts=True)
    weights = shares / shares.sum()
    precisions, recalls, balances = [], [], []
    for name in names:
        hits = float(((truth == name) & (predicted == name)).sum())
        precision = _ratio(hits, float((predicted == name).sum()))
        recall = _ratio(hits, float((truth == name).sum()))
        precisions.append(precision)
        recalls.append(recall)
        balances.append(_f(precision, recall, 1.0))
    return {
        "accuracy": float((truth == predicted).mean()),
        "weighted_precision": float(np.dot(weights, precisions)),
        "weighted_recall": float(np.dot(weights, recalls)),
        "weighted_f1": float(np.dot(weights, balances)),
    }


def regression(truth: Array, predicted: Array) -> dict[str, float]:
    """Return the metrics of a regression."""
    errors = predicted - truth
    squares = float(np.mean(errors**2))
    spread = float(np.mean((truth - truth.mean()) ** 2))
    found = {"mae": float(np.mean(np.abs(errors))), "mse": squares, "rmse": squares**0.5}
    if spread > 0:
        found["r2"] = 1.0 - squares / spread
    return found


def _auc(truth: Array, scores: Array) -> float:
    """Return the area under the ROC curve: the chance that a positive row scores above a negative one."""
    _, places, counts = np.unique(scores, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks = (last - (counts - 1) / 2.0)[places]
    positive = float(truth.sum())
    return float((ranks[truth].sum() - positive * (positive + 1) / 2) / (positive * (len(truth) - positive)))


def _statistics(table: Table, settings: Settings, found: dict[str, tuple[float, float]]) -> Document:
    kind = _NAMES[settings.problem_type]
    metrics = {name: {"value": value, "standard_deviation": deviation} for name, (value, deviation) in found.items()}
    return {"version": 0.0, "dataset": {"item_count": table.rows}, f"{kind}_metrics": metrics}


def _judge(name: str, value: float, deviation: float, constraint: Document) -> list[Document]:
    """Tell whether a metric is worse than its threshold by more than so few rows differ by chance."""
    threshold, operator = float(constraint["threshold"]), constraint["comparison_operator"]
    slack = _LEAST_DEVIATIONS * deviation
    worse = value - slack > threshold if operator == "GreaterThanThreshold" else value + slack < threshold
    if not worse:
        return []
    said = f"Metric {name} with {value:.4f} was {operator} {threshold:.4f}"
    return [{"constraint_check_type": operator, "metric_name": name, "description": said}]


def _threshold(name: str, value: float, deviation: float) -> float:
    return value + _SLACK_DEVIATIONS * deviation * (1 if name in _LOWER_IS_BETTER else -1)


def _names(values: Array) -> Array:
    plain = [str(int(value)) if isinstance(value, float) and value.is_integer() else str(value) for value in values]
    return np.array(plain, dtype=object)


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _f(precision: float, recall: float, beta: float) -> float:
    return _ratio((1 + beta**2) * precision * recall, beta**2 * precision + recall)

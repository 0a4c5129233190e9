"""The metrics of each kind of problem, and a model's answers in the form that they take."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from {{ cookiecutter.__package }}.table import Numbers

# The section of SageMaker's model quality reports for each problem.
SECTIONS = {
    "binary": "binary_classification_metrics",
    "multiclass": "multiclass_classification_metrics",
    "regression": "regression_metrics",
    "forecast": "regression_metrics",
}


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What a model says about some rows.

    Attributes:
        predictions: in the labels' shape.
        probabilities: of class 1 (rows,) or of each class (rows, classes); nothing where no class is predicted.
    """

    predictions: Numbers
    probabilities: Numbers | None = None

    @property
    def explained(self) -> Numbers:
        """The number of each row that an explanation is about: the (greatest) probability or the (first) prediction."""
        if self.probabilities is None:
            return self.predictions if self.predictions.ndim == 1 else self.predictions[:, 0]
        return self.probabilities if self.probabilities.ndim == 1 else self.probabilities.max(axis=1)

    def take(self, rows: Any) -> "Answers":
        """Return the answers about some of the rows."""
        probabilities = None if self.probabilities is None else self.probabilities[rows]
        return Answers(predictions=self.predictions[rows], probabilities=probabilities)


def answers(prediction: Mapping[str, Any]) -> Answers:
    """Return what the endpoint's `predict_fn` gives as arrays."""
    probabilities = prediction.get("probabilities")
    return Answers(
        predictions=np.asarray(prediction["predictions"]),
        probabilities=None if probabilities is None else np.asarray(probabilities, dtype=np.float64),
    )


def measure(problem: str, labels: Numbers, given: Answers) -> dict[str, float]:
    """Return the metrics of a problem, by name.

    Args:
        problem: `binary`, `multiclass`, `regression` or `forecast`.
        labels: what is true.
        given: what the model says.
    """
    return _MEASURES[problem](labels, given)


def _binary(labels: Numbers, given: Answers) -> dict[str, float]:
    from sklearn.metrics import f1_score, precision_score, recall_score, roc_auc_score

    predicted = given.predictions
    known = given.probabilities is not None and len(np.unique(labels)) == 2
    auc = {"auc": float(roc_auc_score(labels, given.probabilities))} if known else {}
    return {
        "accuracy": float(np.mean(labels == predicted)),
        **auc,
        "f1": float(f1_score(labels, predicted, zero_division=0.0)),
        "precision": float(precision_score(labels, predicted, zero_division=0.0)),
        "recall": float(recall_score(labels, predicted, zero_division=0.0)),
    }


def _multiclass(labels: Numbers, given: Answers) -> dict[str, float]:
    """Return the metrics of several classes; each class counts as often as it occurs. Numpy is all they need."""
    classes, counts = np.unique(labels, return_counts=True)
    right = np.array([np.sum((labels == it) & (given.predictions == it)) for it in classes])
    said = np.array([np.sum(given.predictions == it) for it in classes])
    precision, recall = right / np.maximum(said, 1), right / counts
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    values = {"weighted_f1": f1, "weighted_precision": precision, "weighted_recall": recall}
    weighted = {name: float(np.average(it, weights=counts)) for name, it in values.items()}
    return {"accuracy": float(np.mean(labels == given.predictions)), **weighted}


def _regression(labels: Numbers, given: Answers) -> dict[str, float]:
    error = labels - given.predictions
    spread = float(np.sum((labels - np.mean(labels)) ** 2))
    squared = float(np.sum(error**2))
    return {
        "mae": float(np.mean(np.abs(error))),
        "mse": squared / error.size,
        "rmse": float(np.sqrt(squared / error.size)),
        "r2": 1 - squared / spread if spread else 0.0,
    }


def _forecast(labels: Numbers, given: Answers) -> dict[str, float]:
    """Return the metrics of a forecast; `mape` is a share, not a percentage."""
    return _regression(labels, given) | {"mape": float(np.mean(np.abs((labels - given.predictions) / labels)))}


_MEASURES: Mapping[str, Callable[[Numbers, Answers], dict[str, float]]] = {
    "binary": _binary,
    "multiclass": _multiclass,
    "regression": _regression,
    "forecast": _forecast,
}

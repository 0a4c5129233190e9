"""What an evaluation looks at besides the metrics: cross-validation, slices, fairness and explanations."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from {{ cookiecutter.__package }}.scores import Answers, measure
from {{ cookiecutter.__package }}.settings import QualitySettings
from {{ cookiecutter.__package }}.table import Numbers, Table

Metrics = dict[str, float]
Predict = Callable[[Numbers], Answers]

# A feature with at most so many values is sliced by value, any other by quarters.
_FEW = 6
_FEWEST_ROWS = 5
# Rows that stand for what is usual, and combinations of features that are tried for each explanation.
_USUAL, _SAMPLES = 20, 200


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """All that is known about a model's quality on held-out data.

    Attributes:
        metrics: by name.
        folds: the metrics of each part of the cross-validation.
        slices: by `feature: values`, how many rows, and their metrics.
        fairness: the differences between groups of people, by name; empty if the data names none.
        groups: the metrics of each group.
        explanations: mean absolute SHAP value by feature, the greatest first, in units of the prediction.
    """

    metrics: Metrics
    folds: list[Metrics]
    slices: Mapping[str, tuple[int, Metrics]]
    fairness: Metrics = field(default_factory=dict)
    groups: Mapping[str, Metrics] = field(default_factory=dict)
    explanations: Metrics = field(default_factory=dict)

    def deviation(self, name: str) -> float | None:
        """Return a metric's standard deviation over the folds; nothing for fewer than two."""
        values = [fold[name] for fold in self.folds if name in fold]
        return float(np.std(values, ddof=1)) if len(values) > 1 else None

    def measured(self) -> dict[str, dict[str, float | str]]:
        """Return the metrics as SageMaker's model quality reports write them; one run alone has no deviation."""
        deviations = {name: self.deviation(name) for name in self.metrics}
        return {
            name: {"value": value, "standard_deviation": "NaN" if (it := deviations[name]) is None else it}
            for name, value in self.metrics.items()
        }


def assess(quality: QualitySettings, order: str, fit: Callable[[Table], Predict], known: Table, test: Table,
           predict: Predict) -> Assessment:  # fmt: skip
    """Assess a model.

    Args:
        quality: what to look at.
        order: `time` validates each fold on what comes after its training rows.
        fit: trains a model like this one on a table, for the cross-validation.
        known: the rows that it was trained on.
        test: held-out rows.
        predict: the model.
    """
    found = described(quality, known, test, predict(test.features), predict)
    return replace(found, folds=list(_folds(quality, order, fit, known)))


def described(
    quality: QualitySettings, known: Table, test: Table, given: Answers, predict: Predict | None
) -> Assessment:
    """Describe a model by its answers, without a cross-validation.

    Args:
        quality: what to look at.
        known: rows that stand for what is usual.
        test: held-out rows.
        given: the model's answers about them.
        predict: the model, to explain what it goes by; nothing explains nothing.
    """
    differences, groups = _fairness(quality, test, given)
    return Assessment(
        metrics=measure(quality.problem, test.labels, given),
        folds=[],
        slices=dict(_slices(quality, test, given)),
        fairness=differences,
        groups=groups,
        explanations=explanations(predict, known, test, quality.explained_rows) if predict else {},
    )


def _folds(quality: QualitySettings, order: str, fit: Callable[[Table], Predict], table: Table) -> Iterator[Metrics]:
    from sklearn.model_selection import KFold, StratifiedKFold, TimeSeriesSplit

    if quality.folds < 2:
        return
    if order == "time":
        parts = TimeSeriesSplit(quality.folds)
    else:
        parts = (StratifiedKFold if quality.classifies else KFold)(quality.folds, shuffle=True, random_state=0)
    for rows, held_out in parts.split(table.features, table.labels):
        predict, rest = fit(table.take(rows)), table.take(held_out)
        yield measure(quality.problem, rest.labels, predict(rest.features))


def _slices(quality: QualitySettings, test: Table, given: Answers) -> Iterator[tuple[str, tuple[int, Metrics]]]:
    for name in quality.slices:
        for told, rows in _parts(test.column(name)):
            if (count := int(rows.sum())) >= _FEWEST_ROWS:
                yield f"{name}: {told}", (count, measure(quality.problem, test.labels[rows], given.take(rows)))


def _parts(values: Numbers) -> Iterator[tuple[str, Numbers]]:
    distinct = np.unique(values)
    if len(distinct) <= _FEW:
        yield from ((f"{value:g}", values == value) for value in distinct)
        return
    edges = np.unique(np.quantile(values, [0, 0.25, 0.5, 0.75, 1]))
    for low, high in pairwise(edges):
        last = high == edges[-1]
        inside = (values >= low) & ((values <= high) if last else (values < high))
        yield f"{low:.4g} to {high:.4g}", inside


def _fairness(quality: QualitySettings, test: Table, given: Answers) -> tuple[Metrics, Mapping[str, Metrics]]:
    """Return the differences between groups of people by Fairlearn, and each group's metrics."""
    if not quality.sensitive:
        return {}, {}
    from fairlearn import metrics as fair

    group, labels, predicted = test.column(quality.sensitive), test.labels, given.predictions
    parts = {f"{value:g}": group == value for value in np.unique(group)}
    groups = {name: measure(quality.problem, labels[rows], given.take(rows)) for name, rows in parts.items()}
    if quality.problem == "binary":
        found = {
            "demographic_parity_difference": fair.demographic_parity_difference,
            "equalized_odds_difference": fair.equalized_odds_difference,
        }
        return {name: float(it(labels, predicted, sensitive_features=group)) for name, it in found.items()}, groups

    def error(true: Numbers, said: Numbers) -> float:
        return float(np.mean(true != said if quality.problem == "multiclass" else np.abs(true - said)))

    frame = fair.MetricFrame(metrics=error, y_true=labels, y_pred=predicted, sensitive_features=group)
    return {"mean_error_difference": float(frame.difference()), "mean_error_ratio": float(frame.ratio())}, groups


def explanations(predict: Predict, known: Table, rows: Table, count: int) -> Metrics:
    """Return the mean absolute SHAP value of each feature, the greatest first.

    Args:
        predict: the model.
        known: rows that stand for what is usual.
        rows: rows to explain.
        count: how many of them; 0 explains nothing.
    """
    if not count:
        return {}
    import shap

    usual = known.features[np.linspace(0, len(known.labels) - 1, min(_USUAL, len(known.labels)), dtype=int)]
    np.random.seed(0)  # shap draws from numpy's own numbers; a report of the same model is the same
    explainer = shap.KernelExplainer(lambda it: predict(np.asarray(it)).explained, usual)
    samples = max(_SAMPLES, 4 * len(known.names))
    values = explainer.shap_values(rows.features[:count], nsamples=samples, l1_reg=False, silent=True)
    means = dict(zip(known.names, np.abs(values).mean(axis=0).tolist(), strict=True))
    return dict(sorted(means.items(), key=lambda item: -item[1]))

"""The gate that a model has to pass: at least as good as the one in service, on the same held-out data.

An evaluation is the `evaluation.json` that a pipeline registers with its model:

    {"binary_classification_metrics": {"accuracy": {"value": 0.97}, ...},     or regression_metrics and the like
     "gate": {"metric": "accuracy", "higher_is_better": true},                 which of them decides
     "dataset": {"digest": "0f3c..."},                                         of the held-out data
     "champion": {"version": 3, "binary_classification_metrics": {...}}}       the champion, on that same data

All but the first part may be missing. Without `gate` the first well-known metric decides. Where two evaluations name
the same digest they were made on the same data, and what they say of their own models is compared; otherwise what the
candidate's own evaluation says of the champion is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_KNOWN = (
    *((name, True) for name in ("auc", "accuracy", "f1", "r2", "precision_at_k", "ndcg")),
    *((name, False) for name in ("rmse", "mae", "mse", "mape", "smape", "log_loss")),
)
_TIES = 1e-9

Evaluation = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What came of a comparison.

    Args:
        passed: whether the candidate may take over.
        reason: why, with the numbers.
        hint: what to do about it; empty when it passed.
    """

    passed: bool
    reason: str
    hint: str = ""


def metrics(evaluation: Evaluation) -> dict[str, float]:
    """Read the metrics of an evaluation, by name."""
    groups = [group for name, group in evaluation.items() if name.endswith("_metrics") and isinstance(group, Mapping)]
    return {
        name: float(metric["value"])
        for group in groups
        for name, metric in group.items()
        if isinstance(metric, Mapping) and isinstance(metric.get("value"), int | float)
    }


def compare(candidate: Evaluation, champion: Evaluation, *, version: int) -> Verdict:
    """Hold a candidate against the champion.

    Args:
        candidate: its evaluation.
        champion: the champion's own evaluation.
        version: the champion's version.
    """
    found = _decisive(candidate)
    if found is None:
        return Verdict(
            passed=False, reason="its evaluation holds no metric that decides", hint="write `gate` to evaluation.json"
        )
    metric, higher_is_better = found
    theirs = _of_champion(candidate, champion, version).get(metric)
    if theirs is None:
        return Verdict(
            passed=False,
            reason=f"it was not compared with version {version} on the same held-out data",
            hint="modelyard up, then modelyard pipeline run: its evaluation measures both",
        )
    return _verdict(metric, metrics(candidate)[metric], theirs, higher_is_better, version)


def _verdict(metric: str, ours: float, theirs: float, higher_is_better: bool, version: int) -> Verdict:
    gain = ours - theirs if higher_is_better else theirs - ours
    said = f"{metric} {ours:.6g} against {theirs:.6g} of version {version} on the same held-out data"
    if gain >= -_TIES:
        return Verdict(passed=True, reason=said)
    wanted = "higher" if higher_is_better else "lower"
    return Verdict(
        passed=False, reason=f"{said} - {wanted} is better", hint="train a better one, or --force with --note"
    )


def _decisive(evaluation: Evaluation) -> tuple[str, bool] | None:
    """Return the metric that decides, and whether more of it is better."""
    measured, gate = metrics(evaluation), evaluation.get("gate")
    if isinstance(gate, Mapping):
        name = str(gate.get("metric", ""))
        return (name, gate.get("higher_is_better") is not False) if name in measured else None
    return next((it for it in _KNOWN if it[0] in measured), None)


def _of_champion(candidate: Evaluation, champion: Evaluation, version: int) -> dict[str, float]:
    """Return the champion's metrics on the data that the candidate was measured on; none if it was not."""
    digests = [_digest(it) for it in (candidate, champion)]
    if digests[0] and digests[0] == digests[1]:
        return metrics(champion)
    beside = candidate.get("champion")
    return metrics(beside) if isinstance(beside, Mapping) and beside.get("version") == version else {}


def _digest(evaluation: Evaluation) -> str:
    dataset = evaluation.get("dataset")
    return str(dataset.get("digest") or "") if isinstance(dataset, Mapping) else ""

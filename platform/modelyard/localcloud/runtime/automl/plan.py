"""Which candidates an AutoML job tries: each algorithm as it comes, then what the search chooses."""

import importlib.util
import json
from dataclasses import dataclass
from typing import Any

from modelyard.localcloud.runtime.tuning.search import Search, Strategy
from modelyard.localcloud.runtime.tuning.space import Range

DEFAULT_MOST_CANDIDATES = 10
DEFAULT_METRICS = {"BinaryClassification": "F1", "MulticlassClassification": "Accuracy", "Regression": "MSE"}
METRICS = {
    "BinaryClassification": ("Accuracy", "BalancedAccuracy", "F1", "Precision", "Recall", "AUC"),
    "MulticlassClassification": ("Accuracy", "BalancedAccuracy", "F1macro", "PrecisionMacro", "RecallMacro"),
    "Regression": ("MSE", "RMSE", "MAE", "R2"),
}
_SMALLER_IS_BETTER = frozenset({"MSE", "RMSE", "MAE"})
_NEEDED = {"optuna": "optuna", "pandas": "pandas", "scikit-learn": "sklearn", "skops": "skops"}
_PACKAGES = {"xgboost": "xgboost"}
_TREES = (
    Range("n_estimators", "Integer", 50, 400),
    Range("max_depth", "Integer", 3, 24),
    Range("min_samples_leaf", "Integer", 1, 20, "Logarithmic"),
)
_RANGES: dict[str, tuple[Range, ...]] = {
    "hist-gradient-boosting": (
        Range("learning_rate", "Continuous", 0.02, 0.4, "Logarithmic"),
        Range("max_leaf_nodes", "Integer", 7, 63),
        Range("min_samples_leaf", "Integer", 5, 50),
    ),
    "linear-learner": (Range("strength", "Continuous", 1e-3, 1e3, "Logarithmic"),),
    "randomforest": _TREES,
    "extra-trees": _TREES,
    "xgboost": (
        Range("learning_rate", "Continuous", 0.02, 0.4, "Logarithmic"),
        Range("max_depth", "Integer", 2, 10),
        Range("n_estimators", "Integer", 50, 400),
        Range("subsample", "Continuous", 0.5, 1.0),
    ),
    "mlp": (
        Range("alpha", "Continuous", 1e-6, 1e-1, "Logarithmic"),
        Range("learning_rate_init", "Continuous", 1e-4, 1e-1, "Logarithmic"),
    ),
}
_OURS = ("hist-gradient-boosting",)


class PlanError(Exception):
    """No candidate can be tried; the message says why."""


@dataclass(frozen=True)
class Candidate:
    """One candidate to try.

    Args:
        algorithm: its name.
        trial: the number that the algorithm's search knows it by; None for the defaults.
        parameters: JSON of what differs from the estimator's defaults.
    """

    algorithm: str
    trial: int | None
    parameters: str


class Plan:
    """The candidates of one job.

    Args:
        algorithms: what may be tried, in order.
        maximize: whether more of the objective is better.
    """

    def __init__(self, algorithms: list[str], *, maximize: bool) -> None:
        self._algorithms = algorithms
        self._searches = {
            name: Search(list(_RANGES[name]), Strategy("Bayesian", maximize, seed=0)) for name in algorithms
        }
        self._count = 0

    def next(self) -> Candidate:
        """Return the next candidate."""
        place, self._count = self._count, self._count + 1
        algorithm = self._algorithms[place % len(self._algorithms)]
        if place < len(self._algorithms):
            return Candidate(algorithm, None, "{}")
        trial, texts = self._searches[algorithm].ask()
        values = {item.name: _number(item, texts[item.name]) for item in _RANGES[algorithm]}
        return Candidate(algorithm, trial, json.dumps(values, sort_keys=True))

    def tell(self, candidate: Candidate, value: float | None) -> None:
        """Say how a candidate did."""
        if candidate.trial is not None:
            self._searches[candidate.algorithm].tell(candidate.trial, value)


def algorithms(config: dict[str, Any]) -> list[str]:
    """Return the algorithms that a problem's CandidateGenerationConfig lets be tried.

    Raises:
        PlanError: none of them can be run here.
    """
    absent = [name for name, package in _NEEDED.items() if not is_installed(package)]
    if absent:
        raise PlanError(f"AutoML needs {', '.join(absent)} beside the local cloud: pip install {' '.join(absent)}")
    asked = (config.get("CandidateGenerationConfig") or {}).get("AlgorithmsConfig") or []
    named = [name for item in asked for name in item["AutoMLAlgorithms"]]
    chosen = [name for name in named or _RANGES if name in _RANGES and (named or name != "mlp")]
    runnable = [name for name in chosen if is_installed(_PACKAGES.get(name, "sklearn"))]
    if not runnable:
        missing = sorted({_PACKAGES[name] for name in chosen if name in _PACKAGES})
        how = f"install {', '.join(missing)}, or " if missing else ""
        able = ", ".join(name for name in _RANGES if name not in _OURS)
        raise PlanError(f"The local cloud can run none of {', '.join(named)}: {how}choose of {able}.")
    return runnable


def is_maximized(metric: str) -> bool:
    """Tell whether more of a metric is better."""
    return metric not in _SMALLER_IS_BETTER


def is_installed(package: str) -> bool:
    """Tell whether this Python has a package."""
    return importlib.util.find_spec(package) is not None


def _number(item: Range, text: str) -> int | float:
    return int(text) if item.kind == "Integer" else float(text)

"""What a monitor is told: `monitor.json` in the baseline's folder, beside the baseline itself."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

NAME = "monitor.json"
PROBLEMS = ("BinaryClassification", "MulticlassClassification", "Regression")

Document = dict[str, Any]


@dataclass(frozen=True)
class Settings:
    """Where in the data label, prediction and facet are.

    Args:
        features: the columns of a request without names, in order; empty takes them from the baseline.
        label: the name of the label's column, in baseline data and of the merged ground truth.
        prediction: the name of the prediction's column, in baseline data and of the model's answer.
        prediction_path: keys to the prediction in a JSON answer, such as `predictions`; empty finds it.
        problem_type: BinaryClassification, MulticlassClassification or Regression.
        positive_label: the label that counts as positive.
        probability_threshold: a prediction between 0 and 1 counts as positive from here on.
        facet: the column whose groups are compared for bias.
        facet_values: the values of the group that could be treated worse; one number means all above it.
        window_hours: how far back from the newest captured line is looked.
        drift_threshold: the largest distance between distributions that is no drift.
        bias_threshold: the largest change of a bias metric.
        attribution_threshold: the least agreement (NDCG) of the attributions with the baseline's.
    """

    features: list[str] = field(default_factory=list)
    label: str = "label"
    prediction: str = "prediction"
    prediction_path: list[str] = field(default_factory=list)
    problem_type: str = "BinaryClassification"
    positive_label: Any = 1
    probability_threshold: float = 0.5
    facet: str = ""
    facet_values: list[Any] = field(default_factory=list)
    window_hours: float = 24.0
    drift_threshold: float = 0.1
    bias_threshold: float = 0.1
    attribution_threshold: float = 0.9


@dataclass(frozen=True)
class Baseline:
    """What the data is held to.

    Args:
        statistics: the content of the baseline's `statistics.json`.
        constraints: the content of its `constraints.json`.
    """

    statistics: Document = field(default_factory=dict)
    constraints: Document = field(default_factory=dict)

    @staticmethod
    def load(folder: Path | None) -> Baseline:
        """Read a folder's baseline; what isn't there is empty.

        Raises:
            ValueError: a file is no JSON object.
        """
        return Baseline(*(_object(folder, f"{name}.json") for name in ("statistics", "constraints")))

    @property
    def features(self) -> list[str]:
        """The names of the features, in order."""
        return [item["name"] for item in self.statistics.get("features", [])]


def load(folder: Path | None) -> Settings:
    """Read `monitor.json`; without one all is as by default.

    Raises:
        ValueError: it has a key or a value that isn't known.
    """
    given = _object(folder, NAME)
    known = {item.name for item in fields(Settings)}
    unknown = sorted(set(given) - known)
    if unknown:
        raise ValueError(f"{NAME} has {', '.join(unknown)}; it knows {', '.join(sorted(known))}")
    settings = Settings(**given)
    if settings.problem_type not in PROBLEMS:
        raise ValueError(f"{NAME}: problem_type is {settings.problem_type}; it is one of {', '.join(PROBLEMS)}")
    return settings


def _object(folder: Path | None, name: str) -> Document:
    path = folder / name if folder else None
    if path is None or not path.is_file():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise ValueError(f"{path} must hold a JSON object")
    return found

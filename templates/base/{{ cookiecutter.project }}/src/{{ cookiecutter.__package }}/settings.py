"""Choices of this model: what `settings.toml` says, typed."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from {{ cookiecutter.__package }}.configuration import SettingsError, load

PROJECT = "{{ cookiecutter.project }}"
PURPOSE = "{{ cookiecutter.description }}"
OWNER = "{{ cookiecutter.owner }}"

# Names of the splits; the preparation writes a folder with a CSV file for each.
SPLITS = ("train", "validation", "test")

# Metrics that measure an error: less is better.
_ERRORS = frozenset({"mae", "mape", "mse", "rmse"})


@dataclass(frozen=True, kw_only=True)
class DataSettings:
    """The data set.

    Attributes:
        labels: the columns that are predicted; they come first in CSV files.
        order: how rows are split: by chance, each class kept in proportion, or by time, the newest last.
        seed: where chance begins.
        validation_share: share of the rows for validation.
        test_share: share of the rows that are held out.
        extras: what the preparation writes besides the splits: folders, by `extras.py`.
    """

    labels: tuple[str, ...]
    order: Literal["shuffled", "time"] = "shuffled"
    seed: int = 20260101
    validation_share: float = 0.2
    test_share: float = 0.2
    extras: tuple[str, ...] = ()

    @property
    def shares(self) -> tuple[float, float]:
        """The shares of the rows for validation and for the test."""
        return self.validation_share, self.test_share


@dataclass(frozen=True, kw_only=True)
class QualitySettings:
    """How a model is measured.

    Attributes:
        problem: what is predicted; it decides which metrics there are.
        metric: the metric that decides whether a model is registered, with the parameter `<metric>_threshold`.
        folds: parts of the cross-validation.
        slices: features by whose values (or quarters) the metrics are shown.
        sensitive: the feature that names groups of people, for the fairness of the model; empty if there is none.
        explained_rows: rows whose predictions are explained.
        champion_gate: refuse to register a model that is worse than the champion on the same data.
    """

    problem: Literal["binary", "multiclass", "regression", "forecast"]
    metric: str
    folds: int = 5
    slices: tuple[str, ...] = ()
    sensitive: str = ""
    explained_rows: int = 40
    champion_gate: bool = False

    @property
    def classifies(self) -> bool:
        """Are classes predicted?"""
        return self.problem in ("binary", "multiclass")

    @property
    def less_is_better(self) -> bool:
        """Does the metric measure an error?"""
        return self.metric in _ERRORS


@dataclass(frozen=True, kw_only=True)
class ImageSettings:
    """SageMaker's images.

    Attributes:
        training: the framework whose image prepares, trains and evaluates.
        inference: the framework whose image serves.
    """

    training: str
    inference: str


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All choices.

    Attributes:
        parameters: the pipeline's parameters with their defaults; an execution may override each by name.
        cache_hours: how long a step whose code and inputs haven't changed isn't run again; 0 runs all.
        logged: metrics that the training writes to its log, as `name=value;`, for SageMaker to read.
    """

    data: DataSettings
    quality: QualitySettings
    image: ImageSettings
    parameters: Mapping[str, float]
    cache_hours: int = 12
    logged: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse settings that don't fit each other."""
        if self.threshold not in self.parameters:
            raise SettingsError(f"settings.toml: parameters.{self.threshold} is missing")

    @property
    def threshold(self) -> str:
        """The parameter that decides whether a model is registered."""
        return f"{self.quality.metric}_threshold"

    @property
    def hyperparameters(self) -> dict[str, float]:
        """The parameters that the training takes."""
        return {name: value for name, value in self.parameters.items() if not name.endswith("_threshold")}


SETTINGS = load(Path(__file__).with_name("settings.toml"), Settings)

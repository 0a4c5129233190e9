"""Chooses hyperparameters: Optuna, behind the words of SageMaker's strategies.

Random and grid are what they are called, Bayesian is Optuna's tree-structured Parzen estimator, and Hyperband is the
same with early ends by successive halving. Optuna is loaded when the first tuning job starts.
"""

import itertools
import logging
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from modelyard.localcloud.runtime.tuning.space import LOGARITHMIC, REVERSE, Range, grid

if TYPE_CHECKING:
    import optuna

_REDUCTION = 3


@dataclass(frozen=True)
class Strategy:
    """How a tuning job searches.

    Args:
        name: Bayesian, Random, Hyperband or Grid.
        maximize: whether more is better.
        seed: what makes it choose the same again; None is by chance.
        least: the least resource of Hyperband, in values of the objective metric.
        most: the most resource of Hyperband.
        early: whether a job is ended that is worse than the median of the others (TrainingJobEarlyStoppingType Auto).
    """

    name: str
    maximize: bool
    seed: int | None = None
    least: int = 1
    most: int = 0
    early: bool = False


class Search:
    """One search over one set of ranges.

    Args:
        ranges: of the hyperparameters.
        strategy: how.
    """

    def __init__(self, ranges: list[Range], strategy: Strategy) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        logging.getLogger("optuna").setLevel(logging.WARNING)
        self._optuna = optuna
        self._ranges = ranges
        self._strategy = strategy
        # A grid is walked in order: Optuna's own sampler may choose a point twice while its first try still runs.
        self._grid = _points(grid(ranges)) if strategy.name == "Grid" else None
        self._study = optuna.create_study(
            direction="maximize" if strategy.maximize else "minimize",
            sampler=_sampler(optuna, strategy),
            pruner=_pruner(optuna, strategy),
        )
        self._trials: dict[int, optuna.Trial] = {}

    @property
    def is_exhausted(self) -> bool:
        """Whether there is nothing left to try."""
        return self._grid is not None and len(self._trials) >= len(self._grid)

    def ask(self) -> tuple[int, dict[str, str]]:
        """Return a new trial's number and its hyperparameters."""
        if self._grid is not None:
            self._study.enqueue_trial(dict(self._grid[len(self._trials)]))
        trial = self._study.ask()
        self._trials[trial.number] = trial
        return trial.number, {item.name: item.text(self._suggest(trial, item)) for item in self._ranges}

    def report(self, number: int, values: list[float]) -> bool:
        """Say what a running trial has reached so far; true if it isn't worth going on with.

        Args:
            number: the trial's.
            values: all values of the objective metric until now.
        """
        trial = self._trials[number]
        known = trial.study.trials[number].intermediate_values
        for step in range(len(known), len(values)):
            if math.isfinite(values[step]):
                trial.report(values[step], step + 1)
        return bool(values) and trial.should_prune()

    def tell(self, number: int, value: float | None, *, pruned: bool = False) -> None:
        """Say how a trial ended; no value is a failure."""
        states = self._optuna.trial.TrialState
        if value is None or not math.isfinite(value):
            self._study.tell(self._trials[number], state=states.FAIL)
        elif pruned:
            self._study.tell(self._trials[number], state=states.PRUNED)
        else:
            self._study.tell(self._trials[number], value)

    def learn(self, hyperparameters: dict[str, str], value: float) -> None:
        """Take over what an earlier tuning job found; nothing happens if it lies outside of these ranges."""
        spaces = {item.name: self._distribution(item) for item in self._ranges}
        try:
            given = {item.name: _parsed(item, hyperparameters[item.name]) for item in self._ranges}
            trial = self._optuna.trial.create_trial(params=given, distributions=spaces, value=value)
        except (KeyError, ValueError):
            return
        self._study.add_trial(trial)

    def _suggest(self, trial: "optuna.Trial", item: Range) -> Any:
        if item.kind == "Categorical":
            return trial.suggest_categorical(item.name, list(item.choices))
        if item.scaling == REVERSE:
            # As fine near 1 as a logarithm is near 0.
            return 1.0 - trial.suggest_float(item.name, 1.0 - item.high, 1.0 - item.low, log=True)
        if item.kind == "Integer":
            return trial.suggest_int(item.name, int(item.low), int(item.high), log=item.scaling == LOGARITHMIC)
        return trial.suggest_float(item.name, item.low, item.high, log=item.is_logarithmic)

    def _distribution(self, item: Range) -> Any:
        kinds = self._optuna.distributions
        if item.kind == "Categorical":
            return kinds.CategoricalDistribution(list(item.choices))
        if item.scaling == REVERSE:
            return kinds.FloatDistribution(1.0 - item.high, 1.0 - item.low, log=True)
        if item.kind == "Integer":
            return kinds.IntDistribution(int(item.low), int(item.high), log=item.scaling == LOGARITHMIC)
        return kinds.FloatDistribution(item.low, item.high, log=item.is_logarithmic)


def _parsed(item: Range, text: str) -> Any:
    if item.kind == "Categorical":
        return text
    value = float(text)
    if item.scaling == REVERSE:
        return 1.0 - value
    return int(value) if item.kind == "Integer" else value


def _points(values: dict[str, list[str]]) -> list[dict[str, str]]:
    """Return all combinations, the last parameter changing fastest."""
    return [dict(zip(values, point, strict=True)) for point in itertools.product(*values.values())]


def _sampler(optuna: Any, strategy: Strategy) -> Any:
    if strategy.name == "Random":
        return optuna.samplers.RandomSampler(seed=strategy.seed)
    return optuna.samplers.TPESampler(seed=strategy.seed, n_startup_trials=5, constant_liar=True)


def _pruner(optuna: Any, strategy: Strategy) -> Any:
    if strategy.name == "Hyperband":
        most = strategy.most or strategy.least * _REDUCTION**2
        return optuna.pruners.HyperbandPruner(strategy.least, most, _REDUCTION)
    return optuna.pruners.MedianPruner(n_startup_trials=3) if strategy.early else optuna.pruners.NopPruner()

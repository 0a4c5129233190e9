"""What a tuning job's search chooses."""

import math

import pytest

from modelyard.localcloud.runtime.tuning.space import Range, RangeError, grid, ranges

optuna = pytest.importorskip("optuna")
from modelyard.localcloud.runtime.tuning.search import Search, Strategy  # noqa: E402

NUMBER = Range("x", "Continuous", -5, 5)


def best(strategy: str, seed: int) -> float:
    """Return how near a search comes to the minimum of (x - 2)^2 + (n - 3)^2."""
    search = Search([NUMBER, Range("n", "Integer", 0, 10)], Strategy(strategy, maximize=False, seed=seed))
    found = math.inf
    for _ in range(40):
        number, given = search.ask()
        value = (float(given["x"]) - 2) ** 2 + (int(given["n"]) - 3) ** 2
        search.tell(number, value)
        found = min(found, value)
    return found


def test_a_bayesian_search_beats_chance() -> None:
    bayesian, random = (sum(best(name, seed) for seed in range(6)) for name in ("Bayesian", "Random"))
    assert bayesian * 3 < random


def test_a_seed_chooses_the_same_again() -> None:
    def chosen() -> list[dict[str, str]]:
        search = Search([NUMBER], Strategy("Random", maximize=True, seed=3))
        return [search.ask()[1] for _ in range(5)]

    assert chosen() == chosen()


def test_a_grid_is_walked_whole_and_once() -> None:
    choices = [Range("a", "Categorical", choices=("1", "2")), Range("b", "Categorical", choices=('"x"', '"y"', '"z"'))]
    search = Search(choices, Strategy("Grid", maximize=True))
    points = []
    while not search.is_exhausted:
        points.append(tuple(search.ask()[1].values()))
    assert points == [(a, b) for a in ("1", "2") for b in ('"x"', '"y"', '"z"')]


def test_hyperband_ends_what_is_worse() -> None:
    search = Search([NUMBER], Strategy("Hyperband", maximize=True, seed=1, least=1, most=9))
    ended = []
    for level in [9, 8, 7, 6, 5, 4, 3, 2, 1]:
        number, _ = search.ask()
        step = next((step for step in range(1, 10) if search.report(number, [float(level)] * step)), None)
        search.tell(number, float(level), pruned=step is not None)
        ended.append(step)
    assert ended[0] is None
    assert any(step is not None and step < 9 for step in ended)


def test_a_search_learns_from_what_was_found_before() -> None:
    search = Search([NUMBER], Strategy("Bayesian", maximize=False, seed=1))
    for place in range(20):
        x = -5 + place / 2
        search.learn({"x": str(x)}, (x - 2) ** 2)
    search.learn({"other": "1"}, 0.0)
    search.learn({"x": "900"}, 0.0)
    near = [abs(float(search.ask()[1]["x"]) - 2) for _ in range(5)]
    assert sum(near) / len(near) < 1.5


def test_scaling_reaches_the_ends() -> None:
    wide = Range("rate", "Continuous", 1e-6, 1.0, "Auto")
    high = Range("momentum", "Continuous", 0.5, 0.9999, "ReverseLogarithmic")
    search = Search([wide, high], Strategy("Random", maximize=True, seed=0))
    given = [search.ask()[1] for _ in range(200)]
    assert sum(float(item["rate"]) < 1e-3 for item in given) > 60
    assert sum(float(item["momentum"]) > 0.99 for item in given) > 60
    assert all(0.5 <= float(item["momentum"]) <= 0.9999 for item in given)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({}, "At least one hyperparameter range must be given."),
        (
            {"IntegerParameterRanges": [{"Name": "n", "MinValue": "9", "MaxValue": "1"}]},
            "MinValue of [n] must not be larger than MaxValue.",
        ),
        (
            {"IntegerParameterRanges": [{"Name": "n", "MinValue": "0.5", "MaxValue": "1"}]},
            "The range of the integer [n] is not made of integers.",
        ),
        (
            {"ContinuousParameterRanges": [{"Name": "r", "MinValue": "a", "MaxValue": "1"}]},
            "The range of [r] is not made of numbers: could not convert string to float: 'a'",
        ),
        (
            {
                "ContinuousParameterRanges": [
                    {"Name": "r", "MinValue": "0", "MaxValue": "1", "ScalingType": "Logarithmic"}
                ]
            },
            "MinValue of [r] must be larger than 0 for logarithmic scaling.",
        ),
        (
            {"CategoricalParameterRanges": [{"Name": "c", "Values": ["1"]}, {"Name": "c", "Values": ["2"]}]},
            "The hyperparameter [c] has more than one range.",
        ),
    ],
)
def test_wrong_ranges_are_refused(document: dict[str, object], message: str) -> None:
    with pytest.raises(RangeError) as refused:
        ranges(document)
    assert str(refused.value) == message


def test_a_grid_is_of_categories() -> None:
    with pytest.raises(RangeError, match=r"Grid search takes categorical ranges only, and \[x\] is none"):
        grid([NUMBER])

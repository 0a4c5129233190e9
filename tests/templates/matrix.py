"""The kinds, CI providers and options, and the combinations of them that are tried."""

from collections.abc import Iterator, Mapping
from itertools import combinations, product

from modelyard.scaffold import templates_folder

Answers = dict[str, str]
Pair = tuple[tuple[str, str], tuple[str, str]]


def axes() -> dict[str, tuple[str, ...]]:
    """Return what there is to choose from: each folder of the templates is a value."""
    root = templates_folder()
    options = {
        folder.name: ("none", *sorted(it.name for it in folder.iterdir() if it.name != "none"))
        for folder in sorted((root / "options").iterdir())
    }
    kinds, providers = (tuple(sorted(it.name for it in (root / name).iterdir())) for name in ("models", "ci"))
    return {"kind": kinds, "ci": providers, **options}


def pairs(case: Mapping[str, str]) -> set[Pair]:
    """Return the pairs of values that a combination has."""
    return set(combinations(sorted(case.items()), 2))


def pairwise() -> list[Answers]:
    """Return combinations in which each value of each axis meets each of every other, made greedily."""
    values = axes()
    everything = [dict(zip(values, chosen, strict=True)) for chosen in product(*values.values())]
    missing = set().union(*map(pairs, everything))
    return list(_covering(everything, missing))


def _covering(everything: list[Answers], missing: set[Pair]) -> Iterator[Answers]:
    while missing:
        best = max(everything, key=lambda case: len(pairs(case) & missing))
        missing -= pairs(best)
        yield best


def one_of_each_kind() -> list[Answers]:
    """Return one combination for each kind; together they have every value of every axis."""
    values = axes()
    others = [name for name in values if name != "kind"]
    return [
        {"kind": kind, **{name: values[name][number % len(values[name])] for name in others}}
        for number, kind in enumerate(values["kind"])
    ]


def name(case: Mapping[str, str]) -> str:
    """Return a combination's name for reports."""
    return "-".join(case.values())

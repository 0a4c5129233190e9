"""Processing step: loads the data, validates it, and writes its splits, and the held-out rows without their labels."""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from {{ cookiecutter.__package }}.data import SCHEMA, load
from {{ cookiecutter.__package }}.features import engineer
from {{ cookiecutter.__package }}.settings import SETTINGS, SPLITS
from {{ cookiecutter.__package }}.table import Table, of, sampled, split, write_csv
from {{ cookiecutter.__package }}.validation import validate


def splits(fraction: float = 1.0) -> dict[str, Table]:
    """Return each split by name; of the training split that share of its rows."""
    data = SETTINGS.data
    table = of(engineer(validate(load(), SCHEMA)), data.labels)
    parts = split(table, data.order, data.shares, data.seed, stratified=SETTINGS.quality.classifies)
    return dict(zip(SPLITS, (sampled(parts[0], fraction), *parts[1:]), strict=True))


def main(arguments: Sequence[str] | None = None) -> None:
    """Write `<output>/<split>/<split>.csv` for each split, and the held-out rows alone below `<output>/questions`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("/opt/ml/processing/output"))
    parser.add_argument("--sample-fraction", type=float, default=1.0, help="share of the training rows")
    given = parser.parse_args(arguments)
    output: Path = given.output
    tables = splits(given.sample_fraction)
    for name, part in tables.items():
        write_csv(part, output / name / f"{name}.csv")
    questions = output / "questions"
    questions.mkdir(parents=True, exist_ok=True)
    np.savetxt(questions / "test.csv", tables["test"].features, delimiter=",", fmt="%r")


if __name__ == "__main__":
    main()

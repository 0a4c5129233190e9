"""Processing step: loads the data, validates it, and writes its splits, and the held-out rows without their labels."""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from {{ cookiecutter.__package }}.data import SCHEMA, load
from {{ cookiecutter.__package }}.features import engineer
from {{ cookiecutter.__package }}.settings import SETTINGS, SPLITS
from {{ cookiecutter.__package }}.table import Table, of, split, write_csv
from {{ cookiecutter.__package }}.validation import validate


def splits() -> dict[str, Table]:
    """Return each split by name."""
    data = SETTINGS.data
    table = of(engineer(validate(load(), SCHEMA)), data.labels)
    parts = split(table, data.order, data.shares, data.seed, stratified=SETTINGS.quality.classifies)
    return dict(zip(SPLITS, parts, strict=True))


def main(arguments: Sequence[str] | None = None) -> None:
    """Write `<output>/<split>/<split>.csv` for each split, and the held-out rows alone below `<output>/questions`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("/opt/ml/processing/output"))
    output: Path = parser.parse_args(arguments).output
    tables = splits()
    for name, part in tables.items():
        write_csv(part, output / name / f"{name}.csv")
    questions = output / "questions"
    questions.mkdir(parents=True, exist_ok=True)
    np.savetxt(questions / "test.csv", tables["test"].features, delimiter=",", fmt="%.17g")


if __name__ == "__main__":
    main()

"""Processing step: loads the series, validates it, and writes three splits and the newest windows as CSV files."""

import argparse
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from {{ cookiecutter.__package }}.data import SCHEMA, load
from {{ cookiecutter.__package }}.features import engineer, filled, windows
from {{ cookiecutter.__package }}.settings import SETTINGS, SPLITS
from {{ cookiecutter.__package }}.table import Table, of, sampled, split, write_csv
from {{ cookiecutter.__package }}.validation import validate

# Weeks from which the batch transform looks ahead: the newest ones.
ORIGINS = 4


def splits(fraction: float = 1.0) -> dict[str, Table]:
    """Return each split by name; of the training split that share of its rows."""
    data = SETTINGS.data
    table = of(engineer(validate(load(), SCHEMA)), data.labels)
    parts = split(table, data.order, data.shares, data.seed, stratified=SETTINGS.quality.classifies)
    return dict(zip(SPLITS, (sampled(parts[0], fraction), *parts[1:]), strict=True))


def newest() -> pd.DataFrame:
    """Return the windows that nobody knows the future of, and a few before them."""
    return windows(filled(validate(load(), SCHEMA))).tail(ORIGINS)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write `<output>/<split>/<split>.csv` for each split, and `<output>/batch/batch.csv` without a header."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("/opt/ml/processing/output"))
    parser.add_argument("--sample-fraction", type=float, default=1.0, help="share of the training rows")
    given = parser.parse_args(arguments)
    output: Path = given.output
    for name, part in splits(given.sample_fraction).items():
        write_csv(part, output / name / f"{name}.csv")
    (output / "batch").mkdir(parents=True, exist_ok=True)
    newest().to_csv(output / "batch" / "batch.csv", header=False, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()

"""Processing step: loads the data, validates it, makes features of it, and writes its three splits as CSV files."""

import argparse
from collections.abc import Sequence
from pathlib import Path

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
    """Write `<output>/<split>/<split>.csv` for each split."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("/opt/ml/processing/output"))
    output: Path = parser.parse_args(arguments).output
    for name, part in splits().items():
        write_csv(part, output / name / f"{name}.csv")


if __name__ == "__main__":
    main()

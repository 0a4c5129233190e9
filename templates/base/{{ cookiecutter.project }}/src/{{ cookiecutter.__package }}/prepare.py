"""Processing step: loads the data, validates it, makes features of it, and writes its three splits as CSV files."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from {{ cookiecutter.__package }} import extras
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
    """Write `<output>/<split>/<split>.csv` for each split, and what `extras.py` adds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("/opt/ml/processing/output"))
    parser.add_argument("--sample-fraction", type=float, default=1.0, help="share of the training rows")
    parser.add_argument("--data-version", default="", help="for SageMaker: other data, another run")
    given = parser.parse_args(arguments)
    output: Path = given.output
    tables = splits(given.sample_fraction)
    for name, part in tables.items():
        write_csv(part, output / name / f"{name}.csv")
    extras.write(tables, output)


if __name__ == "__main__":
    main()

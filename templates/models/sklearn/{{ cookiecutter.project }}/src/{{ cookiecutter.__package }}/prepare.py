"""Processing step: loads the data set, validates it, and writes its three splits as CSV files."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from {{ cookiecutter.__package }}.data import load, split, validate, write_csv
from {{ cookiecutter.__package }}.settings import SPLITS


def main(arguments: Sequence[str] | None = None) -> None:
    """Write `<output>/<split>/<split>.csv` for each split."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("/opt/ml/processing/output"))
    output: Path = parser.parse_args(arguments).output
    for name, part in zip(SPLITS, split(validate(load())), strict=True):
        write_csv(part, output / name / f"{name}.csv")


if __name__ == "__main__":
    main()

"""What the preparation writes besides the splits: the newest windows, for the batch transform to look ahead from."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from {{ cookiecutter.__package }}.data import SCHEMA, load
from {{ cookiecutter.__package }}.features import filled, windows
from {{ cookiecutter.__package }}.table import Table
from {{ cookiecutter.__package }}.validation import validate

# Weeks from which the batch transform looks ahead: the newest ones.
ORIGINS = 4


def newest() -> pd.DataFrame:
    """Return the windows that nobody knows the future of, and a few before them."""
    return windows(filled(validate(load(), SCHEMA))).tail(ORIGINS)


def write(tables: Mapping[str, Table], output: Path) -> None:
    """Write `<output>/batch/batch.csv`, without a header.

    Args:
        tables: the splits by name; the newest windows are in none of them.
        output: where the splits are.
    """
    folder = output / "batch"
    folder.mkdir(parents=True, exist_ok=True)
    newest().to_csv(folder / "batch.csv", header=False, index=False, lineterminator="\n")

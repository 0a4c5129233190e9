"""Tables in, tables out, and what kind of problem a target is."""

from pathlib import Path

import pandas as pd

BINARY, MULTICLASS, REGRESSION = "BinaryClassification", "MulticlassClassification", "Regression"
_MOST_CLASSES = 20


def read(folder: Path) -> pd.DataFrame:
    """Return all CSV files with a header, or all Parquet files, below a folder as one table.

    Raises:
        ValueError: there is none.
    """
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    if not paths:
        raise ValueError(f"there is no file in {folder.name}")
    return pd.concat([_table(path) for path in paths], ignore_index=True)


def problem_type(target: pd.Series) -> str:
    """Return what kind of problem a target is, as far as its values tell."""
    values = target.dropna()
    count = values.nunique()
    if count == 2:
        return BINARY
    if not pd.api.types.is_numeric_dtype(values):
        return MULTICLASS
    whole = bool((values == values.round()).all())
    return MULTICLASS if whole and count <= _MOST_CLASSES and count * 5 <= len(values) else REGRESSION


def _table(path: Path) -> pd.DataFrame:
    return pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)

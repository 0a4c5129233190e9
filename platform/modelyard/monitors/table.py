"""Rows as columns of numpy arrays."""

from __future__ import annotations

import csv
import importlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    Array = np.ndarray[Any, np.dtype[Any]]

_KINDS = (".csv", ".jsonl", ".parquet")
FRACTIONAL, INTEGRAL, STRING, UNKNOWN = "Fractional", "Integral", "String", "Unknown"


@dataclass(frozen=True)
class Column:
    """One column.

    Args:
        name: its name.
        kind: Fractional, Integral, String, or Unknown where nothing is present.
        values: what is present: floats, or texts as objects.
        present: for each row whether it has a value.
    """

    name: str
    kind: str
    values: Array
    present: Array

    @property
    def completeness(self) -> float:
        """The share of rows with a value."""
        return float(self.present.mean()) if len(self.present) else 0.0

    @property
    def is_numeric(self) -> bool:
        """Whether it holds numbers."""
        return self.kind in (FRACTIONAL, INTEGRAL)

    def filled(self) -> Array:
        """Return a value for each row; NaN or None where there is none."""
        whole = np.full(len(self.present), np.nan) if self.is_numeric else np.full(len(self.present), None, object)
        whole[self.present] = self.values
        return whole

    def where(self, rows: Array) -> Column:
        """Return some of its rows.

        Args:
            rows: for each row whether it stays.
        """
        return Column(self.name, self.kind, self.filled()[rows & self.present], self.present[rows])


class Table:
    """Columns of equal length.

    Args:
        columns: by name, in order.
        label: the name of the label's column.
    """

    def __init__(self, columns: dict[str, Column], label: str = "label") -> None:
        self.columns = columns
        self.label = label

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return max((len(column.present) for column in self.columns.values()), default=0)

    def without(self, *names: str) -> list[Column]:
        """Return all columns but some."""
        return [column for column in self.columns.values() if column.name not in names]

    def column(self, name: str) -> Column:
        """Return a column.

        Raises:
            ValueError: there is none of that name.
        """
        if name not in self.columns:
            raise ValueError(f"the data has no column {name}; it has {', '.join(self.columns) or 'none'}")
        return self.columns[name]

    def with_label(self) -> Table:
        """Return the rows whose label is known."""
        known = self.columns[self.label].present if self.label in self.columns else np.zeros(self.rows, bool)
        return Table({name: column.where(known) for name, column in self.columns.items()}, self.label)


def from_rows(rows: Sequence[Mapping[str, Any]], order: Sequence[str] = (), label: str = "label") -> Table:
    """Make columns of rows; a row that lacks a column has no value there."""
    names = dict.fromkeys([*order, *(name for row in rows for name in row)])
    used = {name for row in rows for name in row}
    return Table({name: from_values(name, [row.get(name) for row in rows]) for name in names if name in used}, label)


def from_values(name: str, values: Sequence[Any]) -> Column:
    """Make a column of any values; what is empty or not a number is missing."""
    present = [not _is_missing(value) for value in values]
    kept = [value for value, here in zip(values, present) if here]  # noqa: B905 - strict= needs Python 3.10
    mask = np.array(present, dtype=bool)
    if not kept:
        return Column(name, UNKNOWN, np.array([], dtype=object), mask)
    try:
        numbers = np.array([float(value) for value in kept])
        finite = np.isfinite(numbers)
    except (TypeError, ValueError):
        texts = np.array([value if isinstance(value, str) else json.dumps(value) for value in kept], dtype=object)
        return Column(name, STRING, texts, mask)
    whole = all(isinstance(value, (bool, int)) or _is_whole(value) for value in kept)
    mask[mask] = finite
    return Column(name, INTEGRAL if whole else FRACTIONAL, numbers[finite], mask)


def from_array(name: str, values: Array) -> Column:
    """Make a column of a numpy array: numbers with NaN, or objects with None, for what is missing."""
    if values.dtype.kind in "biuf":
        numbers = values.astype(float, copy=False)
        present = np.isfinite(numbers)
        kept = numbers if present.all() else numbers[present]
        return Column(name, FRACTIONAL if values.dtype.kind == "f" else INTEGRAL, kept, present)
    texts = values.tolist()
    try:
        distinct = set(texts)
    except TypeError:  # lists, say
        return from_values(name, texts)
    if all(isinstance(value, str) and value and not _is_number(value) for value in distinct):
        return Column(name, STRING, values.astype(object, copy=False), np.ones(len(texts), dtype=bool))
    return from_values(name, texts)


def read_table(path: Path) -> Table:
    """Read rows: CSV with a header, JSON lines or Parquet, one file or all files of one kind below a folder.

    Raises:
        ValueError: there is none, they are of several kinds, or empty.
    """
    files = sorted(item for item in path.rglob("*") if item.suffix in _KINDS) if path.is_dir() else [path]
    kinds = sorted({item.suffix for item in files})
    if len(kinds) != 1 or kinds[0] not in _KINDS:
        raise ValueError(f"{path} must be, or hold, files of one of {', '.join(_KINDS)}; it has {kinds or 'none'}")
    if kinds == [".parquet"]:
        pandas: Any = importlib.import_module("pandas")
        frame = pandas.concat([pandas.read_parquet(file) for file in files])
        return Table({str(name): from_array(str(name), frame[name].to_numpy()) for name in frame.columns})
    rows = [row for file in files for row in _rows(file)]
    if not rows:
        raise ValueError(f"{path} has no rows")
    return from_rows(rows)


def _rows(path: Path) -> list[dict[str, Any]]:
    with path.open(newline="", encoding="utf-8") as file:
        if path.suffix == ".csv":
            return list(csv.DictReader(file))
        return [json.loads(text) for text in file if text.strip()]


def _is_missing(value: Any) -> bool:
    return value is None or value == "" or (isinstance(value, float) and value != value)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _is_whole(value: Any) -> bool:
    return isinstance(value, str) and value.strip().lstrip("+-").isdigit()

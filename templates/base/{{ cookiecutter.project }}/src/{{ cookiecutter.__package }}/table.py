"""A table of numbers with its labels: checked, split, and written as CSV (a header, the labels first)."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[Any]


class DataError(ValueError):
    """The data isn't what the model was made for."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows of features and what is to be predicted of them.

    Attributes:
        label_names: the labels' names.
        names: the features' names, one per column.
        features: shape (rows, columns).
        labels: shape (rows,), or (rows, labels) where there are several.
    """

    label_names: tuple[str, ...]
    names: tuple[str, ...]
    features: Numbers
    labels: Numbers

    def __post_init__(self) -> None:
        """Refuse a table whose parts don't fit.

        Raises:
            DataError: they don't.
        """
        if self.features.shape != (len(self.labels), len(self.names)):
            expected = (len(self.labels), len(self.names))
            raise DataError(f"the features' shape is {self.features.shape}, not {expected}")
        columns = zip(self.names, self.features.T, strict=True)
        if missing := [name for name, column in columns if not np.isfinite(column).all()]:
            raise DataError(f"missing or infinite values in {', '.join(missing)}")
        if not np.isfinite(self.labels).all():
            raise DataError(f"missing or infinite values in {', '.join(self.label_names)}")

    def take(self, rows: Any) -> "Table":
        """Return some of the rows."""
        features, labels = self.features[rows], self.labels[rows]
        return Table(label_names=self.label_names, names=self.names, features=features, labels=labels)

    def column(self, name: str) -> Numbers:
        """Return one feature."""
        return self.features[:, self.names.index(name)]


def sampled(table: Table, fraction: float) -> Table:
    """Return a share of a table's rows, spread evenly over it; one row at least.

    Raises:
        DataError: the share is not above 0 and at most 1.
    """
    if not 0 < fraction <= 1:
        raise DataError(f"a sample of {fraction} of the rows is none: give a share above 0, at most 1")
    count = max(round(len(table.labels) * fraction), 1)
    return table.take(np.linspace(0, len(table.labels) - 1, count).round().astype(int))


def of(frame: Any, labels: Sequence[str]) -> Table:
    """Make a table of a data frame.

    Args:
        frame: a pandas data frame of numbers.
        labels: the columns that are labels; all others are features.

    Raises:
        DataError: values are missing.
    """
    names = tuple(str(name) for name in frame.columns if name not in labels)
    values = frame[list(labels)].to_numpy()
    features = frame[list(names)].to_numpy(dtype=np.float64)
    return Table(label_names=tuple(labels), names=names, features=features, labels=_flat(values))


def write_csv(table: Table, path: Path) -> None:
    """Write a table; floats keep every digit."""
    path.parent.mkdir(parents=True, exist_ok=True)
    labels = table.labels.reshape(len(table.labels), -1).tolist()
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow((*table.label_names, *table.names))
        for label, row in zip(labels, table.features.tolist(), strict=True):
            writer.writerow((*label, *row))


def read_csv(folder: Path, labels: Sequence[str]) -> Table:
    """Read the one or more CSV files of a folder, in the order of their names.

    Raises:
        DataError: there is no file, or a file's columns aren't those of the others with the labels first.
    """
    paths = sorted(folder.glob("*.csv"))
    if not paths:
        raise DataError(f"there is no CSV file in {folder}")
    headers = {tuple(path.read_text(encoding="utf-8").partition("\n")[0].split(",")) for path in paths}
    header, count = next(iter(headers)), len(labels)
    if len(headers) != 1 or header[:count] != tuple(labels):
        raise DataError(f"the columns of {folder} don't begin with {', '.join(labels)}, or differ between its files")
    rows = np.vstack([np.loadtxt(path, delimiter=",", skiprows=1, ndmin=2) for path in paths])
    values = _flat(rows[:, :count])
    return Table(label_names=tuple(labels), names=header[count:], features=rows[:, count:], labels=values)


def split(
    table: Table, order: str, shares: tuple[float, float], seed: int, *, stratified: bool = False
) -> tuple[Table, ...]:
    """Split a table into training, validation and test, always in the same way.

    Args:
        table: all rows.
        order: `time` keeps their order, the newest are held out; else chance decides.
        shares: the shares of the rows for validation and for the test.
        seed: where chance begins.
        stratified: keep the classes in proportion.
    """
    validation_share, test_share = shares
    rows = np.arange(len(table.labels))
    if order == "time":
        ends = [round(len(rows) * (1 - validation_share - test_share)), round(len(rows) * (1 - test_share))]
        return tuple(table.take(part) for part in np.split(rows, ends))
    from sklearn.model_selection import train_test_split

    classes = table.labels if stratified else None
    rest, test = train_test_split(rows, test_size=test_share, random_state=seed, stratify=classes)
    again = None if classes is None else classes[rest]
    share = validation_share / (1 - test_share)
    train, validation = train_test_split(rest, test_size=share, random_state=seed, stratify=again)
    return table.take(train), table.take(validation), table.take(test)


def _flat(labels: Numbers) -> Numbers:
    """Return one label as one dimension, and whole numbers as such."""
    values = labels[:, 0] if labels.shape[1] == 1 else labels
    whole = np.isfinite(values).all() and np.array_equal(values, np.round(values))
    return values.astype(np.int64 if whole else np.float64)

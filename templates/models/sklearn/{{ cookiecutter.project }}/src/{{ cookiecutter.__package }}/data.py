"""The data set: loading, validating, splitting, and its CSV files (a header, the label first)."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from {{ cookiecutter.__package }}.settings import LABEL, SEED, TEST_SHARE, VALIDATION_SHARE

Features = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]


class DataError(ValueError):
    """The data set isn't what the model was made for."""


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """Rows of features and their labels.

    Attributes:
        names: the features' names, one per column.
        features: shape (rows, columns).
        labels: 0 or 1, shape (rows,).
    """

    names: tuple[str, ...]
    features: Features
    labels: Labels


def load() -> Dataset:
    """Load the data set. Replace this by a query of your own data; the rest only needs a `Dataset`.

    The Wisconsin diagnostic breast cancer data comes with scikit-learn: 569 rows, 30 features.
    """
    from sklearn.datasets import load_breast_cancer

    bunch = load_breast_cancer()
    names = tuple(str(name).replace(" ", "_") for name in bunch.feature_names)
    return Dataset(names=names, features=bunch.data.astype(np.float64), labels=bunch.target.astype(np.int64))


def validate(data: Dataset) -> Dataset:
    """Return the data set if a model can learn from it.

    Raises:
        DataError: it has duplicate or missing columns, missing values, or labels other than 0 and 1.
    """
    if len(set(data.names)) != len(data.names):
        raise DataError("two features have the same name")
    if data.features.ndim != 2 or data.features.shape != (len(data.labels), len(data.names)):
        expected = (len(data.labels), len(data.names))
        raise DataError(f"the features' shape is {data.features.shape}, not {expected}")
    missing = [name for name, column in zip(data.names, data.features.T, strict=True) if not np.isfinite(column).all()]
    if missing:
        raise DataError(f"missing or infinite values in {', '.join(missing)}")
    if set(np.unique(data.labels)) != {0, 1}:
        raise DataError(f"the labels are {sorted(set(data.labels.tolist()))}, not 0 and 1")
    return data


def split(data: Dataset) -> tuple[Dataset, Dataset, Dataset]:
    """Split the rows into training, validation and test, the labels' shares kept, always in the same way."""
    from sklearn.model_selection import train_test_split

    rows = np.arange(len(data.labels))
    rest, test = train_test_split(rows, test_size=TEST_SHARE, random_state=SEED, stratify=data.labels)
    share = VALIDATION_SHARE / (1 - TEST_SHARE)
    train, validation = train_test_split(rest, test_size=share, random_state=SEED, stratify=data.labels[rest])
    return _take(data, train), _take(data, validation), _take(data, test)


def _take(data: Dataset, rows: npt.NDArray[np.int64]) -> Dataset:
    return Dataset(names=data.names, features=data.features[rows], labels=data.labels[rows])


def write_csv(data: Dataset, path: Path) -> None:
    """Write a data set as CSV, the label first; floats keep every digit."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow((LABEL, *data.names))
        for label, row in zip(data.labels.tolist(), data.features.tolist(), strict=True):
            writer.writerow((label, *row))


def read_csv(folder: Path) -> Dataset:
    """Read the one or more CSV files of a folder, in the order of their names.

    Raises:
        DataError: there is no file, or a file's columns aren't those of the others with the label first.
    """
    paths = sorted(folder.glob("*.csv"))
    if not paths:
        raise DataError(f"there is no CSV file in {folder}")
    headers = {tuple(path.read_text(encoding="utf-8").partition("\n")[0].split(",")) for path in paths}
    header = next(iter(headers))
    if len(headers) != 1 or header[0] != LABEL:
        raise DataError(f"the columns of {folder} don't begin with {LABEL}, or differ between its files")
    rows = np.vstack([np.loadtxt(path, delimiter=",", skiprows=1, ndmin=2) for path in paths])
    return validate(Dataset(names=header[1:], features=rows[:, 1:], labels=rows[:, 0].astype(np.int64)))

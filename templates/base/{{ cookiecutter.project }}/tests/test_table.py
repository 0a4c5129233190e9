"""A table is checked, split in the same way each time, and survives its CSV files."""

from pathlib import Path

import numpy as np
import pytest

from {{ cookiecutter.__package }} import table


def made(rows: int = 100, labels: int = 1) -> table.Table:
    numbers = np.random.default_rng(1)
    values = np.arange(rows) % 2 if labels == 1 else numbers.normal(size=(rows, labels))
    names = tuple(f"label_{number}" for number in range(labels))
    return table.Table(label_names=names, names=("a", "b"), features=numbers.normal(size=(rows, 2)), labels=values)


def test_missing_values_are_refused_by_name():
    features = made().features.copy()
    features[3, 1] = np.nan
    with pytest.raises(table.DataError, match="missing or infinite values in b"):
        table.Table(label_names=("y",), names=("a", "b"), features=features, labels=np.zeros(100))
    with pytest.raises(table.DataError, match="missing or infinite values in y"):
        table.Table(label_names=("y",), names=("a",), features=np.zeros((1, 1)), labels=np.array([np.inf]))


def test_columns_that_do_not_fit_are_refused():
    with pytest.raises(table.DataError, match=r"shape is \(3, 1\), not \(3, 2\)"):
        table.Table(label_names=("y",), names=("a", "b"), features=np.zeros((3, 1)), labels=np.zeros(3))


def test_splits_are_whole_disjoint_in_proportion_and_the_same_each_time():
    whole = made()
    first, second = (table.split(whole, "shuffled", (0.2, 0.2), 7, stratified=True) for _ in range(2))
    assert [len(part.labels) for part in first] == [60, 20, 20]
    assert [int(part.labels.sum()) for part in first] == [30, 10, 10]
    assert [part.features.tolist() for part in first] == [part.features.tolist() for part in second]
    rows = np.concatenate([part.features for part in first])
    assert sorted(rows.tolist()) == sorted(whole.features.tolist())


def test_by_time_the_newest_rows_are_held_out():
    whole = made()
    parts = table.split(whole, "time", (0.2, 0.2), 7)
    assert [len(part.labels) for part in parts] == [60, 20, 20]
    assert np.array_equal(np.concatenate([part.features for part in parts]), whole.features)


@pytest.mark.parametrize("labels", [1, 3])
def test_csv_keeps_every_digit(tmp_path: Path, labels: int):
    whole = made(labels=labels)
    table.write_csv(whole, tmp_path / "all.csv")
    again = table.read_csv(tmp_path, whole.label_names)
    assert again.names == whole.names
    assert np.array_equal(again.features, whole.features)
    assert np.array_equal(again.labels, whole.labels)
    assert again.labels.dtype == whole.labels.dtype


def test_a_folder_without_the_labels_first_is_refused(tmp_path: Path):
    with pytest.raises(table.DataError, match="there is no CSV file"):
        table.read_csv(tmp_path, ("y",))
    (tmp_path / "wrong.csv").write_text("a\n1.0\n", encoding="utf-8")
    with pytest.raises(table.DataError, match="don't begin with y"):
        table.read_csv(tmp_path, ("y",))

"""The data set is validated, split in the same way each time, and survives its CSV files."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from {{ cookiecutter.__package }} import data, prepare
from {{ cookiecutter.__package }}.settings import LABEL, SPLITS


def test_the_data_set_is_valid():
    loaded = data.validate(data.load())
    assert loaded.features.shape == (569, 30)
    assert loaded.names[:2] == ("mean_radius", "mean_texture")
    assert np.bincount(loaded.labels).tolist() == [212, 357]


def test_missing_values_are_refused_by_name():
    loaded = data.load()
    features = loaded.features.copy()
    features[3, 1] = np.nan
    with pytest.raises(data.DataError, match="missing or infinite values in mean_texture"):
        data.validate(replace(loaded, features=features))


def test_columns_that_do_not_fit_are_refused():
    loaded = data.load()
    with pytest.raises(data.DataError, match="two features have the same name"):
        data.validate(replace(loaded, names=(*loaded.names[:-1], loaded.names[0])))
    with pytest.raises(data.DataError, match=r"shape is \(569, 29\), not \(569, 30\)"):
        data.validate(replace(loaded, features=loaded.features[:, 1:]))


def test_labels_other_than_0_and_1_are_refused():
    loaded = data.load()
    with pytest.raises(data.DataError, match=r"the labels are \[0, 2\]"):
        data.validate(replace(loaded, labels=loaded.labels * 2))


def test_splits_are_whole_disjoint_and_the_same_each_time():
    loaded = data.load()
    rows = replace(loaded, features=np.arange(569.0)[:, None], names=("row",))
    first, second = data.split(rows), data.split(rows)
    assert [len(part.labels) for part in first] == [341, 114, 114]
    assert sorted(np.concatenate([part.features[:, 0] for part in first]).tolist()) == list(range(569))
    assert [part.features.tolist() for part in first] == [part.features.tolist() for part in second]


def test_csv_keeps_every_digit(tmp_path: Path):
    loaded = data.load()
    data.write_csv(loaded, tmp_path / "all.csv")
    again = data.read_csv(tmp_path)
    assert again.names == loaded.names
    assert np.array_equal(again.features, loaded.features)
    assert np.array_equal(again.labels, loaded.labels)


def test_a_folder_without_the_label_first_is_refused(tmp_path: Path):
    with pytest.raises(data.DataError, match="there is no CSV file"):
        data.read_csv(tmp_path)
    (tmp_path / "wrong.csv").write_text("mean_radius\n1.0\n", encoding="utf-8")
    with pytest.raises(data.DataError, match=f"don't begin with {LABEL}"):
        data.read_csv(tmp_path)


def test_preparation_writes_the_same_bytes_each_time(tmp_path: Path):
    for name in ("first", "second"):
        prepare.main(["--output", str(tmp_path / name)])
    written = [path.relative_to(tmp_path / "first") for path in sorted((tmp_path / "first").rglob("*.csv"))]
    assert written == sorted(Path(name, f"{name}.csv") for name in SPLITS)
    for path in written:
        assert (tmp_path / "first" / path).read_bytes() == (tmp_path / "second" / path).read_bytes()

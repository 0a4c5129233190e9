"""The data set keeps to its schema; what breaks it is refused by name."""

import numpy as np
import pytest

from {{ cookiecutter.__package }} import data, features, prepare
from {{ cookiecutter.__package }}.table import DataError
from {{ cookiecutter.__package }}.validation import validate


def test_the_data_set_is_valid():
    frame = validate(data.load(), data.SCHEMA)
    assert frame.shape == (569, 31)
    assert np.bincount(frame["benign"]).tolist() == [212, 357]


def test_the_label_comes_first_and_nothing_is_lost():
    columns = list(features.engineer(data.load()).columns)
    assert columns[:3] == ["benign", "mean_radius", "mean_texture"]
    assert len(columns) == 31


def test_what_breaks_the_schema_is_refused_by_name():
    frame = data.load()
    frame.loc[3, "mean_radius"] = -1.0
    frame.loc[4, "worst_area"] = np.nan
    with pytest.raises(DataError, match="mean_radius: in_range") as refused:
        validate(frame, data.SCHEMA)
    assert "worst_area: not_nullable" in str(refused.value)


def test_other_labels_and_columns_are_refused():
    frame = data.load()
    with pytest.raises(DataError, match="benign: isin"):
        validate(frame.assign(benign=frame["benign"] * 2), data.SCHEMA)
    with pytest.raises(DataError, match="both classes are there"):
        validate(frame.assign(benign=1), data.SCHEMA)
    with pytest.raises(DataError, match="column_in_schema"):
        validate(frame.assign(age=1.0), data.SCHEMA)


def test_classes_are_kept_in_proportion():
    tables = prepare.splits()
    assert {name: len(part.labels) for name, part in tables.items()} == {"train": 341, "validation": 114, "test": 114}
    assert [round(float(part.labels.mean()), 2) for part in tables.values()] == [0.63, 0.62, 0.63]

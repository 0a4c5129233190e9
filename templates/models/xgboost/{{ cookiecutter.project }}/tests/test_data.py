"""The data set keeps to its schema; what breaks it is refused by name."""

import pytest

from {{ cookiecutter.__package }} import data, features
from {{ cookiecutter.__package }}.table import DataError
from {{ cookiecutter.__package }}.validation import validate


def test_the_data_set_is_valid():
    frame = validate(data.load(), data.SCHEMA)
    assert frame.shape == (442, 11)
    assert sorted(frame["sex"].unique()) == [1, 2]


def test_features_are_what_a_caller_knows():
    frame = features.engineer(data.load())
    assert next(iter(frame.columns)) == "progression"
    assert frame["ldl_hdl_ratio"].tolist() == (frame["ldl"] / frame["hdl"]).tolist()


def test_what_breaks_the_schema_is_refused_by_name():
    frame = data.load()
    frame.loc[3, "age"] = 200.0
    frame.loc[4, "bmi"] = float("nan")
    with pytest.raises(DataError, match="age: in_range") as refused:
        validate(frame, data.SCHEMA)
    assert "bmi: not_nullable" in str(refused.value)

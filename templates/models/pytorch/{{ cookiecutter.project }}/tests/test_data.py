"""The data set keeps to its schema; what breaks it is refused by name."""

import pytest

from {{ cookiecutter.__package }} import data, features
from {{ cookiecutter.__package }}.table import DataError
from {{ cookiecutter.__package }}.validation import validate


def test_the_data_set_is_valid():
    frame = validate(features.engineer(data.load()), data.SCHEMA)
    assert frame.shape == (178, 14)
    assert frame.columns[0] == "cultivar"


def test_what_breaks_the_schema_is_refused_by_name():
    frame = data.load()
    with pytest.raises(DataError, match="alcohol: in_range"):
        validate(frame.assign(alcohol=120.0), data.SCHEMA)
    with pytest.raises(DataError, match="hue: greater_than_or_equal_to"):
        validate(frame.assign(hue=-1.0), data.SCHEMA)
    with pytest.raises(DataError, match="all cultivars are there"):
        validate(frame[frame["cultivar"] > 0], data.SCHEMA)

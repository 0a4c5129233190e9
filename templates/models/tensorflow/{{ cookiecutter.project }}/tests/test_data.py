"""The data set keeps to its schema; what breaks it is refused by name."""

import pytest

from {{ cookiecutter.__package }} import data, features
from {{ cookiecutter.__package }}.table import DataError
from {{ cookiecutter.__package }}.validation import validate


def test_the_data_set_is_valid():
    frame = validate(data.load(), data.SCHEMA)
    assert frame.shape == (1797, 65)


def test_pixels_come_row_by_row():
    columns = list(features.engineer(data.load()).columns)
    assert columns[:4] == ["digit", "pixel_0_0", "pixel_0_1", "pixel_0_2"]
    assert columns[9] == "pixel_1_0"


def test_what_breaks_the_schema_is_refused_by_name():
    frame = data.load()
    with pytest.raises(DataError, match="pixel_2_3: in_range"):
        validate(frame.assign(pixel_2_3=17.0), data.SCHEMA)
    with pytest.raises(DataError, match="all digits are there"):
        validate(frame[frame["digit"] > 0], data.SCHEMA)

"""The series keeps to its schema, and no window knows its future."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from {{ cookiecutter.__package }} import data, features, prepare
from {{ cookiecutter.__package }}.settings import SETTINGS
from {{ cookiecutter.__package }}.table import DataError
from {{ cookiecutter.__package }}.validation import validate


def test_the_series_is_valid():
    frame = validate(data.load(), data.SCHEMA)
    assert frame.shape == (2284, 1)
    assert int(frame["co2"].isna().sum()) == 59


def test_windows_hold_what_came_before_and_labels_what_came_after():
    frame = pd.DataFrame({"co2": np.arange(60.0)})
    made = features.engineer(frame)
    first = made.iloc[0]
    assert first[list(SETTINGS.data.labels)].tolist() == [53, 54, 55, 56]
    assert first[["lag_53", "lag_2", "lag_1"]].tolist() == [0, 51, 52]
    assert len(made) == 60 - (features.LAGS - 1) - 4


def test_gaps_are_filled_on_a_straight_line():
    frame = pd.DataFrame({"co2": [1.0, np.nan, 3.0, np.nan]})
    assert features.filled(frame).tolist() == [1, 2, 3, 3]


def test_the_newest_weeks_are_held_out():
    tables = prepare.splits()
    assert [len(part.labels) for part in tables.values()] == [1560, 334, 334]
    assert tables["train"].labels[-1].mean() < tables["test"].labels[0].mean()


def test_a_week_left_out_is_refused():
    with pytest.raises(DataError, match="every week is there"):
        validate(data.load().drop(index=pd.Timestamp("1980-03-01")), data.SCHEMA)
    with pytest.raises(DataError, match="co2: in_range"):
        validate(data.load() * 10, data.SCHEMA)


def test_the_batch_is_the_newest_windows(tmp_path: Path):
    prepare.main(["--output", str(tmp_path)])
    rows = np.loadtxt(tmp_path / "batch" / "batch.csv", delimiter=",")
    assert rows.shape == (4, features.LAGS)
    assert rows[-1, -1] == data.load()["co2"].iloc[-1]

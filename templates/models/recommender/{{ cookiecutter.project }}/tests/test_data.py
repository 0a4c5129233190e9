"""The ratings keep to their schema, come from their process in the same way each time, and know no future."""

from pathlib import Path

import pandas as pd
import pytest

from {{ cookiecutter.__package }} import data, features, process
from {{ cookiecutter.__package }}.table import DataError
from {{ cookiecutter.__package }}.validation import validate


def test_the_ratings_are_valid():
    frame = validate(process.ratings().merge(process.movies(), on="movie_id"), data.SCHEMA)
    assert len(frame) == process.RATINGS
    assert frame["rating"].between(0.5, 5).all()
    assert 3 < frame["rating"].mean() < 4


def test_the_process_gives_the_same_ratings_each_time():
    assert process.ratings().equals(process.ratings())
    popular = process.ratings()["movie_id"].value_counts()
    assert popular.loc[0] > 3 * popular.loc[150]


def test_the_files_are_read_where_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    made = data.load()
    data.main(data.RAW)
    pd.testing.assert_frame_equal(data.load(), made, check_dtype=False)
    ratings = pd.read_csv(data.RAW / "ratings.csv").head(10)
    ratings.to_csv(data.RAW / "ratings.csv", index=False)
    assert len(data.load()) == 10


def test_counts_are_of_earlier_ratings():
    frame = process.ratings().merge(process.movies(), on="movie_id").sort_values("rated_at", ignore_index=True)
    made = features.engineer(frame)
    for place in (0, 5000, 11_999):
        before = frame.iloc[:place]
        row = made.iloc[place]
        assert row["user_ratings"] == (before["user_id"] == row["user_id"]).sum()
        assert row["movie_ratings"] == (before["movie_id"] == row["movie_id"]).sum()


def test_what_breaks_the_schema_is_refused_by_name():
    frame = process.ratings().merge(process.movies(), on="movie_id", how="left")
    with pytest.raises(DataError, match="rating: isin"):
        validate(frame.assign(rating=5.5), data.SCHEMA)
    with pytest.raises(DataError, match="the oldest rating comes first"):
        validate(frame.iloc[::-1], data.SCHEMA)

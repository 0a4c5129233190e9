"""The model: it knows people's tastes, recommends by them, and its file is safe."""

import re
from pathlib import Path

import needed  # noqa: F401 - skips where the model can't be trained
import numpy as np
import pytest
from conftest import Trained

from {{ cookiecutter.__package }} import model, prepare
from {{ cookiecutter.__package }}.table import Table


@pytest.fixture(scope="module")
def test_rows() -> Table:
    return prepare.splits()["test"]


def test_it_knows_more_than_how_a_movie_is_rated(trained: Trained, test_rows: Table):
    train = prepare.splits()["train"]
    means = {movie: train.labels[train.column("movie_id") == movie].mean() for movie in set(train.column("movie_id"))}
    naive = np.array([means.get(movie, train.labels.mean()) for movie in test_rows.column("movie_id")])
    said = np.array(model.answer(test_rows.features, model.load(trained.model))["predictions"])
    errors = [float(np.sqrt(np.mean((it - test_rows.labels) ** 2))) for it in (said, naive)]
    assert errors[0] < 0.95 * errors[1]


def test_strangers_get_an_answer(trained: Trained, test_rows: Table):
    stranger = test_rows.features[:1].copy()
    stranger[0, :2] = 10_000, 10_000
    (stars,) = model.answer(stranger, model.load(trained.model))["predictions"]
    assert 2 < stars < 5


def test_the_best_come_first(trained: Trained, test_rows: Table):
    loaded = model.load(trained.model)
    candidates = test_rows.features[:30].copy()
    candidates[:, 0] = 7
    candidates[:, 1] = np.arange(30)
    stars = model.answer(candidates, loaded)["predictions"]
    best = model.recommend(loaded, candidates, 5)
    assert [stars[movie] for movie in best] == sorted(stars, reverse=True)[:5]


def test_it_counts_for_prometheus(trained: Trained, test_rows: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(model.METRICS, str(tmp_path / "recommender.prom"))
    loaded = model.load(trained.model)
    for _ in range(2):
        model.answer(test_rows.features[:10], loaded)
    text = (tmp_path / "recommender.prom").read_text(encoding="utf-8")
    assert re.search(r"^recommender_predictions_total 20\.0$", text, re.MULTILINE)
    assert re.search(r"^recommender_rating_count 20\.0$", text, re.MULTILINE)

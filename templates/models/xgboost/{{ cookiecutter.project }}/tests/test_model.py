"""The model: it stops in time, its file is data alone, and it learns more than the mean."""

from pathlib import Path

import numpy as np
import pytest
import xgboost as xgb
from conftest import Trained

from {{ cookiecutter.__package }} import model, prepare
from {{ cookiecutter.__package }}.settings import SETTINGS


def test_it_stops_when_the_validation_gets_no_better():
    tables = prepare.splits()
    parameters = SETTINGS.hyperparameters
    short = model.fit(tables["train"], tables["validation"], parameters)
    assert short.num_boosted_rounds() < parameters["rounds"]
    assert model.fit(tables["train"], None, parameters).num_boosted_rounds() == parameters["rounds"]


def test_the_same_rows_give_the_same_model(trained: Trained):
    tables = prepare.splits()
    again = model.fit(tables["train"], tables["validation"], SETTINGS.hyperparameters)
    rows = tables["test"].features
    assert model.answer(rows, again) == model.answer(rows, model.load(trained.model))


def test_it_knows_more_than_the_mean(trained: Trained):
    test = prepare.splits()["test"]
    said = np.array(model.answer(test.features, model.load(trained.model))["predictions"])
    assert np.mean((said - test.labels) ** 2) < 0.8 * np.var(test.labels)


def test_another_file_is_refused(tmp_path: Path):
    (tmp_path / model.FILE).write_bytes(b"no model")
    with pytest.raises(xgb.core.XGBoostError):
        model.load(tmp_path)

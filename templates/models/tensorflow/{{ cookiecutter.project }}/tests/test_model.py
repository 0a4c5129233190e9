"""The model: its file is safe, and it says the same after it was loaded."""

from pathlib import Path

import needed  # noqa: F401 - skips where the model can't be trained
import pytest
from conftest import Trained

from {{ cookiecutter.__package }} import model, prepare
from {{ cookiecutter.__package }}.settings import SETTINGS


def test_it_reads_digits(trained: Trained):
    test = prepare.splits()["test"]
    said = model.answer(test.features, model.load(trained.model))
    assert all(abs(sum(row) - 1) < 1e-4 for row in said["probabilities"])
    right = sum(a == b for a, b in zip(said["predictions"], test.labels, strict=True))
    assert right / len(test.labels) > 0.93


def test_the_same_rows_give_the_same_model():
    tables = prepare.splits()
    parameters = SETTINGS.hyperparameters | {"epochs": 1}
    said = [model.answer(tables["test"].features, model.fit(tables["train"], None, parameters)) for _ in range(2)]
    assert said[0] == said[1]


def test_a_file_with_code_is_never_loaded(tmp_path: Path):
    import keras

    layers = [keras.layers.Input((2,)), keras.layers.Lambda(lambda x: x)]
    keras.Sequential(layers).save(tmp_path / model.FILE)
    with pytest.raises(Exception, match=r"[Ll]ambda"):
        model.load(tmp_path)

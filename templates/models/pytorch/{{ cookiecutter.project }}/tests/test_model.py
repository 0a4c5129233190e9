"""The model: its file is data alone, and it says the same after it was loaded."""

from pathlib import Path

import needed  # noqa: F401 - skips where the model can't be trained
import pytest
from conftest import Trained
from safetensors import SafetensorError

from {{ cookiecutter.__package }} import model, prepare
from {{ cookiecutter.__package }}.settings import SETTINGS


def test_it_tells_cultivars_apart(trained: Trained):
    test = prepare.splits()["test"]
    said = model.answer(test.features, model.load(trained.model))
    right = sum(a == b for a, b in zip(said["predictions"], test.labels, strict=True))
    assert right / len(test.labels) > 0.9


def test_the_same_rows_give_the_same_model(tmp_path: Path):
    tables = prepare.splits()
    made = [model.fit(tables["train"], tables["validation"], SETTINGS.hyperparameters) for _ in range(2)]
    model.save(made[0], tmp_path)
    rows = tables["test"].features
    assert model.answer(rows, model.load(tmp_path)) == model.answer(rows, made[1])


def test_another_file_is_refused(tmp_path: Path):
    (tmp_path / model.FILE).write_bytes(b"no tensors")
    with pytest.raises(SafetensorError):
        model.load(tmp_path)

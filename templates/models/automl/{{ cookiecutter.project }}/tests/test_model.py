"""The model's file: a safe format, and nothing else is loaded."""

from pathlib import Path

import pytest
from conftest import Trained
from skops import io
from skops.io.exceptions import UntrustedTypesFoundException

from {{ cookiecutter.__package }} import model
from {{ cookiecutter.__package }}.settings import SETTINGS
from {{ cookiecutter.__package }}.table import read_csv


def test_it_tells_the_classes_apart(trained: Trained):
    test = read_csv(trained.splits / "test", SETTINGS.data.labels)
    said = model.answer(test.features, model.load(trained.model))
    assert sum(a == b for a, b in zip(said["predictions"], test.labels, strict=True)) > 105
    assert all((p > 0.5) == (label == 1) for p, label in zip(said["probabilities"], said["predictions"], strict=True))


def test_a_file_with_other_types_is_never_loaded(tmp_path: Path):
    io.dump({"path": Path(tmp_path)}, tmp_path / model.FILE)
    with pytest.raises(UntrustedTypesFoundException):
        model.load(tmp_path)

"""The model: better than the last value and than last year's course, and its file is safe."""

from pathlib import Path

import numpy as np
import pytest
from conftest import Trained
from skops import io
from skops.io.exceptions import UntrustedTypesFoundException

from {{ cookiecutter.__package }} import model, prepare


def test_it_forecasts_better_than_what_needs_no_model(trained: Trained):
    test = prepare.splits()["test"]
    said = np.array(model.answer(test.features, model.load(trained.model))["predictions"])
    last = test.features[:, -1:]
    naive = np.repeat(last, 4, axis=1)
    seasonal = last + test.features[:, 1:5] - test.features[:, :1]
    errors = [float(np.mean(np.abs(it - test.labels))) for it in (said, naive, seasonal)]
    assert errors[0] < min(errors[1:])


def test_the_level_is_no_matter(trained: Trained):
    test = prepare.splits()["test"]
    made = model.load(trained.model)
    low, high = (np.array(model.answer(test.features[:3] + by, made)["predictions"]) for by in (0, 100))
    assert np.allclose(high - low, 100)


def test_a_file_with_other_types_is_never_loaded(tmp_path: Path):
    io.dump({"path": Path(tmp_path)}, tmp_path / model.FILE)
    with pytest.raises(UntrustedTypesFoundException):
        model.load(tmp_path)

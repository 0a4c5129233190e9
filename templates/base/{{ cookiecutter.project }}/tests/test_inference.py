"""The endpoint's handlers: what goes in as CSV or JSON comes out as the model's answer, and nothing else is loaded."""

import json
import os
import subprocess
import sys
from typing import Any

import needed  # noqa: F401 - skips where the model can't be trained
import numpy as np
import pytest
from conftest import Trained

from {{ cookiecutter.__package }} import inference
from {{ cookiecutter.__package }}.settings import SETTINGS
from {{ cookiecutter.__package }}.table import read_csv


@pytest.fixture(scope="module")
def model(trained: Trained) -> Any:
    """Load the trained model as the endpoint does."""
    return inference.model_fn(str(trained.model))


def test_csv_and_json_give_the_same_answer(trained: Trained, model: Any):
    test = read_csv(trained.splits / "test", SETTINGS.data.labels)
    rows = test.features[:5].tolist()
    csv = "\n".join(",".join(map(str, row)) for row in rows)
    bodies = [
        (csv, "text/csv"),
        (csv.encode(), "text/csv; charset=utf-8"),
        (json.dumps({"instances": rows}), "application/json"),
        (json.dumps(rows), "application/json"),
    ]
    answers = [inference.predict_fn(inference.input_fn(body, kind), model) for body, kind in bodies]
    assert len(answers[0]["predictions"]) == 5
    assert answers == [answers[0]] * len(bodies)


def test_one_row_alone_is_a_table():
    assert np.array_equal(inference.input_fn("1.5,2", "text/csv"), [[1.5, 2.0]])
    assert np.array_equal(inference.input_fn("[1.5, 2]", "application/json"), [[1.5, 2.0]])


def test_answers_in_what_is_accepted():
    answer = {"predictions": [1, 0], "probabilities": [0.75, 0.25]}
    assert json.loads(inference.output_fn(answer, "application/json")) == answer
    assert json.loads(inference.output_fn(answer, "*/*")) == answer
    assert inference.output_fn(answer, "text/csv") == "1,0.75\n0,0.25\n"
    assert inference.output_fn({"predictions": [[1.5, 2], [3, 4]]}, "text/csv") == "1.5,2.0\n3.0,4.0\n"


def test_other_types_are_refused():
    with pytest.raises(ValueError, match="image/png is not text/csv or application/json"):
        inference.input_fn(b"", "image/png")
    with pytest.raises(ValueError, match="image/png is not application/json or text/csv"):
        inference.output_fn({"predictions": [], "probabilities": []}, "image/png")


def test_the_code_beside_the_model_stands_alone(trained: Trained):
    program = "import sys, inference; inference.model_fn(sys.argv[1]); sys.stdout.write('\\n'.join(sys.modules))"
    command = [sys.executable, "-c", program, str(trained.model)]
    code, outside = trained.model / "code", {**os.environ, "PYTHONPATH": ""}
    done = subprocess.run(command, cwd=code, env=outside, capture_output=True, text=True, check=True)
    package = inference.__name__.partition(".")[0]
    own = {name for name in done.stdout.splitlines() if name.partition(".")[0] == package}
    assert own == {package, f"{package}.model"}
    assert not {"pandera", "shap", "fairlearn", "sagemaker"} & set(done.stdout.splitlines())

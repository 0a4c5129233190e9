"""An evaluation of answers: the same questions to challenger and champion, and a report."""

import json
from pathlib import Path

import numpy as np
import pytest

from {{ cookiecutter.__package }} import evaluate, prepare
from {{ cookiecutter.__package }}.table import DataError, Table


@pytest.fixture(scope="module")
def test_rows() -> Table:
    return prepare.splits()["test"]


def answered(folder: Path, labels: np.ndarray) -> Path:
    """Write answers as a batch transform does."""
    folder.mkdir()
    (folder / "test.csv.out").write_text("".join(f"{label}\n" for label in labels), encoding="utf-8")
    return folder


def evaluated(tmp_path: Path, splits: Path, challenger: np.ndarray, champion: np.ndarray | None) -> dict:
    words = ["--answers", str(answered(tmp_path / "answers", challenger)), "--test", str(splits / "test")]
    if champion is not None:
        words += ["--champion", str(answered(tmp_path / "champion", champion)), "--champion-version", "7"]
    evaluate.main([*words, "--output", str(tmp_path / "evaluation")])
    return json.loads((tmp_path / "evaluation" / "evaluation.json").read_text(encoding="utf-8"))


def wrong(labels: np.ndarray, count: int) -> np.ndarray:
    return np.concatenate([1 - labels[:count], labels[count:]])


def test_the_questions_are_the_held_out_rows(splits: Path, test_rows: Table):
    asked = np.loadtxt(splits / "questions" / "test.csv", delimiter=",")
    assert np.array_equal(asked, test_rows.features)


def test_a_worse_challenger_loses(tmp_path: Path, splits: Path, test_rows: Table):
    labels = test_rows.labels
    found = evaluated(tmp_path, splits, wrong(labels, 10), wrong(labels, 4))
    assert found["comparison"]["gain"] == pytest.approx(-6 / 114)
    assert found["champion"]["version"] == 7
    assert found["champion"]["binary_classification_metrics"]["accuracy"]["value"] == pytest.approx(110 / 114)
    assert found["binary_classification_metrics"]["accuracy"]["value"] == pytest.approx(104 / 114)


def test_the_first_challenger_has_nothing_to_beat(tmp_path: Path, splits: Path, test_rows: Table):
    found = evaluated(tmp_path, splits, test_rows.labels, None)
    assert found["comparison"] == {"candidate": 1.0, "gain": 0.0}
    assert "champion" not in found
    card = (tmp_path / "evaluation" / "model_card.md").read_text(encoding="utf-8")
    assert "There is no champion that it could be compared with." in card
    assert "## What it goes by" in card


def test_answers_that_are_missing_are_refused(tmp_path: Path, splits: Path, test_rows: Table):
    with pytest.raises(DataError, match="has 113 answers to 114 questions"):
        evaluated(tmp_path, splits, test_rows.labels[1:], None)

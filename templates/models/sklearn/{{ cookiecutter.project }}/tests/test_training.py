"""Training reads SageMaker's variables, reports what SageMaker's expressions find, and leaves a model to serve."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Trained

from {{ cookiecutter.__package }} import evaluate, train
from {{ cookiecutter.__package }}.settings import METRICS

SOURCE = Path(train.__file__).resolve().parents[1]


def test_runs_as_sagemaker_runs_it(trained: Trained, tmp_path: Path):
    splits = {f"SM_CHANNEL_{name.upper()}": str(trained.splits / name) for name in ("train", "validation")}
    environment = os.environ | splits | {"SM_MODEL_DIR": str(tmp_path / "model"), "PYTHONPATH": str(SOURCE)}
    script = str(Path(train.__file__).resolve().relative_to(SOURCE))
    command = [sys.executable, script, "--inverse_regularization", "0.5"]
    done = subprocess.run(command, cwd=SOURCE, env=environment, capture_output=True, text=True, check=True)  # noqa: S603
    found = {name: re.findall(f"{name}=([0-9.]+);", done.stdout) for name in METRICS}
    assert {name: len(values) for name, values in found.items()} == dict.fromkeys(METRICS, 1)
    assert float(found["validation:accuracy"][0]) > 0.9
    written = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file())
    assert written == ["model/code/inference.py", "model/code/requirements.txt", "model/model.skops"]


def test_defaults_are_the_containers_folders():
    options = train.parse([], {})
    assert options.train == Path("/opt/ml/input/data/train")
    assert options.validation == Path("/opt/ml/input/data/validation")
    assert options.model_dir == Path("/opt/ml/model")
    assert options.inverse_regularization == pytest.approx(1.0)


def test_evaluation_has_the_registrys_shape(trained: Trained, tmp_path: Path):
    folders = ["--model", str(trained.archive), "--test", str(trained.splits / "test")]
    evaluate.main([*folders, "--output", str(tmp_path)])
    metrics = json.loads((tmp_path / "evaluation.json").read_text(encoding="utf-8"))["binary_classification_metrics"]
    assert sorted(metrics) == ["accuracy", "auc", "f1", "precision", "recall"]
    assert {metric["standard_deviation"] for metric in metrics.values()} == {"NaN"}
    assert 0.9 < metrics["accuracy"]["value"] <= 1
    assert 0.9 < metrics["auc"]["value"] <= 1

"""Training reads SageMaker's variables, reports what SageMaker's expressions find, and leaves a model to serve."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import needed  # noqa: F401 - skips where the model can't be trained
from conftest import Trained

from {{ cookiecutter.__package }} import job, train
from {{ cookiecutter.__package }}.model import FILE
from {{ cookiecutter.__package }}.settings import SETTINGS

SOURCE = Path(train.__file__).resolve().parents[1]
PACKAGE = Path(train.__file__).resolve().parent.name


def test_runs_as_sagemaker_runs_it(trained: Trained, tmp_path: Path):
    folders = {f"SM_CHANNEL_{name.upper()}": str(trained.splits / name) for name in ("train", "validation")}
    folders |= {"SM_MODEL_DIR": str(tmp_path / "model"), "SM_OUTPUT_DATA_DIR": str(tmp_path / "output")}
    command = [sys.executable, f"{PACKAGE}/train.py"]
    for name, value in SETTINGS.hyperparameters.items():
        command += [f"--{name}", str(value)]
    done = subprocess.run(
        command, cwd=SOURCE, env=os.environ | folders | {"PYTHONPATH": str(SOURCE)}, capture_output=True, check=True
    )
    found = {name: re.findall(f"{name}=([0-9.e+-]+);", done.stdout.decode()) for name in SETTINGS.logged}
    assert {name: len(values) for name, values in found.items()} == dict.fromkeys(SETTINGS.logged, 1)
    model = tmp_path / "model"
    written = {path.relative_to(model).as_posix() for path in model.rglob("*") if path.is_file()}
    code = {"inference.py", "requirements.txt", f"{PACKAGE}/__init__.py", f"{PACKAGE}/model.py"}
    assert written == {FILE, "hyperparameters.json", *(f"code/{name}" for name in code)}
    assert json.loads((model / "hyperparameters.json").read_text(encoding="utf-8")) == SETTINGS.hyperparameters


def test_defaults_are_the_containers_folders():
    options = job.parse([], {})
    assert options.train == Path("/opt/ml/input/data/train")
    assert options.validation == Path("/opt/ml/input/data/validation")
    assert options.model_dir == Path("/opt/ml/model")
    assert job.hyperparameters(options) == SETTINGS.hyperparameters

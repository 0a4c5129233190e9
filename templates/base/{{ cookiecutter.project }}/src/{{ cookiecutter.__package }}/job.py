"""What a training job gets and gives: its folders and hyperparameters, its log, and the code beside its model.

It depends on SageMaker's `SM_*` variables and arguments only, so that training runs in a container, in a subprocess
and under pytest alike.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from {{ cookiecutter.__package }}.settings import SETTINGS
from {{ cookiecutter.__package }}.table import Table, read_csv

HYPERPARAMETERS = "hyperparameters.json"
_FOLDERS = (
    ("train", "SM_CHANNEL_TRAIN", "/opt/ml/input/data/train"),
    ("validation", "SM_CHANNEL_VALIDATION", "/opt/ml/input/data/validation"),
    ("model-dir", "SM_MODEL_DIR", "/opt/ml/model"),
    ("output-dir", "SM_OUTPUT_DATA_DIR", "/opt/ml/output/data"),
)


def parse(arguments: Sequence[str] | None, environment: Mapping[str, str]) -> argparse.Namespace:
    """Read the hyperparameters and the folders; SageMaker's variables are the folders' defaults."""
    parser = argparse.ArgumentParser(description="Training step")
    for name, default in SETTINGS.hyperparameters.items():
        parser.add_argument(f"--{name}", type=float, default=default)
    for name, variable, folder in _FOLDERS:
        parser.add_argument(f"--{name}", type=Path, default=Path(environment.get(variable, folder)))
    return parser.parse_args(arguments)


def hyperparameters(options: argparse.Namespace) -> dict[str, float]:
    """Return the hyperparameters of parsed options."""
    return {name: getattr(options, name) for name in SETTINGS.hyperparameters}


def tables(options: argparse.Namespace) -> tuple[Table, Table]:
    """Read the splits for training and for validation."""
    return read_csv(options.train, SETTINGS.data.labels), read_csv(options.validation, SETTINGS.data.labels)


def tell(metrics: Mapping[str, float]) -> None:
    """Write metrics to the log, where SageMaker finds them."""
    for name, value in metrics.items():
        sys.stdout.write(f"{name}={value:.6f};\n")


def finish(folder: Path, parameters: Mapping[str, float]) -> None:
    """Put beside the model what it was trained with, and the code and requirements that the serving container loads."""
    here = Path(__file__).resolve().parent
    code = folder / "code"
    code.mkdir(parents=True, exist_ok=True)
    (code / here.name).mkdir(exist_ok=True)
    for name in ("__init__.py", "model.py"):
        shutil.copyfile(here / name, code / here.name / name)
    shutil.copyfile(here / "inference.py", code / "inference.py")
    shutil.copyfile(here.parent / "requirements" / "serving.txt", code / "requirements.txt")
    (folder / HYPERPARAMETERS).write_text(json.dumps(dict(parameters), indent=2) + "\n", encoding="utf-8")

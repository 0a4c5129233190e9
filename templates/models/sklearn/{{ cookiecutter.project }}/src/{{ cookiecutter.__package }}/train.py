"""Training step: fits the model and saves it with the code that serves it.

It depends on SageMaker's `SM_*` variables and its arguments only, so that it runs in a container, in a subprocess
and under pytest alike.
"""

import argparse
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from skops import io

from {{ cookiecutter.__package }}.data import Dataset, read_csv
from {{ cookiecutter.__package }}.settings import PARAMETERS, SEED


def fit(data: Dataset, inverse_regularization: float) -> Pipeline:
    """Fit the model: standardised features, then logistic regression."""
    classifier = LogisticRegression(C=inverse_regularization, max_iter=1000, random_state=SEED)
    return make_pipeline(StandardScaler(), classifier).fit(data.features, data.labels)


def metrics(model: Pipeline, train: Dataset, validation: Dataset) -> dict[str, float]:
    """Return the metrics that SageMaker reads from the log, by name."""
    probabilities = model.predict_proba(validation.features)[:, 1]
    return {
        "train:accuracy": float(accuracy_score(train.labels, model.predict(train.features))),
        "validation:accuracy": float(accuracy_score(validation.labels, model.predict(validation.features))),
        "validation:auc": float(roc_auc_score(validation.labels, probabilities)),
    }


def save(model: Pipeline, folder: Path) -> None:
    """Write the model, and beside it the code and the requirements that SageMaker's serving container loads."""
    here = Path(__file__).resolve().parent
    code = folder / "code"
    code.mkdir(parents=True, exist_ok=True)
    io.dump(model, folder / "model.skops")
    shutil.copyfile(here / "inference.py", code / "inference.py")
    shutil.copyfile(here.parent / "requirements.txt", code / "requirements.txt")


def parse(arguments: Sequence[str] | None, environment: Mapping[str, str]) -> argparse.Namespace:
    """Read the hyperparameters and the folders; SageMaker's variables are the folders' defaults."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inverse_regularization", type=float, default=PARAMETERS["inverse_regularization"])
    for name, variable, default in (
        ("train", "SM_CHANNEL_TRAIN", "/opt/ml/input/data/train"),
        ("validation", "SM_CHANNEL_VALIDATION", "/opt/ml/input/data/validation"),
        ("model-dir", "SM_MODEL_DIR", "/opt/ml/model"),
    ):
        parser.add_argument(f"--{name}", type=Path, default=Path(environment.get(variable, default)))
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, report and save."""
    options = parse(arguments, os.environ)
    train, validation = read_csv(options.train), read_csv(options.validation)
    model = fit(train, options.inverse_regularization)
    for name, value in metrics(model, train, validation).items():
        sys.stdout.write(f"{name}={value:.6f};\n")
    save(model, options.model_dir)


if __name__ == "__main__":
    main()

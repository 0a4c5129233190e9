"""Processing step: measures a trained model on the test split and writes `evaluation.json`.

The file has the shape of SageMaker's model quality reports, so that the model registry shows it.
"""

import argparse
import json
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score, roc_auc_score
from sklearn.pipeline import Pipeline

from {{ cookiecutter.__package }}.data import Dataset, read_csv
from {{ cookiecutter.__package }}.inference import model_fn


def load_model(archive: Path) -> Pipeline:
    """Load the model in a training job's `model.tar.gz`, in the way that the endpoint loads it."""
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")
        return model_fn(folder)


def report(model: Pipeline, data: Dataset) -> dict[str, Any]:
    """Return the model's metrics on a data set, each with a value; one run has no standard deviation."""
    predicted = model.predict(data.features)
    values = {
        "accuracy": accuracy_score(data.labels, predicted),
        "auc": roc_auc_score(data.labels, model.predict_proba(data.features)[:, 1]),
        "f1": f1_score(data.labels, predicted),
        "precision": precision_score(data.labels, predicted),
        "recall": recall_score(data.labels, predicted),
    }
    measured = {name: {"value": float(value), "standard_deviation": "NaN"} for name, value in values.items()}
    return {"binary_classification_metrics": measured}


def main(arguments: Sequence[str] | None = None) -> None:
    """Write `<output>/evaluation.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=Path("/opt/ml/processing/model"))
    parser.add_argument("--test", type=Path, default=Path("/opt/ml/processing/test"))
    parser.add_argument("--output", type=Path, default=Path("/opt/ml/processing/evaluation"))
    options = parser.parse_args(arguments)
    result = report(load_model(options.model / "model.tar.gz"), read_csv(options.test))
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "evaluation.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

"""One candidate: fit, score on the validation data, leave a model that serves itself."""

import argparse
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import skops.io
from sklearn import metrics

from .data import BINARY, REGRESSION
from .models import estimator, features, plain


def main() -> None:
    """Train one candidate as its hyperparameters say."""
    parser = argparse.ArgumentParser()
    for name in ("algorithm", "problem-type", "target"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--weight", default="")
    parser.add_argument("--parameters", default="{}", help="JSON of the estimator's parameters")
    options = parser.parse_args()
    train, validation = (pd.read_csv(Path(os.environ[f"SM_CHANNEL_{name}"], "data.csv")) for name in _CHANNELS)
    names = [name for name in train.columns if name not in {options.target, options.weight}]
    kind = options.problem_type
    classes = sorted(train[options.target].unique().tolist()) if kind != REGRESSION else []
    prepared = features()
    table = prepared.fit_transform(plain(train[names]))
    model = estimator(options.algorithm, classifies=bool(classes), parameters=json.loads(options.parameters))
    weights = {"sample_weight": train[options.weight]} if options.weight else {}
    model.fit(table, _coded(train[options.target], classes), **weights)
    truth = _coded(validation[options.target], classes)
    for name, value in scores(model, prepared.transform(plain(validation[names])), truth, kind).items():
        sys.stdout.write(f"validation:{name}={value:.10g};\n")
    described = {"names": names, "numbers": _numbers(plain(train[names])), "classes": classes, "problem_type": kind}
    save(Path(os.environ["SM_MODEL_DIR"]), prepared, model, {**described, "algorithm": options.algorithm})


_CHANNELS = ("TRAIN", "VALIDATION")


def scores(model: Any, table: Any, truth: Any, kind: str) -> dict[str, float]:
    """Return AutoML's metrics on the validation data, by AWS's names."""
    guess = model.predict(table)
    if kind == REGRESSION:
        squared = float(metrics.mean_squared_error(truth, guess))
        return {
            "MSE": squared,
            "RMSE": squared**0.5,
            "MAE": float(metrics.mean_absolute_error(truth, guess)),
            "R2": float(metrics.r2_score(truth, guess)),
        }
    found = {"Accuracy": metrics.accuracy_score(truth, guess)}
    found["BalancedAccuracy"] = metrics.balanced_accuracy_score(truth, guess)
    average, ending = ("binary", "") if kind == BINARY else ("macro", "macro")
    found[f"F1{ending}"] = metrics.f1_score(truth, guess, average=average, zero_division=0)
    found[f"Precision{ending.title()}"] = metrics.precision_score(truth, guess, average=average, zero_division=0)
    found[f"Recall{ending.title()}"] = metrics.recall_score(truth, guess, average=average, zero_division=0)
    if kind == BINARY and len(np.unique(truth)) == 2:
        found["AUC"] = metrics.roc_auc_score(truth, model.predict_proba(table)[:, 1])
    return {name: float(value) for name, value in found.items()}


def save(folder: Path, prepared: Any, model: Any, described: dict[str, Any]) -> None:
    """Write the model in formats that run no code when they are read, with the code that serves it."""
    skops.io.dump(prepared, folder / "features.skops")
    if described["algorithm"] == "xgboost":
        model.save_model(folder / "model.ubj")
    else:
        skops.io.dump(model, folder / "model.skops")
    (folder / "model.json").write_text(json.dumps(described))
    code = folder / "code"
    shutil.copytree(Path(__file__).parent, code / "candidates", ignore=shutil.ignore_patterns("__pycache__"))
    (code / "inference.py").write_text("from candidates.inference import input_fn, model_fn, output_fn, predict_fn\n")


def _coded(target: pd.Series, classes: list[Any]) -> Any:
    """Return the target as numbers: a class by its place."""
    if not classes:
        return target.to_numpy(dtype=float)
    places = {name: place for place, name in enumerate(classes)}
    return np.array([places.get(value, -1) for value in target.tolist()])


def _numbers(table: pd.DataFrame) -> list[str]:
    return [str(name) for name in table.columns if pd.api.types.is_numeric_dtype(table[name])]


if __name__ == "__main__":
    main()

"""Serves a candidate: rows of features in the order of the training data, CSV without a header or JSON.

SAGEMAKER_INFERENCE_OUTPUT says what is answered: predicted_label, probability, probabilities, labels.
"""

import csv
import io
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import skops.io

from .models import estimator, plain

_TRUSTED = ("sklearn.", "numpy.", "scipy.", "builtins.", "collections.", "functools.", "operator.")


def model_fn(model_dir: str) -> dict[str, Any]:
    """Return features, estimator and description of the candidate."""
    folder = Path(model_dir)
    described: dict[str, Any] = json.loads((folder / "model.json").read_text())
    if described["algorithm"] == "xgboost":
        model = estimator("xgboost", classifies=bool(described["classes"]), parameters={})
        model.load_model(folder / "model.ubj")
    else:
        model = _load(folder / "model.skops")
    return {"features": _load(folder / "features.skops"), "model": model, **described}


def input_fn(body: Any, content_type: str) -> list[list[Any]]:
    """Return rows of values."""
    text = body.decode() if isinstance(body, bytes) else body
    if content_type.startswith("text/csv"):
        return [row for row in csv.reader(io.StringIO(text)) if row]
    found = json.loads(text)
    rows = found.get("instances", found) if isinstance(found, dict) else found
    return rows if rows and isinstance(rows[0], list) else [rows]


def predict_fn(rows: list[list[Any]], model: dict[str, Any]) -> list[dict[str, Any]]:
    """Return for each row all that may be asked of it."""
    cells = [[None if value == "" else value for value in row] for row in rows]
    table = pd.DataFrame(cells, columns=_names(model, rows))
    for name in table.columns:
        if name in model["numbers"]:
            table[name] = pd.to_numeric(table[name], errors="coerce")
    table = plain(table)
    values = model["features"].transform(table)
    guesses = model["model"].predict(values)
    if not model["classes"]:
        return [{"predicted_label": float(guess)} for guess in guesses]
    return [
        {
            "predicted_label": model["classes"][int(np.argmax(row))],
            "probability": float(row.max()),
            "probabilities": [float(value) for value in row],
            "labels": model["classes"],
        }
        for row in model["model"].predict_proba(values)
    ]


def output_fn(answers: list[dict[str, Any]], accept: str) -> tuple[str, str]:
    """Return what is asked for, as CSV unless JSON is wanted."""
    wanted = [name.strip() for name in os.environ.get("SAGEMAKER_INFERENCE_OUTPUT", "predicted_label").split(",")]
    chosen = [[answer.get(name) for name in wanted] for answer in answers]
    if accept == "application/json":
        named = [dict(zip(wanted, row, strict=True)) for row in chosen]
        return json.dumps({"predictions": named}), accept
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(chosen)
    return file.getvalue(), "text/csv"


def _names(model: dict[str, Any], rows: list[list[Any]]) -> list[str]:
    names: list[str] = model["names"]
    if rows and len(rows[0]) != len(names):
        raise ValueError(f"a row has {len(rows[0])} values; the model takes {len(names)}: {', '.join(names)}")
    return names


def _load(path: Path) -> Any:
    foreign = [name for name in skops.io.get_untrusted_types(file=path) if not name.startswith(_TRUSTED)]
    if foreign:
        raise ValueError(f"{path.name} holds what no candidate is made of: {', '.join(foreign)}")
    return skops.io.load(path, trusted=skops.io.get_untrusted_types(file=path))

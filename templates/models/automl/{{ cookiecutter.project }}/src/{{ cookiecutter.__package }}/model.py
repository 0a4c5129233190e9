"""The baseline, which explains what the best candidate goes by; AutoML finds the model itself (search.py)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from skops import io

if TYPE_CHECKING:
    from {{ cookiecutter.__package }}.table import Numbers, Table

FILE = "model.skops"

# Types beyond scikit-learn's own that a model file may hold. A file with any other is refused, never loaded.
TRUSTED_TYPES: list[str] = []


def fit(train: Table, validation: Table | None, parameters: Mapping[str, float]) -> Pipeline:
    """Fit the model: standardised features, then logistic regression.

    Args:
        train: rows to learn from.
        validation: rows to stop by, for models that learn in rounds; this one doesn't.
        parameters: the hyperparameters.
    """
    from {{ cookiecutter.__package }}.features import transformer

    classifier = LogisticRegression(C=parameters["inverse_regularization"], max_iter=1000)
    return make_pipeline(transformer(), classifier).fit(train.features, train.labels)


def save(model: Pipeline, folder: Path) -> None:
    """Write the model in skops' format: it holds no code, as a pickle would."""
    io.dump(model, folder / FILE)


def load(folder: Path) -> Any:
    """Load a model.

    Raises:
        skops.io.exceptions.UntrustedTypesFoundException: the file holds a type that isn't trusted.
    """
    return io.load(folder / FILE, trusted=TRUSTED_TYPES)


def answer(features: Numbers, model: Pipeline) -> dict[str, list[Any]]:
    """Return each row's label and the probability that it is 1."""
    probabilities = model.predict_proba(features)[:, 1]
    return {"predictions": model.predict(features).tolist(), "probabilities": probabilities.tolist()}

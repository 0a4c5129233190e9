"""The model: how it is fitted, kept in a file, loaded and asked. It travels with what it saves."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.linear_model import Ridge
from skops import io

if TYPE_CHECKING:
    from {{ cookiecutter.__package }}.table import Numbers, Table

FILE = "model.skops"

# Types beyond scikit-learn's own that a model file may hold. A file with any other is refused, never loaded.
TRUSTED_TYPES: list[str] = []


def fit(train: Table, validation: Table | None, parameters: Mapping[str, float]) -> Ridge:
    """Fit the model: the coming weeks' distance from the last one, of all weeks' distances from it.

    What goes on for decades (here the level) is then no matter: the model never sees it.

    Args:
        train: rows to learn from.
        validation: rows to stop by, for models that learn in rounds; this one doesn't.
        parameters: the hyperparameters.
    """
    last = train.features[:, -1:]
    return Ridge(alpha=parameters["alpha"]).fit(train.features - last, train.labels - last)


def save(model: Ridge, folder: Path) -> None:
    """Write the model in skops' format: it holds no code, as a pickle would."""
    io.dump(model, folder / FILE)


def load(folder: Path) -> Any:
    """Load a model.

    Raises:
        skops.io.exceptions.UntrustedTypesFoundException: the file holds a type that isn't trusted.
    """
    return io.load(folder / FILE, trusted=TRUSTED_TYPES)


def answer(features: Numbers, model: Ridge) -> dict[str, list[Any]]:
    """Return the coming weeks of each row."""
    last = np.asarray(features)[:, -1:]
    return {"predictions": (model.predict(features - last) + last).tolist()}

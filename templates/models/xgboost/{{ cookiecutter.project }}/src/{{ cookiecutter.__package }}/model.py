"""The model: how it is fitted, kept in a file, loaded and asked. It travels with what it saves."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xgboost as xgb

if TYPE_CHECKING:
    from {{ cookiecutter.__package }}.table import Numbers, Table

FILE = "model.ubj"
_PATIENCE = 20


def fit(train: Table, validation: Table | None, parameters: Mapping[str, float]) -> xgb.Booster:
    """Fit the model: boosted trees on squared error.

    Args:
        train: rows to learn from.
        validation: rows to stop by; without them all rounds are made.
        parameters: the hyperparameters.
    """
    choices = {
        "objective": "reg:squarederror",
        "eta": parameters["eta"],
        "max_depth": int(parameters["max_depth"]),
        "min_child_weight": parameters["min_child_weight"],
        "subsample": 0.8,
        "seed": 0,
    }
    watched = [(xgb.DMatrix(validation.features, validation.labels), "validation")] if validation else []
    model = xgb.train(
        choices,
        xgb.DMatrix(train.features, train.labels),
        num_boost_round=int(parameters["rounds"]),
        evals=watched,
        early_stopping_rounds=_PATIENCE if watched else None,
        verbose_eval=False,
    )
    return model[: model.best_iteration + 1] if watched else model


def save(model: xgb.Booster, folder: Path) -> None:
    """Write the model in XGBoost's UBJSON: data alone, no code, as a pickle would hold."""
    model.save_model(folder / FILE)


def load(folder: Path) -> xgb.Booster:
    """Load a model.

    Raises:
        xgboost.core.XGBoostError: the file is no such model.
    """
    return xgb.Booster(model_file=folder / FILE)


def answer(features: Numbers, model: xgb.Booster) -> dict[str, list[Any]]:
    """Return each row's prediction."""
    return {"predictions": model.predict(xgb.DMatrix(np.asarray(features))).tolist()}

"""The model: how it is fitted, kept in a file, loaded and asked. It travels with what it saves."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

# Before TensorFlow is loaded: it tells of processors that it could use, and sums in another order on some.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

import keras
import numpy as np

if TYPE_CHECKING:
    from {{ cookiecutter.__package }}.table import Numbers, Table

FILE = "model.keras"
SEED = 20260101
_PATIENCE = 4


def fit(train: Table, validation: Table | None, parameters: Mapping[str, float]) -> keras.Model:
    """Fit the model: one convolution and one dense layer.

    Args:
        train: rows to learn from.
        validation: rows to stop by; without them all epochs are made.
        parameters: the hyperparameters.
    """
    keras.utils.set_random_seed(SEED)
    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Input((train.features.shape[1],)),
            layers.Rescaling(1 / 16),
            layers.Reshape((8, 8, 1)),
            layers.Conv2D(16, 3, activation="relu"),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(int(train.labels.max()) + 1, activation="softmax"),
        ]
    )
    optimizer = keras.optimizers.Adam(parameters["learning_rate"])
    model.compile(optimizer=optimizer, loss="sparse_categorical_crossentropy")
    stop = keras.callbacks.EarlyStopping(patience=_PATIENCE, restore_best_weights=True)
    model.fit(
        train.features,
        train.labels,
        epochs=int(parameters["epochs"]),
        validation_data=(validation.features, validation.labels) if validation else None,
        callbacks=[stop] if validation else [],
        verbose=0,
    )
    return model


def save(model: keras.Model, folder: Path) -> None:
    """Write the model in Keras' v3 format: a configuration and weights, no code."""
    model.save(folder / FILE)


def load(folder: Path) -> Any:
    """Load a model.

    Raises:
        ValueError: the file holds code (a Lambda layer), or is no such model.
    """
    return keras.models.load_model(folder / FILE, safe_mode=True, compile=False)


def answer(features: Numbers, model: keras.Model) -> dict[str, list[Any]]:
    """Return each row's class and the probability of each class."""
    probabilities = model.predict(np.asarray(features, dtype=np.float32), batch_size=1024, verbose=0)
    return {"predictions": probabilities.argmax(axis=1).tolist(), "probabilities": probabilities.tolist()}

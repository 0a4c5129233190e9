"""The model, collaborative filtering: how it is fitted, kept in a file, loaded and asked. It travels with its file."""

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
from prometheus_client import CollectorRegistry, Counter, Histogram, write_to_textfile

if TYPE_CHECKING:
    from {{ cookiecutter.__package }}.table import Numbers, Table

FILE = "model.keras"
SEED = 20260101
# Where a node exporter's textfile collector finds the metrics; without it none are written.
METRICS = "PROMETHEUS_TEXTFILE"
_LOWEST, _HIGHEST = 0.5, 5.0
_PATIENCE = 3
_OTHERS = 8  # year, five genres, and two counts
_BATCH = 256

registry = CollectorRegistry()
_asked = Counter("recommender_predictions", "Ratings that were predicted", registry=registry)
_said = Histogram("recommender_rating", "Predicted ratings in stars", buckets=(1, 2, 3, 4, 5), registry=registry)


def network(users: int, movies: int, dimensions: int, mean: float) -> keras.Model:
    """Return the network: the product of two embeddings, a bias for each, and what is known of the movie.

    Args:
        users: numbers of users that have a vector of their own; any other is nobody in particular.
        movies: the same for movies.
        dimensions: of the vectors.
        mean: of all ratings.
    """
    layers = keras.layers
    regularizer = keras.regularizers.L2(1e-5)
    rows = layers.Input((2 + _OTHERS,))
    vectors, biases = [], []
    for place, count in enumerate((users, movies)):
        number = rows[:, place]
        known = keras.ops.where(number < count, number, count)
        made = layers.Embedding(count + 1, dimensions, embeddings_regularizer=regularizer)
        vectors.append(made(known))
        biases.append(layers.Embedding(count + 1, 1, embeddings_initializer="zeros")(known))
    scaled = layers.Rescaling([1 / 1000, *[1.0] * 5, *[1 / 100] * 2])(rows[:, 2:])
    other = layers.Dense(1, kernel_initializer="zeros")(scaled)
    product = keras.ops.sum(vectors[0] * vectors[1], axis=1, keepdims=True)
    return keras.Model(rows, product + biases[0] + biases[1] + other + mean)


def fit(train: Table, validation: Table | None, parameters: Mapping[str, float]) -> keras.Model:
    """Fit the model.

    Args:
        train: rows to learn from.
        validation: rows to stop by; without them all epochs are made.
        parameters: the hyperparameters.
    """
    keras.utils.set_random_seed(SEED)
    users, movies = (int(train.column(name).max()) + 1 for name in ("user_id", "movie_id"))
    model = network(users, movies, int(parameters["dimensions"]), float(train.labels.mean()))
    model.compile(optimizer=keras.optimizers.Adam(parameters["learning_rate"]), loss="mse")
    stop = keras.callbacks.EarlyStopping(patience=_PATIENCE, restore_best_weights=True)
    model.fit(
        train.features.astype(np.float32),
        train.labels,
        epochs=int(parameters["epochs"]),
        batch_size=_BATCH,
        validation_data=(validation.features.astype(np.float32), validation.labels) if validation else None,
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
    """Return each row's rating in stars, and count it for Prometheus."""
    rows = np.asarray(features, dtype=np.float32)
    stars = np.clip(model.predict(rows, batch_size=4096, verbose=0)[:, 0], _LOWEST, _HIGHEST).astype(float)
    if METRICS in os.environ:
        _asked.inc(len(stars))
        for value in stars:
            _said.observe(value)
        write_to_textfile(os.environ[METRICS], registry)
    return {"predictions": stars.tolist()}


def recommend(model: keras.Model, candidates: Numbers, count: int) -> list[int]:
    """Return the movies that a user would rate highest, the best first.

    Args:
        model: the model.
        candidates: a row for each movie that may be recommended, as the model takes them.
        count: how many.
    """
    stars = np.array(answer(candidates, model)["predictions"])
    best = np.argsort(-stars, kind="stable")[:count]
    return [int(movie) for movie in np.asarray(candidates)[best, 1]]

"""The process that the ratings come from: probabilistic matrix factorisation (Salakhutdinov and Mnih, 2007).

Each user and each movie has a vector of tastes, drawn from a normal distribution; a rating is their product and both
their habits, with noise, cut to half stars from 0.5 to 5. Which movies are seen follows their popularity (Zipf's law).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

USERS, MOVIES, RATINGS = 300, 200, 12_000
GENRES = ("action", "comedy", "drama", "romance", "thriller")
SEED = 20260101
_TASTES = 4
_NOISE = 0.6
_START = np.datetime64("2024-01-01T00:00:00")
_MINUTES = 60 * 24 * 365


def movies() -> pd.DataFrame:
    """Return the movies: their numbers, years and genres (0 or 1 each)."""
    import pandas as pd

    numbers = np.random.default_rng(SEED)
    frame = pd.DataFrame({"movie_id": np.arange(MOVIES), "year": numbers.integers(1960, 2025, MOVIES)})
    first = numbers.integers(0, len(GENRES), MOVIES)
    for place, genre in enumerate(GENRES):
        frame[genre] = ((first == place) | (numbers.random(MOVIES) < 0.15)).astype(int)
    return frame


def ratings() -> pd.DataFrame:
    """Return the ratings, the oldest first: user, movie, stars and time; nobody rates a movie twice."""
    import pandas as pd

    numbers = np.random.default_rng(SEED + 1)
    weights = 1 / np.arange(1, MOVIES + 1) ** 0.8
    users = numbers.integers(0, USERS, RATINGS * 2)
    chosen = numbers.choice(MOVIES, RATINGS * 2, p=weights / weights.sum())
    pairs = pd.DataFrame({"user_id": users, "movie_id": chosen}).drop_duplicates().head(RATINGS)
    scale = 0.9 / np.sqrt(_TASTES)
    tastes = [numbers.normal(size=(count, _TASTES)) for count in (USERS, MOVIES)]
    habits = [numbers.normal(0, 0.35, count) for count in (USERS, MOVIES)]
    user, movie = pairs["user_id"].to_numpy(), pairs["movie_id"].to_numpy()
    liked = 3.5 + habits[0][user] + habits[1][movie] + scale * np.sum(tastes[0][user] * tastes[1][movie], axis=1)
    stars = np.clip(np.round(2 * (liked + numbers.normal(0, _NOISE, len(pairs)))) / 2, 0.5, 5)
    minutes = np.sort(numbers.choice(_MINUTES, len(pairs), replace=False))
    return pairs.assign(rating=stars, rated_at=_START + minutes.astype("timedelta64[m]")).reset_index(drop=True)

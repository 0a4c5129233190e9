"""Features: who rates which movie, and what was known of both at that moment."""

import pandas as pd

from {{ cookiecutter.__package }}.process import GENRES


def engineer(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that the model learns from and is asked about, the label first.

    How often a user has rated and a movie was rated counts earlier ratings only: no row knows its future.
    """
    made = frame.assign(
        user_ratings=frame.groupby("user_id").cumcount(),
        movie_ratings=frame.groupby("movie_id").cumcount(),
    )
    return made[["rating", "user_id", "movie_id", "year", *GENRES, "user_ratings", "movie_ratings"]]

"""The ratings and the movies, and the schema that they have to keep to.

Both lie in `data/raw/` as CSV files, versioned with DVC (`dvc.yaml` makes them); where they don't, they are made.
"""

import sys
from pathlib import Path

import pandas as pd
import pandera.pandas as pa

from {{ cookiecutter.__package }} import process

RAW = Path("data/raw")
_STARS = [half / 2 for half in range(1, 11)]

# One row for each rating, with what is known of its movie; nobody rates a movie twice.
SCHEMA = pa.DataFrameSchema(
    {
        "user_id": pa.Column(int, pa.Check.ge(0)),
        "movie_id": pa.Column(int, pa.Check.ge(0)),
        "rating": pa.Column(float, pa.Check.isin(_STARS)),
        "rated_at": pa.Column("datetime64[ns]", coerce=True),
        "year": pa.Column(int, pa.Check.in_range(1900, 2100)),
        **dict.fromkeys(process.GENRES, pa.Column(int, pa.Check.isin([0, 1]))),
    },
    checks=pa.Check(lambda frame: frame["rated_at"].is_monotonic_increasing, error="the oldest rating comes first"),
    unique=["user_id", "movie_id"],
    strict=True,
)


def load() -> pd.DataFrame:
    """Return the ratings with what is known of their movies. Put your own into `data/raw/`, and mend the schema."""
    ratings, movies = RAW / "ratings.csv", RAW / "movies.csv"
    if ratings.is_file() and movies.is_file():
        return pd.read_csv(ratings, parse_dates=["rated_at"]).merge(pd.read_csv(movies), on="movie_id", how="left")
    return process.ratings().merge(process.movies(), on="movie_id", how="left")


def main(folder: Path) -> None:
    """Write the two files."""
    folder.mkdir(parents=True, exist_ok=True)
    process.ratings().to_csv(folder / "ratings.csv", index=False, lineterminator="\n")
    process.movies().to_csv(folder / "movies.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

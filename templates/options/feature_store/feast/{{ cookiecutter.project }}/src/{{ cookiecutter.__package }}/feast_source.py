"""What Feast reads: a Parquet file for each view, with a key, the features, and the time since when they are true."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from {{ cookiecutter.__package }}.data import load
from {{ cookiecutter.__package }}.features import engineer
{%- if cookiecutter.kind == "recommender" %}
from {{ cookiecutter.__package }}.process import GENRES
{%- else %}
from {{ cookiecutter.__package }}.settings import SETTINGS
{%- endif %}

if TYPE_CHECKING:
    import pandas as pd

TIME = "event_time"
{%- if cookiecutter.kind == "recommender" %}
# The views and what each is keyed by. A model is asked about pairs that nobody has rated yet: what is known of a user
# and what is known of a movie are apart.
KEYS = {"users": "user_id", "movies": "movie_id"}
_NAMES = {"users": ["user_ratings"], "movies": ["year", *GENRES, "movie_ratings"]}
# What has been counted before anybody rated, and grows with each rating.
_COUNTS = {"users": "user_ratings", "movies": "movie_ratings"}
{%- else %}
# The views and what each is keyed by: a row's number, unless the data has an id of its own.
KEYS = {"features": "row_id"}
{%- endif %}


def names(view: str) -> list[str]:
    """Return the features of a view, in the model's order."""
{%- if cookiecutter.kind == "recommender" %}
    return _NAMES[view]
{%- else %}
    return [str(name) for name in engineer(load()).columns if name not in SETTINGS.data.labels]
{%- endif %}


def frames(when: datetime) -> dict[str, pd.DataFrame]:
    """Return the rows of each view.

    Args:
        when: since when the features are true, where the data doesn't say.
    """
{%- if cookiecutter.kind == "recommender" %}
    return {view: _counted(view) for view in KEYS}


def _counted(view: str) -> pd.DataFrame:
    """Return what was known before the first rating, and since the second after each: no rating knows itself."""
    import pandas as pd

    data, key, count = load(), KEYS[view], _COUNTS[view]
    second = pd.Timedelta(seconds=1)
    rated = data["rated_at"].dt.tz_localize("UTC")
    made = engineer(data)[[key, *names(view)]].assign(**{TIME: rated + second})
    first = made.drop_duplicates(key).assign(**{TIME: rated.min() - second, count: 0})
    made[count] += 1
    return pd.concat([first, made], ignore_index=True).astype(dict.fromkeys(names(view), float))
{%- else %}
    made = engineer(load()).drop(columns=list(SETTINGS.data.labels)).astype(float).reset_index(drop=True)
    made.insert(0, KEYS["features"], [str(number) for number in range(len(made))])
    made.insert(1, TIME, when)
    return {"features": made}
{%- endif %}


def main(root: str) -> None:
    """Write each view below a folder, which may be in S3."""
    for view, frame in frames(datetime.now(UTC)).items():
        frame.to_parquet(f"{root}/{view}.parquet", index=False)


if __name__ == "__main__":
    main(sys.argv[1])

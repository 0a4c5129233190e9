"""What Feast reads: each row's engineered features as Parquet, with an id and the time since when they are true."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from {{ cookiecutter.__package }}.data import load
from {{ cookiecutter.__package }}.features import engineer
from {{ cookiecutter.__package }}.settings import SETTINGS

if TYPE_CHECKING:
    import pandas as pd

ENTITY, TIME, PARQUET = "row_id", "event_time", "features.parquet"


def names() -> list[str]:
    """Return the features that the model takes, in its order."""
    return [str(name) for name in engineer(load()).columns if name not in SETTINGS.data.labels]


def frame(when: datetime) -> pd.DataFrame:
    """Return a row for each row of the data; its id is its number unless the data has an id of its own.

    Args:
        when: since when the features are true.
    """
    made = engineer(load()).drop(columns=list(SETTINGS.data.labels)).astype(float).reset_index(drop=True)
    made.insert(0, ENTITY, [str(number) for number in range(len(made))])
    made.insert(1, TIME, when)
    return made


def main(address: str) -> None:
    """Write the features to an address, which may be in S3."""
    frame(datetime.now(UTC)).to_parquet(address, index=False)


if __name__ == "__main__":
    main(sys.argv[1])

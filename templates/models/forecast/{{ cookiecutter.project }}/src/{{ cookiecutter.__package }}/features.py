"""Features: windows of the series, each with what was measured before a week and what came after it."""

import pandas as pd

from {{ cookiecutter.__package }}.settings import SETTINGS

# Weeks that the model looks back: a year and one.
LAGS = 53


def filled(frame: pd.DataFrame) -> pd.Series:
    """Return the series with its gaps filled on a straight line."""
    return frame["co2"].interpolate(limit_direction="both")


def windows(series: pd.Series) -> pd.DataFrame:
    """Return a row for each week, the oldest first: the weeks before it as `lag_53` to `lag_1`, its own being the last.

    What callers of the endpoint send is such a row.
    """
    made = {f"lag_{lag}": series.shift(lag - 1) for lag in range(LAGS, 0, -1)}
    return pd.DataFrame(made).dropna()


def engineer(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each week that has a past and a future: the weeks after it come first, as labels."""
    series = filled(frame)
    after = {name: series.shift(-step) for step, name in enumerate(SETTINGS.data.labels, start=1)}
    return pd.DataFrame(after).join(windows(series), how="inner").dropna()

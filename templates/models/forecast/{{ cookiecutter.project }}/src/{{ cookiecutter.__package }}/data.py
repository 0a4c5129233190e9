"""The series, and the schema that it has to keep to."""

import pandas as pd
import pandera.pandas as pa


def _weekly(frame: pd.DataFrame) -> bool:
    return bool(frame.index.to_series().diff().dropna().dt.days.eq(7).all())


# One row a week, none left out; weeks without a measurement are empty, but no more than one in twenty.
SCHEMA = pa.DataFrameSchema(
    {"co2": pa.Column(float, pa.Check.in_range(250, 600), nullable=True)},
    index=pa.Index("datetime64[ns]", unique=True, coerce=True, name="week"),
    checks=[
        pa.Check(_weekly, error="every week is there"),
        pa.Check(lambda frame: frame["co2"].isna().mean() < 0.05, error="few weeks are empty"),
    ],
    strict=True,
)


def load() -> pd.DataFrame:
    """Load the series. Replace this by a query of your own, and the schema with it.

    The weekly carbon dioxide record of Mauna Loa, 1958 to 2001 (Keeling and Whorf), comes with statsmodels, in parts
    per million.
    """
    from statsmodels.datasets import co2

    return co2.load_pandas().data.rename_axis(index="week")

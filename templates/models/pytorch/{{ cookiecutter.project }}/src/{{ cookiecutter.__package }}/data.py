"""The data set, and the schema that it has to keep to."""

import pandas as pd
import pandera.pandas as pa

# Amounts: never below nothing. A missing value is an error, and so are rows without one of the cultivars.
SCHEMA = pa.DataFrameSchema(
    {
        "cultivar": pa.Column(int, pa.Check.isin([0, 1, 2])),
        "alcohol": pa.Column(float, pa.Check.in_range(0, 100)),
        "(?!cultivar|alcohol).*": pa.Column(float, pa.Check.ge(0), regex=True),
    },
    checks=pa.Check(lambda frame: frame["cultivar"].nunique() == 3, error="all cultivars are there"),
    strict=True,
    unique_column_names=True,
)


def load() -> pd.DataFrame:
    """Load the data set: a row for each wine. Replace this by a query of your own data, and the schema with it.

    The wine recognition data (UCI) comes with scikit-learn: 178 wines of three cultivars, 13 measurements.
    """
    from sklearn.datasets import load_wine

    bunch = load_wine(as_frame=True)
    frame = bunch.frame.rename(columns=lambda name: str(name).replace("/", "_"))
    return frame.rename(columns={"target": "cultivar"}).astype({"cultivar": int})

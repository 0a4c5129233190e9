"""The data set, and the schema that it has to keep to."""

import pandas as pd
import pandera.pandas as pa

# Measurements of cells: never below nothing. An unknown column, a missing value or a duplicate row is an error.
SCHEMA = pa.DataFrameSchema(
    {
        "benign": pa.Column(int, pa.Check.isin([0, 1])),
        "(mean|worst)_.*|.*_error": pa.Column(float, pa.Check.in_range(0, 10_000), regex=True),
    },
    checks=pa.Check(lambda frame: frame["benign"].nunique() == 2, error="both classes are there"),
    strict=True,
    unique_column_names=True,
)


def load() -> pd.DataFrame:
    """Load the data set: a row for each case. Replace this by a query of your own data, and the schema with it.

    The Wisconsin diagnostic breast cancer data comes with scikit-learn: 569 rows, 30 features.
    """
    from sklearn.datasets import load_breast_cancer

    bunch = load_breast_cancer(as_frame=True)
    frame = bunch.frame.rename(columns=lambda name: str(name).replace(" ", "_"))
    return frame.rename(columns={"target": "benign"}).astype({"benign": int})

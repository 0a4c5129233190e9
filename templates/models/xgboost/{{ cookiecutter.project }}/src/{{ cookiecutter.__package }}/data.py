"""The data set, and the schema that it has to keep to."""

import pandas as pd
import pandera.pandas as pa

_BLOOD = {
    "s1": "total_cholesterol",
    "s2": "ldl",
    "s3": "hdl",
    "s4": "cholesterol_ratio",
    "s5": "log_triglycerides",
    "s6": "glucose",
}

# What a person can have; an unknown column or a missing value is an error.
SCHEMA = pa.DataFrameSchema(
    {
        "age": pa.Column(float, pa.Check.in_range(18, 110)),
        "sex": pa.Column(float, pa.Check.isin([1, 2])),
        "bmi": pa.Column(float, pa.Check.in_range(10, 80)),
        "bp": pa.Column(float, pa.Check.in_range(30, 200)),
        **dict.fromkeys(_BLOOD.values(), pa.Column(float, pa.Check.in_range(0, 1000))),
        "progression": pa.Column(float, pa.Check.gt(0)),
    },
    strict=True,
    unique_column_names=True,
)


def load() -> pd.DataFrame:
    """Load the data set: a row for each person. Replace this by a query of your own data, and the schema with it.

    The diabetes data of Efron, Hastie, Johnstone and Tibshirani (2004) comes with scikit-learn: 442 people, ten
    measurements, and the progression of their disease one year later.
    """
    from sklearn.datasets import load_diabetes

    bunch = load_diabetes(as_frame=True, scaled=False)
    return bunch.frame.rename(columns={**_BLOOD, "target": "progression"}).astype(float)

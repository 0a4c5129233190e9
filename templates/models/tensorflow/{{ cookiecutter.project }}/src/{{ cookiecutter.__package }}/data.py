"""The data set, and the schema that it has to keep to."""

import pandas as pd
import pandera.pandas as pa

# Ink of a pixel, 0 to 16; an unknown column or a missing value is an error.
SCHEMA = pa.DataFrameSchema(
    {
        "digit": pa.Column(int, pa.Check.in_range(0, 9)),
        "pixel_[0-7]_[0-7]": pa.Column(float, pa.Check.in_range(0, 16), regex=True),
    },
    checks=pa.Check(lambda frame: frame["digit"].nunique() == 10, error="all digits are there"),
    strict=True,
    unique_column_names=True,
)


def load() -> pd.DataFrame:
    """Load the data set: a row for each image. Replace this by your own data, and the schema with it.

    The test set of the Optical Recognition of Handwritten Digits (UCI) comes with scikit-learn: 1797 images of 8 by 8.
    """
    from sklearn.datasets import load_digits

    bunch = load_digits(as_frame=True)
    return bunch.frame.rename(columns={"target": "digit"}).astype({"digit": int})

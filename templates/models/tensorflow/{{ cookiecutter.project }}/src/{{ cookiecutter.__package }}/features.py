"""Features: what is made of a row before anybody asks the model."""

import pandas as pd


def engineer(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that the model learns from and is asked about, the label first: the pixels, row by row."""
    pixels = [f"pixel_{row}_{column}" for row in range(8) for column in range(8)]
    return frame[["digit", *pixels]]

"""Features: what is made of a row before anybody asks the model."""

import pandas as pd


def engineer(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that the model learns from and is asked about, the label first."""
    return frame[["cultivar", *(name for name in frame.columns if name != "cultivar")]]

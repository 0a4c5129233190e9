"""Features: what is made of a row before anybody asks the model, and what the model itself does with it."""

import pandas as pd
from sklearn.base import TransformerMixin
from sklearn.preprocessing import StandardScaler


def engineer(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that the model learns from and is asked about, the label first.

    What is made here, callers of the endpoint must make, too: it holds only what they know as well as we do.
    """
    return frame[["benign", *(name for name in frame.columns if name != "benign")]]


def transformer() -> TransformerMixin:
    """Return what the model does first; it is fitted with the model, and is part of its file."""
    return StandardScaler()

"""Features: what is made of a row before anybody asks the model."""

import pandas as pd


def engineer(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that the model learns from and is asked about, the label first.

    What is made here, callers of the endpoint must make, too: it holds only what they know as well as we do.
    """
    made = frame.assign(ldl_hdl_ratio=frame["ldl"] / frame["hdl"])
    return made[["progression", *(name for name in made.columns if name != "progression")]]

"""The estimators of AutoML's candidates, and the table around each of them."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

_ESTIMATORS: dict[str, tuple[Any, Any]] = {
    "linear-learner": (LogisticRegression, Ridge),
    "randomforest": (RandomForestClassifier, RandomForestRegressor),
    "extra-trees": (ExtraTreesClassifier, ExtraTreesRegressor),
    "mlp": (MLPClassifier, MLPRegressor),
    "hist-gradient-boosting": (HistGradientBoostingClassifier, HistGradientBoostingRegressor),
}
_DEFAULTS: dict[str, dict[str, Any]] = {
    "linear-learner": {},
    "randomforest": {"random_state": 0},
    "extra-trees": {"random_state": 0},
    "mlp": {"random_state": 0, "max_iter": 300, "early_stopping": True},
    "hist-gradient-boosting": {"random_state": 0},
    "xgboost": {"random_state": 0, "n_jobs": 1},
}


def features() -> ColumnTransformer:
    """Return what makes numbers of a table's columns."""
    numbers = Pipeline([("fill", SimpleImputer(strategy="median")), ("scale", StandardScaler())])
    words = Pipeline(
        [
            ("fill", SimpleImputer(strategy="most_frequent")),
            ("encode", OneHotEncoder(handle_unknown="ignore", max_categories=50, sparse_output=False)),
        ]
    )
    return ColumnTransformer(
        [
            ("numbers", numbers, make_column_selector(dtype_include=np.number)),
            ("words", words, make_column_selector(dtype_exclude=np.number)),
        ]
    )


def estimator(algorithm: str, *, classifies: bool, parameters: dict[str, Any]) -> Any:
    """Return an estimator that isn't fitted yet.

    Args:
        algorithm: AWS's name of it, or hist-gradient-boosting, which is scikit-learn's own.
        classifies: whether the target is a class.
        parameters: what differs from the defaults.
    """
    if algorithm == "linear-learner":
        strength = parameters.pop("strength", 1.0)
        given = {"C": strength, "max_iter": 1000} if classifies else {"alpha": 1.0 / strength}
    else:
        given = {**_DEFAULTS[algorithm], **parameters}
    if algorithm == "xgboost":
        import xgboost

        return (xgboost.XGBClassifier if classifies else xgboost.XGBRegressor)(**given)
    return _ESTIMATORS[algorithm][0 if classifies else 1](**given)


def plain(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose columns are numbers or texts: what both training and serving see."""
    columns = {
        name: column if pd.api.types.is_numeric_dtype(column) and column.dtype != bool else _texts(column)
        for name, column in table.items()
    }
    return pd.DataFrame(columns, index=table.index)


def _texts(column: pd.Series) -> pd.Series:
    return pd.Series([str(value) if pd.notna(value) else None for value in column], index=column.index, dtype=object)

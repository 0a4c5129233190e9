"""Checks a data frame against its schema before anything learns from it."""

from typing import TYPE_CHECKING

from {{ cookiecutter.__package }}.table import DataError

if TYPE_CHECKING:
    import pandas as pd
    import pandera.pandas as pa

_SHOWN = 5


def validate(frame: "pd.DataFrame", schema: "pa.DataFrameSchema") -> "pd.DataFrame":
    """Return the data if a model can learn from it.

    Raises:
        DataError: it breaks the schema; all that is wrong is told at once.
    """
    from pandera.errors import SchemaErrors

    try:
        return schema.validate(frame, lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases[["column", "check", "failure_case"]].drop_duplicates(["column", "check"])
        told = [f"{case.column}: {case.check} ({case.failure_case})" for case in cases.head(_SHOWN).itertuples()]
        more = f" and {len(cases) - _SHOWN} more" if len(cases) > _SHOWN else ""
        raise DataError(f"the data breaks its schema: {'; '.join(told)}{more}") from error

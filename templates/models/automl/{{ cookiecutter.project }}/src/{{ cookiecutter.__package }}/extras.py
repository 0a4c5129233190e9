"""What the preparation writes besides the splits: the held-out rows without their labels, for the models to answer."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from {{ cookiecutter.__package }}.table import Table


def write(tables: Mapping[str, Table], output: Path) -> None:
    """Write `<output>/questions/test.csv`, without a header.

    Args:
        tables: the splits by name.
        output: where the splits are.
    """
    folder = output / "questions"
    folder.mkdir(parents=True, exist_ok=True)
    np.savetxt(folder / "test.csv", tables["test"].features, delimiter=",", fmt="%.17g")

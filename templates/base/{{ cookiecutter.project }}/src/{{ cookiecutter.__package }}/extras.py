"""What the preparation writes besides the splits: nothing."""

from collections.abc import Mapping
from pathlib import Path

from {{ cookiecutter.__package }}.table import Table


def write(tables: Mapping[str, Table], output: Path) -> None:
    """Write a folder below `output` for each name under `data.extras` in `settings.toml`.

    Args:
        tables: the splits by name.
        output: where the splits are.
    """

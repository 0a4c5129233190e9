"""A request for the endpoint, made of rows of the data: `python -m {{ cookiecutter.__package }}.sample 0 50`."""

import json
import sys
from collections.abc import Sequence
from typing import Any

from {{ cookiecutter.__package }}.data import load
from {{ cookiecutter.__package }}.features import engineer
from {{ cookiecutter.__package }}.settings import SETTINGS
from {{ cookiecutter.__package }}.table import of


def request(rows: Sequence[int]) -> dict[str, Any]:
    """Return the JSON body that asks about some rows of the data set."""
    return {"instances": of(engineer(load()), SETTINGS.data.labels).features[list(rows)].tolist()}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(request([int(row) for row in sys.argv[1:]] or [0])) + "\n")

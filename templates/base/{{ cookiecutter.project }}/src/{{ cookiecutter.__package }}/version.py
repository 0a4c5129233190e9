"""Processing step: tells which version of the data `load()` returns; where it is another, the steps run again."""

import argparse
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from {{ cookiecutter.__package }}.data import load


def version() -> str:
    """Return what changes with the data: the digest of all of it.

    Replace this where there is something cheaper that tells, such as the time of a table's newest row.
    """
    frame = load()
    kinds = [(str(name), str(kind)) for name, kind in frame.dtypes.items()]
    found = hashlib.sha256(json.dumps(kinds).encode())
    found.update(pd.util.hash_pandas_object(frame).to_numpy().tobytes())
    return found.hexdigest()[:16]


def main(arguments: Sequence[str] | None = None) -> None:
    """Write `<output>/version.json`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("/opt/ml/processing/version"))
    output: Path = parser.parse_args(arguments).output
    output.mkdir(parents=True, exist_ok=True)
    (output / "version.json").write_text(json.dumps({"version": version()}), encoding="utf-8")


if __name__ == "__main__":
    main()

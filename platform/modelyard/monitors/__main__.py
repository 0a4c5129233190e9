"""Runs the monitors: `python -m monitors ...`, or `python monitors/__main__.py ...` in a container."""

import importlib
import sys
from pathlib import Path


def _main() -> int:
    package, folder = __package__, Path(__file__).resolve().parent
    if not package:  # run as a file: the folder is the package
        sys.path.insert(0, str(folder.parent))
        package = folder.name
    code: int = importlib.import_module(f"{package}.command").main()
    return code


if __name__ == "__main__":
    sys.exit(_main())

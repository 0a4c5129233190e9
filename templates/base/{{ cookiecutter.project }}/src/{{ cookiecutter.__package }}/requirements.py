"""Installs a job's requirements if its image lacks any.

Its arguments are the files of `requirements/` that the job needs: `python -m ... serving analysis`.
It needs nothing but Python. Versions are compared by the numbers that they begin with, as `name>=1.2,<3` asks.
"""

import re
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_FOLDER = Path(__file__).resolve().parents[1] / "requirements"
_LINE = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(\[[a-z0-9,]+\])?(?P<limits>[<>=0-9.,]*)")
_LIMIT = re.compile(r"(>=|<|==)([0-9.]+)")


def unmet(path: Path) -> list[str]:
    """Return the requirements of a file that aren't met."""
    lines = (text.partition("#")[0].strip() for text in path.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not _met(line)]


def _met(line: str) -> bool:
    parsed = _LINE.fullmatch(line)
    if parsed is None:
        return False
    try:
        there = _numbers(version(parsed["name"]))
    except PackageNotFoundError:
        return False
    return all(_within(there, sign, _numbers(limit)) for sign, limit in _LIMIT.findall(parsed["limits"]))


def _within(there: tuple[int, ...], sign: str, limit: tuple[int, ...]) -> bool:
    if sign == "==":
        return there[: len(limit)] == limit
    return there >= limit if sign == ">=" else there < limit


def _numbers(text: str) -> tuple[int, ...]:
    found = re.match(r"\d+(\.\d+)*", text)
    return tuple(int(part) for part in found[0].split(".")) if found else ()


def main(names: Sequence[str], folder: Path = _FOLDER) -> None:
    """Install what is missing, or end with what is.

    Args:
        names: files of the folder, without their endings.
        folder: where the requirements are.
    """
    paths = [folder / f"{name}.txt" for name in names]
    missing = [line for path in paths for line in unmet(path)]
    if not missing:
        return
    files = [word for path in paths for word in ("--requirement", str(path))]
    done = subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", *files], check=False)
    if done.returncode:
        sys.exit(
            f"this job needs {', '.join(missing)}, and pip can't install it: give the job's subnets a way to a package "
            "index, or its image what is missing"
        )


if __name__ == "__main__":
    main(sys.argv[1:])

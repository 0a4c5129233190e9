"""Installs a job's requirements if its image lacks any: `python -m {{ cookiecutter.__package }}.requirements FILE`.

It needs nothing but Python. Versions are compared by the numbers that they begin with, as `name>=1.2,<3` asks.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_LINE = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(\[[a-z0-9,]+\])?(?P<limits>[<>=0-9.,]*)")
_LIMIT = re.compile(r"(>=|<|==)([0-9.]+)")


def unmet(path: Path) -> list[str]:
    """Return the requirements of a file, and of those that it names with `-r`, that aren't met."""
    return [line for line in _lines(path) if not _met(line)]


def _lines(path: Path) -> Iterator[str]:
    for text in path.read_text(encoding="utf-8").splitlines():
        line = text.partition("#")[0].strip()
        if line.startswith("-r "):
            yield from _lines(path.parent / line[3:].strip())
        elif line:
            yield line


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


def main(file: str) -> None:
    """Install what is missing, or end with what is."""
    path = Path(file)
    missing = unmet(path)
    if not missing:
        return
    done = subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--requirement", str(path)], check=False)
    if done.returncode:
        sys.exit(
            f"this job needs {', '.join(missing)}, and pip can't install it: give the job's subnets a way to a package "
            "index, or its image what is missing"
        )


if __name__ == "__main__":
    main(sys.argv[1])

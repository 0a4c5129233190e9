"""Versions and ranges of them, as Pulumi writes them; source of the syntax: `github.com/blang/semver`, `ParseRange`."""

import re
from typing import Any

_COMPARISON = re.compile(r"\s*(>=|<=|!=|==|>|<|=|!)?\s*v?(\d+|x)(?:\.(\d+|x))?(?:\.(\d+|x))?(?:-([0-9A-Za-z.-]+))?")

Version = tuple[int, int, int, int, tuple[tuple[int, int, str], ...]]


def parse(text: str) -> Version:
    """Read a version into what sorts as semantic versions do: a pre-release comes before its release.

    Raises:
        ValueError: it is not a version.
    """
    found = re.fullmatch(r"v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?(?:\+.*)?", text.strip())
    if found is None:
        raise ValueError(f"{text!r} is not a version such as 1.2.3")
    numbers = [int(part or 0) for part in found.groups()[:3]]
    marks = tuple(_mark(part) for part in (found[4] or "").split(".") if part)
    return numbers[0], numbers[1], numbers[2], int(not marks), marks


def satisfies(version: str, wanted: str) -> bool:
    """Tell whether a version is in a range such as `>=3.5.0 !3.7.7` or `<3.4.0 || >3.8.0`.

    Raises:
        ValueError: the version or the range can't be read.
    """
    found = parse(version)
    return any([_all_hold(found, part) for part in wanted.split("||")])  # noqa: C419 - a later part may be wrong too


def _all_hold(version: Version, conditions: str) -> bool:
    position, holds, text = 0, True, conditions.strip()
    if not text:
        raise ValueError("an empty part")
    while position < len(text):
        match = _COMPARISON.match(text, position)
        if match is None or match.end() == position:
            raise ValueError(f"{text[position:]!r} is no comparison with a version")
        holds, position = holds and _holds(version, match), match.end()
    return holds


def _holds(version: Version, match: "re.Match[str]") -> bool:
    sign, parts = match[1] or "=", match.groups()[1:4]
    given = [part for part in parts if part and part != "x"]
    width = len(given) if "x" in parts else len(parts)
    mark = f"-{match[5]}" if match[5] else ""
    other = parse(".".join([*given, "0", "0"][: len(parts)]) + mark)
    if width == len(parts):
        return _compare(version, other, sign)
    return _compare(version[:width], other[:width], sign)


def _compare(version: tuple[Any, ...], other: tuple[Any, ...], sign: str) -> bool:
    return {
        ">": version > other,
        ">=": version >= other,
        "<": version < other,
        "<=": version <= other,
        "!": version != other,
        "!=": version != other,
    }.get(sign, version == other)


def _mark(part: str) -> tuple[int, int, str]:
    """Order pre-release marks: numbers before words."""
    return (0, int(part), "") if part.isdigit() else (1, 0, part)

"""Showing the end of a file that grows."""

import time
from pathlib import Path

from modelyard.cli import views

_INTERVAL_SECONDS = 0.3


def last(path: Path, lines: int) -> list[str]:
    """Return a file's last lines.

    Args:
        path: the file.
        lines: how many at most.
    """
    return path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]


def tail(path: Path, lines: int, *, follow: bool) -> None:
    """Write a file's last lines and, if wanted, those that come, until Ctrl-C.

    Args:
        path: the file.
        lines: how many lines to begin with.
        follow: whether to go on.
    """
    with path.open(encoding="utf-8", errors="replace") as file:
        found = file.readlines()[-lines:]
        if found:
            views.raw("".join(found))
        while follow:
            if text := file.read():
                views.raw(text)
            time.sleep(_INTERVAL_SECONDS)

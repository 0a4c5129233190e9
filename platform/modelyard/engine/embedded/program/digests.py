"""What was read off a generated file, kept beside its bytecode so that the next process need not read it again.

It lies in `__pycache__` as Python's own bytecode does, is written as that is (whole or not at all), and counts as
long as the file has the time and size that it had.
"""

import importlib.util
import marshal
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

_VERSION = 1  # of what is kept


def kept(loader: SourceFileLoader, read: Callable[[], Any]) -> Any:
    """Return what was read off a loader's file, from where it is kept or by reading it now.

    Args:
        loader: the loader of the file.
        read: reads it; returns what `marshal` can write.
    """
    file = loader.path
    status = Path(file).stat()
    stamp = (_VERSION, importlib.util.MAGIC_NUMBER, file, status.st_mtime_ns, status.st_size)
    place = importlib.util.cache_from_source(file, optimization="modelyard")
    with suppress(OSError, ValueError, EOFError, TypeError):
        known, value = marshal.loads(Path(place).read_bytes())  # noqa: S302 - as trusted as the bytecode beside it
        if known == stamp:
            return value
    value = read()
    if not sys.dont_write_bytecode:
        loader.set_data(place, marshal.dumps((stamp, value)))
    return value

"""What was read off a generated file, kept beside its bytecode so that the next process need not read it again.

It lies in `__pycache__` as Python's own bytecode does, is written as that is (whole or not at all), and counts as
long as the file has the time and size that it had. Parts of it, such as the bytecode of one of a thousand classes, are
only taken into memory when they are asked for.
"""

import importlib.util
import marshal
import mmap
import struct
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib.machinery import SourceFileLoader
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

Digest = tuple[Any, Mapping[str, Any]]
"""What `marshal` can write, read at once; and such parts by name."""
_VERSION = 1  # of what is kept
_LENGTH = struct.Struct("<Q")


class _Parts(Mapping[str, Any]):
    """Parts in a file.

    Args:
        content: the file's.
        places: where in it each part begins and ends.
    """

    def __init__(self, content: mmap.mmap, places: dict[str, tuple[int, int]]) -> None:
        self._content, self._places = content, places

    def __getitem__(self, name: str) -> Any:
        start, end = self._places[name]
        return marshal.loads(self._content[start:end])  # noqa: S302 - as trusted as the bytecode beside it

    def __contains__(self, name: object) -> bool:
        return name in self._places

    def __iter__(self) -> Any:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def kept(loader: SourceFileLoader, read: Callable[[], Digest]) -> Digest:
    """Return what was read off a loader's file, from where it is kept or by reading it now.

    Args:
        loader: the loader of the file.
        read: reads it.
    """
    file = loader.path
    status = Path(file).stat()
    stamp = (_VERSION, importlib.util.MAGIC_NUMBER, file, status.st_mtime_ns, status.st_size)
    place = importlib.util.cache_from_source(file, optimization="modelyard")
    with suppress(OSError, ValueError, EOFError, TypeError, struct.error):
        found = _opened(place, stamp)
        if found is not None:
            return found
    digest = read()
    if not sys.dont_write_bytecode:
        loader.set_data(place, _written(stamp, digest))
    return digest


def _opened(place: str, stamp: Any) -> Digest | None:
    with Path(place).open("rb") as file:
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    start = _LENGTH.size + _LENGTH.unpack_from(content)[0]
    known, value, places, end = marshal.loads(content[_LENGTH.size : start])  # noqa: S302 - see above
    if known != stamp or start + end != len(content):
        return None
    return value, _Parts(content, {name: (start + first, start + last) for name, (first, last) in places.items()})


def _written(stamp: Any, digest: Digest) -> bytes:
    value, parts = digest
    blobs = [marshal.dumps(part) for part in parts.values()]
    ends = list(accumulate(map(len, blobs), initial=0))
    head = marshal.dumps((stamp, value, dict(zip(parts, pairwise(ends), strict=True)), ends[-1]))
    return _LENGTH.pack(len(head)) + head + b"".join(blobs)

"""What changed since the last snapshot: a write-ahead log that a killed cloud is brought back from.

Two things go into it: each change of our own documents, as it then is, and each request that may change something in
moto, with the seed of its random numbers, before it is answered. The log is a chain of files; a snapshot says from
which of them on it is to be followed. Nothing is forced to the disk: what a process has written outlives its end.
"""

import pickle
import struct
import threading
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

DOCUMENT, TAGS, REQUEST = "document", "tags", "request"
_HEAD = struct.Struct("<II")
_PREFIX = "log."


@dataclass(frozen=True)
class Entry:
    """One entry.

    Args:
        kind: `document`, `tags` or `request`.
        value: key and document, ARN and tags, or what `requests.py` keeps of a request.
    """

    kind: str
    value: Any


class Journal:
    """The log of one cloud.

    Args:
        folder: where its files are.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        # The last file may end in half an entry: it is never written on.
        self._number = max([0, *(number for number, _ in self._files())]) + 1
        self._file: IO[bytes] | None = None

    def append(self, kind: str, value: Any) -> None:
        """Write one entry; it is safe from the end of this process once this returns."""
        content = pickle.dumps(Entry(kind, value))
        with self._lock:
            if self._file is None:
                self._folder.mkdir(parents=True, exist_ok=True)
                self._file = self._path(self._number).open("ab", buffering=0)
            self._file.write(_HEAD.pack(len(content), zlib.crc32(content)) + content)

    def rotate(self) -> int:
        """Begin a new file and return its number: the first that follows a snapshot taken now."""
        with self._lock:
            self._close()
            self._number += 1
            return self._number

    def forget(self, first: int) -> None:
        """Delete the files before a number."""
        for number, path in self._files():
            if number < first:
                path.unlink(missing_ok=True)

    def entries(self, first: int) -> Iterator[Entry]:
        """Yield what was written from a file on, oldest first; half an entry is none."""
        for number, path in sorted(self._files()):
            if number >= first:
                yield from _read(path.read_bytes())

    def close(self) -> None:
        """End it."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._file:
            self._file.close()
            self._file = None

    def _path(self, number: int) -> Path:
        return self._folder / f"{_PREFIX}{number:08d}"

    def _files(self) -> list[tuple[int, Path]]:
        found = self._folder.glob(f"{_PREFIX}*")
        return [(int(path.name.removeprefix(_PREFIX)), path) for path in found if path.name[len(_PREFIX) :].isdigit()]


def _read(content: bytes) -> Iterator[Entry]:
    position = 0
    while position + _HEAD.size <= len(content):
        length, check = _HEAD.unpack_from(content, position)
        position += _HEAD.size
        body = content[position : position + length]
        if len(body) < length or zlib.crc32(body) != check:
            return
        position += length
        # The file is our own, in a folder that only its owner writes.
        entry: Entry = pickle.loads(body)  # noqa: S301
        yield entry

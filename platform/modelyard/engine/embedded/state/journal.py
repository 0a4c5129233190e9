"""The journal of a deployment: one line for each record, each with its checksum, on top of one checkpoint.

A line is a record as JSON, a tab, and the CRC-32 of the JSON. The first says which checkpoint the others change.
"""

import json
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from modelyard.engine.embedded.state.checkpoint import Checkpoint, DamageError
from modelyard.engine.embedded.state.disk import Disk
from modelyard.engine.embedded.state.snapshot import Record


@dataclass(frozen=True, kw_only=True)
class Header:
    """Which checkpoint a journal changes: its digest and serial; an empty digest where there is no journal."""

    base: str = ""
    serial: int = 0


@dataclass
class Journal:
    """A journal that is being written; records that found no room are written with the next."""

    disk: Disk
    file: BinaryIO
    size: int = 0
    unsaved: bytes = field(default=b"", repr=False)
    torn: bool = False

    @classmethod
    def open(cls, disk: Disk, path: Path, base: Checkpoint) -> "Journal":
        """Begin a journal on top of a checkpoint.

        Raises:
            OSError: it could not be written.
        """
        journal = cls(disk, disk.create(path))
        journal.append({"op": "open", "base": base.digest, "serial": base.serial}, durable=True)
        disk.sync_folder(path.parent)
        return journal

    def append(self, record: Mapping[str, Any], *, durable: bool, keep: bool = True) -> None:
        """Write a record.

        Args:
            record: what began or ended.
            durable: whether to wait until it is on the medium.
            keep: whether to try it again with the next record where it can't be written.

        Raises:
            OSError: it could not be written; the file is as it was before.
        """
        text = json.dumps(record, separators=(",", ":")).encode()
        line = text + b"\t%08x\n" % zlib.crc32(text)
        data = self.unsaved + line
        try:
            if self.torn:
                self.disk.cut(self.file, self.size)
            self.torn = True
            self.disk.append(self.file, data)
            if durable:
                self.disk.sync(self.file)
        except OSError:
            self.unsaved = data if keep else self.unsaved
            with suppress(OSError):
                self.disk.cut(self.file, self.size)
                self.torn = False
            raise
        self.torn = False
        self.size += len(data)
        self.unsaved = b""

    def close(self) -> None:
        """Let go of the file."""
        with suppress(OSError):
            self.file.close()


def header(data: bytes | None) -> Header:
    """Read a journal's first line; one that can't be read belongs to no checkpoint."""
    record = _parse((data or b"").partition(b"\n")[0])
    if record is None or not isinstance(record.get("base"), str) or not isinstance(record.get("serial"), int):
        return Header()
    return Header(base=record["base"], serial=record["serial"])


def records(data: bytes) -> list[Record]:
    """Read a journal's records, but for its header.

    Raises:
        DamageError: a line can't be read, and is not the last one, cut short by a crash.
    """
    *lines, _ = data.split(b"\n")  # the write that the crash cut short: its call had not begun
    found: list[Record] = []
    for number, line in enumerate(lines[1:], start=2):
        record = _parse(line)
        if record is None:
            if b"\0" in line and number == len(lines):
                break  # a block that the crash kept from the medium
            raise DamageError(f"line {number} of its journal can't be read")
        found.append(record)
    return found


def salvage(data: bytes) -> tuple[list[Record], tuple[int, list[Record]] | None]:
    """Read a damaged journal.

    Returns:
        The records before the damage; and, where there is some, how many lines can't be read, and the records after.
    """
    *lines, _ = data.split(b"\n")
    parsed = [_parse(line) for line in lines[1:]]
    if None not in parsed:
        return [record for record in parsed if record is not None], None
    first = parsed.index(None)
    later = [record for record in parsed[first:] if record is not None]
    good = [record for record in parsed[:first] if record is not None]
    return good, (len(parsed) - len(good) - len(later), later)


def _parse(line: bytes) -> Record | None:
    text, _, checksum = line.rpartition(b"\t")
    if checksum != b"%08x" % zlib.crc32(text):
        return None
    try:
        record = json.loads(text)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None

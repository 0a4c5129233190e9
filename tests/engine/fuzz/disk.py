"""A disk that fails, or on which the process dies, at any primitive; and what a power cut leaves of it."""

import errno
import os
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from engine.fuzz.life import Life

from modelyard.engine.embedded.state.disk import Disk

Files = dict[Path, bytes]


class DiskFault(StrEnum):
    """What happens at one primitive."""

    FULL = "full"
    FULL_FROM_HERE = "full from here"
    KILL_BEFORE = "kill before"
    KILL_AFTER = "kill after"  # a write is cut short


@dataclass
class Entry:
    """A change of a folder's entries that a power cut may undo."""

    folder: Path
    undo: Callable[[Files], None]


@dataclass
class FaultyDisk(Disk):
    """A disk for one process.

    Args:
        root: the folder all files are below.
        life: the process that writes.
        faults: what happens at the n-th primitive.
        chance: how much of a torn write is there.
    """

    root: Path
    life: Life = field(default_factory=Life)
    faults: Mapping[int, DiskFault] = field(default_factory=dict)
    chance: random.Random = field(default_factory=lambda: random.Random(0))
    count: int = 0
    full: bool = False
    hit: bool = False
    names: dict[int, Path] = field(default_factory=dict)
    synced: dict[Path, int] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    fsyncs: bool = True

    def make_folder(self, path: Path) -> None:
        self._step(lambda: Disk.make_folder(self, path))

    def create(self, path: Path) -> BinaryIO:
        old = path.read_bytes() if path.exists() else None

        def work() -> BinaryIO:
            file = Disk.create(self, path)
            self.synced[path] = 0
            if old is None:
                self.entries.append(Entry(path.parent, lambda files: _forget(files, path)))
            return file

        file = self._step(work)
        self.names[id(file)] = path
        return file

    def append(self, file: BinaryIO, data: bytes) -> None:
        self._step(lambda: Disk.append(self, file, data), lambda part: Disk.append(self, file, data[:part]), len(data))

    def sync(self, file: BinaryIO) -> None:
        def work() -> None:
            if self.fsyncs:
                self.synced[self.names[id(file)]] = os.fstat(file.fileno()).st_size

        self._step(work)

    def cut(self, file: BinaryIO, size: int) -> None:
        def work() -> None:
            Disk.cut(self, file, size)
            path = self.names[id(file)]
            self.synced[path] = min(self.synced[path], size)

        self._step(work)

    def sync_folder(self, path: Path) -> None:
        def work() -> None:
            self.entries = [entry for entry in self.entries if entry.folder != path]

        self._step(work)

    def rename(self, source: Path, target: Path) -> None:
        old = target.read_bytes() if target.exists() else None

        def undo(files: Files) -> None:
            if (moved := files.pop(target, None)) is not None:
                files[source] = moved
            if old is not None:
                files[target] = old

        def work() -> None:
            Disk.rename(self, source, target)
            self.synced[target] = self.synced.pop(source, target.stat().st_size)
            self.names = {key: target if path == source else path for key, path in self.names.items()}
            self.entries.append(Entry(target.parent, undo))

        self._step(work)

    def link(self, source: Path, target: Path) -> None:
        def work() -> None:
            Disk.link(self, source, target)
            self.synced[target] = self.synced.get(source, 0)
            self.entries.append(Entry(target.parent, lambda files: _forget(files, target)))

        self._step(work)

    def unlink(self, path: Path) -> None:
        old = path.read_bytes() if path.exists() else None

        def work() -> None:
            Disk.unlink(self, path)
            self.synced.pop(path, None)
            if old is not None:
                self.entries.append(Entry(path.parent, lambda files: files.__setitem__(path, old)))

        self._step(work)

    def after_power_cut(self, chance: random.Random | None = None) -> Files:
        """Return the files as they may be after a power cut: what was not synced is lost, all of it or by chance."""
        files = {path: path.read_bytes() for path in self.root.rglob("*") if path.is_file()}
        for path, size in self.synced.items():
            if path in files:
                written = len(files[path])
                kept = (
                    size if chance is None else chance.choice((size, written, chance.randint(size, max(size, written))))
                )
                files[path] = files[path][:kept]
        folders = {entry.folder for entry in self.entries}
        keep = {it: 0 if chance is None else chance.randint(0, len(self.entries)) for it in sorted(folders)}
        for place, entry in reversed(list(enumerate(self.entries))):
            if place >= keep[entry.folder]:  # what comes later in a folder is lost before what came earlier
                entry.undo(files)
        return files

    def cut_power(self, chance: random.Random) -> None:
        """Leave the folder as a power cut may leave it."""
        files = self.after_power_cut(chance)
        for path in self.root.rglob("*"):
            if path.is_file() and path not in files:
                path.unlink()
        for path, data in files.items():
            path.write_bytes(data)

    def _step(self, work: Callable[[], object], part: Callable[[int], object] | None = None, size: int = 0):
        self.life.check()
        fault = self.faults.get(self.count)
        self.count += 1
        self.hit = self.hit or fault is not None
        if fault is DiskFault.KILL_BEFORE:
            self.life.end()
        if fault in (DiskFault.FULL, DiskFault.FULL_FROM_HERE) or self.full:
            self.full = self.full or fault is DiskFault.FULL_FROM_HERE
            if part is not None:
                part(self.chance.randint(0, size))
            raise OSError(errno.ENOSPC, "No space left on device")
        if fault is DiskFault.KILL_AFTER:
            (lambda: part(self.chance.randint(0, size)) if part else work())()
            self.life.end()
        return work()


def _forget(files: Files, path: Path) -> None:
    files.pop(path, None)

"""All that the state asks of a file system, one small step each, so that a test can make any of them fail."""

import os
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, cast


class Disk:
    """A file system; every change of the state's files is one of these calls."""

    def make_folder(self, path: Path) -> None:
        """Make a folder and those above it."""
        path.mkdir(parents=True, exist_ok=True)

    def create(self, path: Path) -> BinaryIO:
        """Open a file to write, empty, for its owner alone; nothing is buffered."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
        return cast(BinaryIO, os.fdopen(os.open(path, flags, 0o600), "wb", buffering=0))

    def append(self, file: BinaryIO, data: bytes) -> None:
        """Write at a file's end."""
        view = memoryview(data)
        while view:
            view = view[file.write(view) :]

    def sync(self, file: BinaryIO) -> None:
        """Wait until what was written is on the medium."""
        os.fsync(file.fileno())

    def cut(self, file: BinaryIO, size: int) -> None:
        """Drop what a file has beyond a size in bytes."""
        file.truncate(size)
        file.seek(size)

    def sync_folder(self, path: Path) -> None:
        """Wait until a folder's entries are on the medium."""
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def rename(self, source: Path, target: Path) -> None:
        """Give a file another's name and place, at once."""
        source.replace(target)

    def link(self, source: Path, target: Path) -> None:
        """Give a file a second name; one that is taken is an error."""
        target.hardlink_to(source)

    def unlink(self, path: Path) -> None:
        """Remove a file, if it is there."""
        path.unlink(missing_ok=True)


def write(disk: Disk, path: Path, data: bytes) -> None:
    """Write a file so that at every moment there is the old one or the new one, whole.

    Raises:
        OSError: it could not be written; the old one is as it was.
    """
    temporary = path.with_name(f"{path.name}.tmp")
    try:
        with disk.create(temporary) as file:
            disk.append(file, data)
            disk.sync(file)
        disk.rename(temporary, path)
    except OSError:
        _tidy(disk, temporary)
        raise
    disk.sync_folder(path.parent)


def write_once(disk: Disk, path: Path, data: bytes) -> None:
    """Write a file that must not be there yet; of two who try at once the first has written it.

    Raises:
        OSError: it could not be written.
    """
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with disk.create(temporary) as file:
            disk.append(file, data)
            disk.sync(file)
        with suppress(FileExistsError):
            disk.link(temporary, path)
    finally:
        _tidy(disk, temporary)
    disk.sync_folder(path.parent)


def _tidy(disk: Disk, temporary: Path) -> None:
    try:
        disk.unlink(temporary)
    except OSError:
        return  # the next writer removes it

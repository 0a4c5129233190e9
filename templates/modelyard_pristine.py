"""What the templates gave, kept in the repository: an update compares with it what was changed by hand since.

It lies in one small file that is committed, so that it is there in every clone, offline, and after the templates of that
version are gone. It is compressed, so that no tool takes it for code; it is never unpacked to a disk.
"""

import gzip
import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

FILE = ".template-base"
EXECUTABLE = 0o755
_PLAIN = 0o644
_LARGEST_BYTES = 64 * 1024 * 1024

# Files by their paths, each with its permissions and its content.
Files = dict[str, tuple[int, bytes]]


def read_folder(folder: Path) -> Files:
    """Return all files of a folder that was just made."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file() and path != folder / FILE)
    return {it.relative_to(folder).as_posix(): (_mode(it.stat().st_mode), it.read_bytes()) for it in found}


def keep(folder: Path) -> None:
    """Put a copy of all files of a folder that was just made into one more file of it."""
    (folder / FILE).write_bytes(packed(read_folder(folder)))


def packed(files: Mapping[str, tuple[int, bytes]]) -> bytes:
    """Return files as one archive; of the same files it is the same bytes, whoever makes it and when."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path, (mode, content) in sorted(files.items()):
            member = tarfile.TarInfo(path)
            member.mode, member.size = mode, len(content)
            archive.addfile(member, io.BytesIO(content))
    return gzip.compress(plain.getvalue(), mtime=0)


def unpacked(content: bytes) -> Files:
    """Return the files of an archive.

    Raises:
        ValueError: it is damaged, or holds what a repository's own archive never does.
    """
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as stream:
            plain = stream.read(_LARGEST_BYTES + 1)
        if len(plain) > _LARGEST_BYTES:
            raise ValueError(f"it unpacks to more than {_LARGEST_BYTES // 2**20} MiB")
        with tarfile.open(fileobj=io.BytesIO(plain), mode="r:") as archive:
            return dict(_member(archive, it) for it in archive.getmembers())
    except (OSError, EOFError, tarfile.TarError) as error:
        raise ValueError(str(error)) from error


def _member(archive: tarfile.TarFile, member: tarfile.TarInfo) -> tuple[str, tuple[int, bytes]]:
    stream = archive.extractfile(member) if member.isreg() else None
    parts = member.name.split("/")
    if stream is None or {"", ".", ".."} & set(parts) or parts[0] == ".git":
        raise ValueError(f"it holds {member.name!r}")
    return member.name, (_mode(member.mode), stream.read())


def _mode(mode: int) -> int:
    return EXECUTABLE if mode & 0o100 else _PLAIN

"""A repository's source code as one archive whose bytes depend on the code alone."""

import base64
import gzip
import hashlib
import io
import tarfile
from dataclasses import dataclass
from pathlib import Path

_SKIPPED = frozenset({"__pycache__"})


@dataclass(frozen=True)
class SourceArchive:
    """A `sourcedir.tar.gz` as SageMaker's script mode takes it.

    Args:
        content: the archive.
        digest: hexadecimal digest of the files' names and contents.
    """

    content: bytes
    digest: str

    @property
    def base64(self) -> str:
        """The archive as text, as resources take it."""
        return base64.b64encode(self.content).decode()


def pack(folder: Path) -> SourceArchive:
    """Pack a folder's files, in order of their names, without times, owners and modes.

    Args:
        folder: the folder whose content becomes the archive's root.

    Raises:
        FileNotFoundError: there is no such folder.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"there is no folder {folder}")
    digest, buffer = hashlib.sha256(), io.BytesIO()
    with (
        gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for path in _files(folder):
            name, content = path.relative_to(folder).as_posix(), path.read_bytes()
            digest.update(f"{name}\0{hashlib.sha256(content).hexdigest()}\n".encode())
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o644
            archive.addfile(member, io.BytesIO(content))
    return SourceArchive(buffer.getvalue(), digest.hexdigest()[:16])


def _files(folder: Path) -> list[Path]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in found if not _SKIPPED & set(path.parts) and path.suffix != ".pyc")

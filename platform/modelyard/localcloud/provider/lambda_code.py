"""A function's code: an archive of a program as the bytes of a zip file, the same for the same content."""

import io
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from modelyard.localcloud.provider.errors import ProviderError

_TIME = (1980, 1, 1, 0, 0, 0)
_MODE = 0o644 << 16


def zipped(archive: Any) -> bytes:
    """Return an archive as a zip file.

    Args:
        archive: `{"assets": {name: asset or archive}}` or `{"path": a zip file or a folder}`, as Pulumi sends it.

    Raises:
        ProviderError: it is neither.
    """
    path = Path(archive["path"]) if isinstance(archive, Mapping) and archive.get("path") else None
    if path is not None and path.is_file():
        return path.read_bytes()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in sorted(_files(archive)):
            entry = zipfile.ZipInfo(name, _TIME)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, _MODE
            made.writestr(entry, content)
    return buffer.getvalue()


def _files(archive: Any, prefix: str = "") -> Iterator[tuple[str, bytes]]:
    if isinstance(archive, Mapping) and isinstance(archive.get("assets"), Mapping):
        for name, part in archive["assets"].items():
            yield from _part(part, f"{prefix}{name}")
    elif isinstance(archive, Mapping) and archive.get("path"):
        root = Path(archive["path"])
        for path in root.rglob("*"):
            if path.is_file():
                yield f"{prefix}{path.relative_to(root).as_posix()}", path.read_bytes()
    else:
        raise ProviderError(
            f"the code{f' at {prefix}' if prefix else ''} is no archive of files and texts",
            hint="use pulumi.AssetArchive with pulumi.StringAsset and pulumi.FileAsset, or pulumi.FileArchive",
        )


def _part(part: Any, name: str) -> Iterator[tuple[str, bytes]]:
    if isinstance(part, Mapping) and "text" in part:
        yield name, str(part["text"]).encode()
    elif isinstance(part, Mapping) and part.get("path") and Path(part["path"]).is_file():
        yield name, Path(part["path"]).read_bytes()
    else:
        yield from _files(part, f"{name}/")

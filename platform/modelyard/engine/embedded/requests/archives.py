"""What is in an archive, and its hash: that of a tape archive of its files, written as Pulumi's engine writes it.

Source: `sdk/go/common/resource/archive` of Pulumi, and `archive/tar` of Go for the bytes of headers.
"""

import hashlib
import io
import os
import posixpath
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from modelyard import wire
from modelyard.errors import DeploymentError

_BOOKKEEPING = ".pulumi"
_SUFFIXES = (".tar", ".tgz", ".tar.gz", ".zip", ".jar")
_BLOCK, _NAME, _PREFIX = 512, 100, 155

Entry = tuple[str, bytes]


def digest(archive: Mapping[str, Any], folder: Path) -> str:
    """Return an archive's hash.

    Args:
        archive: the archive, as it is on the wire.
        folder: what relative paths start from.

    Raises:
        DeploymentError: something in it can't be read.
    """
    source = _source(archive, folder)
    if source is not None and source.name.endswith(_SUFFIXES):
        return hashlib.sha256(_read(source)).hexdigest()
    hasher, seen = hashlib.sha256(), set[str]()
    for name, data in _entries(archive, folder):
        if name not in seen:
            seen.add(name)
            hasher.update(_header(name, len(data)) + data + bytes(-len(data) % _BLOCK))
    hasher.update(bytes(2 * _BLOCK))
    return hasher.hexdigest()


def content(asset: Mapping[str, Any], folder: Path) -> bytes:
    """Return an asset's bytes.

    Raises:
        DeploymentError: they can't be read.
    """
    source = _source(asset, folder)
    return str(asset.get("text") or "").encode() if source is None else _read(source)


def _source(part: Mapping[str, Any], folder: Path) -> Path | None:
    """Return the file or folder that an asset or archive names, if it does."""
    if part.get("path"):
        return folder / str(part["path"])
    if not part.get("uri"):
        return None
    address = urlsplit(str(part["uri"]))
    if address.scheme != "file":
        raise DeploymentError(
            f"{part['uri']} is not on this machine",
            hint="load it down first and name the file, as in pulumi.FileAsset or pulumi.FileArchive",
        )
    return Path(url2pathname(address.path))


def _entries(archive: Mapping[str, Any], folder: Path) -> Iterator[Entry]:
    source = _source(archive, folder)
    if source is None:
        yield from _of_assets(archive.get("assets") or {}, folder)
    elif source.name.endswith((".zip", ".jar")):
        yield from _of_zip(source)
    elif source.name.endswith(_SUFFIXES):
        yield from _of_tar(source)
    elif source.is_dir():
        yield from _of_folder(source)
    else:
        known = ", ".join(_SUFFIXES)
        raise DeploymentError(f"the archive {source} is neither a folder nor a file of a known kind ({known})")


def _of_assets(assets: Mapping[str, Any], folder: Path) -> Iterator[Entry]:
    for name in sorted(assets, key=str.encode):
        part = assets[name]
        if part.get(wire.SIGNATURE_KEY) == wire.ARCHIVE_SIGNATURE:
            yield from (
                (posixpath.normpath(posixpath.join(name, inner)), data) for inner, data in _entries(part, folder)
            )
        else:
            yield name, content(part, folder)


def _of_folder(root: Path) -> Iterator[Entry]:
    """Walk a folder in the order of names, following links to files alone."""
    if root.is_symlink():
        return
    yield from ((file.relative_to(root).as_posix(), _read(file)) for file in _walk(root))


def _walk(folder: Path) -> Iterator[Path]:
    for item in sorted(folder.iterdir(), key=lambda it: os.fsencode(it.name)):
        if item.name == _BOOKKEEPING:
            continue
        if item.is_dir() and not item.is_symlink():
            yield from _walk(item)
        elif not item.is_dir():
            yield item


def _of_zip(path: Path) -> Iterator[Entry]:
    try:
        with zipfile.ZipFile(io.BytesIO(_read(path))) as archive:
            for item in archive.infolist():
                if not item.is_dir():
                    yield posixpath.normpath(item.filename), archive.read(item)
    except zipfile.BadZipFile as error:
        raise DeploymentError(f"the archive {path} can't be read: {error}") from error


def _of_tar(path: Path) -> Iterator[Entry]:
    try:
        with tarfile.open(fileobj=io.BytesIO(_read(path))) as archive:
            for item in archive:
                if file := archive.extractfile(item) if item.isreg() else None:
                    yield posixpath.normpath(item.name), file.read()
    except tarfile.TarError as error:
        raise DeploymentError(f"the archive {path} can't be read: {error}") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DeploymentError(f"the asset {path} can't be read: {error.strerror}") from error


def _header(name: str, size: int) -> bytes:
    """Write a file's header, and before it a longer name's own entry where the header has no place for it."""
    raw = name.encode()
    if raw.isascii() and len(raw) <= _NAME:
        return _block(raw, size, b"0")
    if split := _split(raw):
        return _block(split[1], size, b"0", prefix=split[0])
    record = _record(b"path=" + raw)
    folder, _, last = raw.rpartition(b"/")
    label = posixpath.normpath(posixpath.join(folder, b"PaxHeaders.0", last))
    note = _block(_shortened(label).rstrip(b"/"), len(record), b"x", mode=0, devices=False)
    padded = record + bytes(-len(record) % _BLOCK)
    cut = len(_shortened(raw, len(raw))) > _NAME
    return note + padded + _block(_shortened(raw).rstrip(b"/") if cut else _shortened(raw), size, b"0")


def _split(name: bytes) -> tuple[bytes, bytes] | None:
    """Split a long name at a slash into what goes before and what the name's own field can hold."""
    if not name.isascii():
        return None
    head = name[: _PREFIX + 1] if len(name) > _PREFIX + 1 else name
    place = head.rfind(b"/")
    rest = name[place + 1 :]
    return (name[:place], rest) if place > 0 and 0 < len(rest) <= _NAME else None


def _shortened(name: bytes, width: int = _NAME) -> bytes:
    return bytes(byte for byte in name if 0 < byte < 128)[:width]


def _record(text: bytes) -> bytes:
    """Write a record with its own length, in bytes, in front."""
    length = len(text) + 2
    while len(str(length)) + len(text) + 2 != length:
        length = len(str(length)) + len(text) + 2
    return str(length).encode() + b" " + text + b"\n"


def _block(
    name: bytes, size: int, kind: bytes, *, prefix: bytes = b"", mode: int = 0o600, devices: bool = True
) -> bytes:
    device = _octal(0, 8) if devices else bytes(8)
    head = name.ljust(_NAME, b"\0") + _octal(mode, 8) + _octal(0, 8) + _octal(0, 8) + _octal(size, 12) + _octal(0, 12)
    tail = kind + bytes(_NAME) + b"ustar\x0000" + bytes(64) + device + device + prefix.ljust(_PREFIX, b"\0") + bytes(12)
    checksum = sum(head + b" " * 8 + tail)
    return head + _octal(checksum, 7) + b" " + tail


def _octal(number: int, width: int) -> bytes:
    return f"{number:0{width - 1}o}".encode() + b"\0"

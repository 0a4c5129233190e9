"""Hashes of assets and archives, so that a changed content is a changed input."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from modelyard import wire
from modelyard.errors import DeploymentError


def with_hashes(props: Mapping[str, Any], folder: Path) -> wire.Props:
    """Return the properties with a `hash` in each asset and archive.

    Args:
        props: properties as they come off the wire.
        folder: what relative paths start from.

    Raises:
        DeploymentError: a file isn't there, or the content is at an address elsewhere.
    """
    hashed = wire.walk(dict(props), lambda part: _hashed(part, folder))
    return dict(hashed)


def _hashed(part: Any, folder: Path) -> Any:
    signature = part.get(wire.SIGNATURE_KEY) if isinstance(part, dict) else None
    if signature == wire.ASSET_SIGNATURE:
        return {**part, "hash": hashlib.sha256(_content(part, folder)).hexdigest()}
    if signature == wire.ARCHIVE_SIGNATURE:
        return {**part, "hash": _archive_hash(part, folder)}
    return part


def _content(asset: Mapping[str, Any], folder: Path) -> bytes:
    if asset.get("text"):
        return str(asset["text"]).encode()
    if asset.get("path"):
        return _read(folder / asset["path"])
    if asset.get("uri"):
        raise DeploymentError(f"the asset {asset['uri']} is not on this machine", hint="use a file or a text instead")
    return b""


def _archive_hash(archive: Mapping[str, Any], folder: Path) -> str:
    digest = hashlib.sha256()
    if archive.get("path"):
        root = folder / archive["path"]
        files = sorted(item for item in root.rglob("*") if item.is_file()) if root.is_dir() else [root]
        for file in files:
            digest.update(f"{file.relative_to(root)}\0{hashlib.sha256(_read(file)).hexdigest()}\n".encode())
    for name, item in sorted((archive.get("assets") or {}).items()):
        digest.update(f"{name}\0{item.get('hash', '')}\n".encode())
    return digest.hexdigest()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DeploymentError(f"the asset {path} can't be read: {error.strerror}") from error

"""Hashes of assets and archives, so that a changed content is a changed input; they are those of Pulumi, byte by byte.

Source: `sdk/go/common/resource/asset` of Pulumi.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from modelyard import wire
from modelyard.engine.embedded.requests import archives


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
    if signature not in (wire.ASSET_SIGNATURE, wire.ARCHIVE_SIGNATURE) or part.get("hash") or wire.has_unknown(part):
        return part
    if signature == wire.ASSET_SIGNATURE:
        return {**part, "hash": hashlib.sha256(archives.content(part, folder)).hexdigest()}
    return {**part, "hash": archives.digest(part, folder)}

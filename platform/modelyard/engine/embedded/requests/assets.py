"""Hashes of assets and archives, so that a changed content is a changed input; they are those of Pulumi, byte by byte.

Sources: `sdk/go/common/resource/asset` and `pkg/resource/plugin/provider_plugin.go` of Pulumi.
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
    hashed = wire.walk_signed(dict(props), lambda part: _hashed(part, folder))
    return dict(hashed)


def without_contents(props: Mapping[str, Any]) -> wire.Props:
    """Leave only the hash of assets and archives, which is all that a provider is told of those it had before."""
    return dict(wire.walk_signed(dict(props), lambda part: _bare(part) if _signature(part) else part))


def with_contents(known: Mapping[str, Any], props: Mapping[str, Any]) -> wire.Props:
    """Give assets and archives of which a provider returned the hash alone the contents that were known before."""
    contents: dict[str, Any] = {}

    def note(part: wire.Props) -> Any:
        if _signature(part):
            contents[part.get("hash", "")] = part
        return part

    def restored(part: wire.Props) -> Any:
        return contents.get(part.get("hash", ""), part) if _signature(part) and part == _bare(part) else part

    wire.walk_signed(dict(known), note)
    return dict(wire.walk_signed(dict(props), restored)) if contents else dict(props)


def _bare(part: Mapping[str, Any]) -> wire.Props:
    return {key: value for key, value in part.items() if key in (wire.SIGNATURE_KEY, "hash")}


def _signature(part: wire.Props) -> str | None:
    """Return the signature of an asset or archive, none of anything else."""
    found = part[wire.SIGNATURE_KEY]
    return found if found in (wire.ASSET_SIGNATURE, wire.ARCHIVE_SIGNATURE) else None


def _hashed(part: wire.Props, folder: Path) -> Any:
    signature = _signature(part)
    if not signature or part.get("hash") or wire.has_unknown(part):
        return part
    if signature == wire.ASSET_SIGNATURE:
        return {**part, "hash": hashlib.sha256(archives.content(part, folder)).hexdigest()}
    return {**part, "hash": archives.digest(part, folder)}

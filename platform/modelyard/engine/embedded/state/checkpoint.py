"""The file that holds a stack's state between deployments: Pulumi's versioned checkpoint, sealed by a checksum.

The seal is a key of ours beside Pulumi's own, `modelyard`: a serial number, and a digest of all that stands before it.
The Pulumi CLI leaves it out when it writes the file; such a file is taken as it is. Source: Pulumi's
`apitype.VersionedCheckpoint` and `pkg/resource/stack`.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import modelyard

_VERSION, _VERSION_WITH_FEATURES = 3, 4
# What a resource must not have for an engine to read it that only knows version 3, and the feature's name.
_FEATURES = {
    "refreshBeforeUpdate": "refreshBeforeUpdate",
    "viewOf": "views",
    "resourceHooks": "hooks",
    "taint": "taint",
    "replaceWith": "replaceWith",
    "extensionRef": "extensionParameterization",
}
_OTHER_FEATURES = {"byteString", "snippets-prototype"}
_KEYS = {"version", "features", "checkpoint", "modelyard"}
_SEAL = b',\n"modelyard":'


class DamageError(Exception):
    """A file is not the state of the stack that it should be; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """What a checkpoint file holds.

    Args:
        latest: the deployment, as `apitype.DeploymentV3`.
        serial: how often the file had been written; 0 when the Pulumi CLI wrote it last.
        digest: of the whole file; empty when there is none.
    """

    latest: Mapping[str, Any] = field(default_factory=dict)
    serial: int = 0
    digest: str = ""


def load(data: bytes, project: str, stack: str) -> Checkpoint:
    """Read a checkpoint file.

    Raises:
        DamageError: it is not one, or another stack's, or not as it was written.
    """
    try:
        document = json.loads(data)
    except ValueError as error:
        raise DamageError(str(error)) from error
    if not isinstance(document, dict) or not isinstance(document.get("checkpoint"), dict):
        raise DamageError("it holds no checkpoint")
    lineage = str(document["checkpoint"].get("stack", ""))
    if lineage.split("/")[-2:] not in ([project, stack], [stack], [""]):
        raise DamageError(f"it is that of the stack {lineage}")
    check_version(document)
    serial = _unsealed(data, document)
    latest = document["checkpoint"].get("latest")
    latest = {} if latest is None else latest
    if not isinstance(latest, dict):
        raise DamageError("its checkpoint is no object")
    return Checkpoint(latest=latest, serial=serial, digest=digest(data))


def digest(data: bytes) -> str:
    """Return the digest that a journal names its checkpoint by."""
    return hashlib.sha256(data).hexdigest()


def sealed_serial(data: bytes) -> int:
    """Read a file's serial number without reading the rest; 0 where there is no seal, or not the right one."""
    body, _, seal = data.rpartition(_SEAL)
    try:
        return _serial(json.loads(seal.rstrip()[:-1]), body)
    except (ValueError, DamageError):
        return 0


def without_seal(data: bytes) -> bytes:
    """Return a file as the Pulumi CLI would have written it: without its seal."""
    body, mark, _ = data.rpartition(_SEAL)
    return body + b"}" if mark else data


def check_version(document: Mapping[str, Any]) -> None:
    """Check that this engine knows all that a checkpoint or an exported deployment may hold.

    Raises:
        DamageError: it has a newer version, or features that this engine doesn't know.
    """
    version = document.get("version")
    if version not in (_VERSION, _VERSION_WITH_FEATURES):
        raise DamageError(f"its version is {version}, this engine reads {_VERSION} and {_VERSION_WITH_FEATURES}")
    unknown = set(document.get("features") or ()) - {*_FEATURES.values(), *_OTHER_FEATURES}
    if unknown:
        raise DamageError(f"it needs features that this engine does not have: {', '.join(sorted(map(str, unknown)))}")


def dump(latest: Mapping[str, Any], project: str, stack: str, serial: int) -> bytes:
    """Write a checkpoint file: one line for each resource, and the seal as the last."""
    head = {**versioned(latest), "checkpoint": {"stack": f"organization/{project}/{stack}"}}
    parts = [json.dumps(head, separators=(",", ":"))[:-2], ',"latest":{']
    parts.append(",\n".join(f"{json.dumps(key)}:{_lines(key, value)}" for key, value in latest.items()))
    body = "".join([*parts, "}}"]).encode()
    seal = {"serial": serial, "sha256": _digest(body, serial)}
    return body + _SEAL + json.dumps(seal).encode() + b"}\n"


def versioned(latest: Mapping[str, Any]) -> dict[str, Any]:
    """Return the version that a deployment has to be written as, and its features where it has some."""
    operations = latest.get("pending_operations") or []
    features = _features([*(latest.get("resources") or []), *(item["resource"] for item in operations)])
    if latest.get("snippets"):
        features.add("snippets-prototype")
    if features:
        return {"version": _VERSION_WITH_FEATURES, "features": sorted(features)}
    return {"version": _VERSION}


def manifest() -> dict[str, str]:
    """Say when and by what a deployment was written; the magic number is Pulumi's own check of the version."""
    magic = hashlib.sha256(modelyard.__version__.encode()).hexdigest()
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return {"time": now, "magic": magic, "version": modelyard.__version__}


def _features(resources: Iterable[Mapping[str, Any]]) -> set[str]:
    return {feature for item in resources for key, feature in _FEATURES.items() if item.get(key)}


def _lines(key: str, value: Any) -> str:
    if key != "resources" or not value:
        return json.dumps(value, separators=(",", ":"))
    return "[\n" + ",\n".join(json.dumps(item, separators=(",", ":")) for item in value) + "\n]"


def _digest(body: bytes, serial: int) -> str:
    return hashlib.sha256(body + str(serial).encode()).hexdigest()


def _unsealed(data: bytes, document: Mapping[str, Any]) -> int:
    if unknown := document.keys() - _KEYS:
        raise DamageError(f"it has a key {min(unknown)!r} that nobody writes")
    if "modelyard" not in document:
        return 0
    return _serial(document["modelyard"], data.rpartition(_SEAL)[0])


def _serial(seal: Any, body: bytes) -> int:
    serial = seal.get("serial") if isinstance(seal, dict) else None
    if not isinstance(serial, int) or seal.get("sha256") != _digest(body, serial):
        raise DamageError("its checksum is wrong: it has been changed since it was written")
    return serial

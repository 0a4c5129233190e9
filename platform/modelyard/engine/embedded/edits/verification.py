"""What may be wrong with a state: order, references, identities.

Source: `Snapshot.VerifyIntegrity` in `pkg/resource/deploy/snapshot.go` of Pulumi.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from modelyard.engine.embedded.edits.documents import (
    Item,
    is_provider,
    name_of,
    operations,
    provider_reference,
    references,
    resources,
)

_WORDS = {
    "parent": "has the parent",
    "deletedWith": "goes with",
    "viewOf": "is a view of",
    "dependencies": "depends on",
    "replaceWith": "is replaced with",
    "propertyDependencies": "has a property that depends on",
}
_URN_PARTS = 4


def problems(latest: Mapping[str, Any]) -> list[str]:
    """List what is wrong with a deployment; nothing is when the list is empty.

    Args:
        latest: the deployment, as `apitype.DeploymentV3`.
    """
    listed = latest.get("resources") or []
    if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
        return ["its resources are no list of objects"]
    found = [*_manifest(latest), *_shapes(listed)]
    if found:
        return found
    pending = [f"a pending operation is not what it should be: {it}" for it in operations(latest) if _malformed(it)]
    return [*pending, *_order(listed), *_duplicates(listed)]


def foreign(latest: Mapping[str, Any], project: str, stack: str) -> list[str]:
    """List the URNs of a deployment that are another stack's."""
    prefix = f"urn:pulumi:{stack}::{project}::"
    return [item["urn"] for item in resources(latest) if not str(item["urn"]).startswith(prefix)]


def _manifest(latest: Mapping[str, Any]) -> Iterator[str]:
    manifest = latest.get("manifest")
    if not isinstance(manifest, dict):
        if latest:
            yield "it has no manifest"
        return
    version = str(manifest.get("version") or "")
    magic = hashlib.sha256(version.encode()).hexdigest() if version else ""
    if manifest.get("magic", "") != magic:
        yield "the magic number of its manifest is not that of its version"


def _shapes(listed: list[Item]) -> Iterator[str]:
    for index, item in enumerate(listed):
        urn = item.get("urn")
        if not isinstance(urn, str) or not urn.startswith("urn:") or len(urn.split("::", 3)) != _URN_PARTS:
            yield f"resource {index} has no valid urn: {urn!r}"
        elif not isinstance(item.get("type"), str) or not isinstance(item.get("custom"), bool):
            yield f"{urn} does not say its type, or whether it is a custom resource"
        elif not item["custom"] and item.get("id"):
            yield f"{urn} is a component and has an id"
        elif is_provider(item) and not item.get("id"):
            yield f"{urn} is a provider and has no id"
        elif item["custom"] and not item.get("id") and not item.get("pendingReplacement"):
            yield f"{urn} has no id"


def _malformed(operation: Any) -> bool:
    return not isinstance(operation, dict) or "type" not in operation or "urn" not in (operation.get("resource") or {})


def _order(listed: list[Item]) -> Iterator[str]:
    everything = {item["urn"] for item in listed}
    seen: set[str] = set()
    providers: set[str] = set()
    for item in listed:
        if is_provider(item):
            providers.add(provider_reference(item))
        wanted = item.get("provider")
        if wanted and wanted not in providers and not item.get("pendingReplacement"):
            yield f"{item['urn']} is managed by the provider {wanted}, which does not come before it"
        for reference in references(item):
            if reference.urn not in seen:
                where = "comes after it" if reference.urn in everything - {item["urn"]} else "is not there"
                yield f"{item['urn']} {_WORDS[reference.field]} {reference.urn}, which {where}"
        seen.add(item["urn"])


def _duplicates(listed: list[Item]) -> Iterator[str]:
    live = Counter(item["urn"] for item in listed if not item.get("delete"))
    for urn, number in live.items():
        if number > 1:
            yield f"{urn} is there {number} times"


def title(item: Mapping[str, Any]) -> str:
    """Name a resource as a person would."""
    identity = f", id {item['id']}" if item.get("id") else ""
    return f"{name_of(item)} ({item['type']}{identity})"

"""A stack's state as the JSON document that it is stored as: what refers to what, and how to change it without loss.

State is edited in this form, so that what this engine has no use for stays as it was. Source: Pulumi's
`apitype.DeploymentV3` and `apitype.ResourceV3`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from modelyard import wire
from modelyard.engine.embedded.state.resource import PROVIDER_PREFIX, Crypter, decrypt, encrypt, split_provider

Item = dict[str, Any]
"""One resource, as `apitype.ResourceV3`."""
Latest = dict[str, Any]
"""A deployment, as `apitype.DeploymentV3`."""

_SECRETIVE = ("inputs", "outputs", "replacementTrigger")
_SINGLE = {"parent": "parent", "deletedWith": "deleted with", "viewOf": "a view of"}
_LISTS = {"dependencies": "depends on", "replaceWith": "replaced with"}


@dataclass(frozen=True)
class Reference:
    """That a resource needs another.

    Args:
        field: where it says so: a field of `apitype.ResourceV3`.
        urn: the other.
        key: the property, in `propertyDependencies`.
    """

    field: str
    urn: str
    key: str = ""


def resources(latest: Mapping[str, Any]) -> list[Item]:
    """List a deployment's resources."""
    return list(latest.get("resources") or [])


def operations(latest: Mapping[str, Any]) -> list[dict[str, Any]]:
    """List the calls that a deployment began and never ended."""
    return list(latest.get("pending_operations") or [])


def name_of(item: Mapping[str, Any]) -> str:
    """Return the name at the end of a resource's URN."""
    return str(item["urn"]).split("::", 3)[-1]


def is_provider(item: Mapping[str, Any]) -> bool:
    """Tell whether it is a provider resource."""
    return str(item["type"]).startswith(PROVIDER_PREFIX)


def provider_reference(item: Mapping[str, Any]) -> str:
    """Return how others refer to a provider resource."""
    return f"{item['urn']}::{item.get('id', '')}"


def references(item: Mapping[str, Any]) -> Iterator[Reference]:
    """List all that a resource refers to, but for its provider."""
    for field in _SINGLE:
        if item.get(field):
            yield Reference(field, item[field])
    for field in _LISTS:
        for urn in item.get(field) or ():
            yield Reference(field, urn)
    for key, urns in (item.get("propertyDependencies") or {}).items():
        for urn in urns or ():
            yield Reference("propertyDependencies", urn, key)


def needs(item: Mapping[str, Any]) -> set[str]:
    """Return the URNs that have to exist as long as a resource does, its provider's among them."""
    found = {reference.urn for reference in references(item)} | {split_provider(item.get("provider") or "")[0]}
    return found - {"", item["urn"]}


def rewritten(item: Mapping[str, Any], change: Callable[[str], str]) -> Item:
    """Return a resource with each URN in it changed: its own, and those it refers to.

    Args:
        item: the resource.
        change: returns the new URN for one.
    """
    made = dict(item)
    for field in ("urn", *filter(item.get, _SINGLE)):
        made[field] = change(item[field])
    for field in filter(item.get, (*_LISTS, "aliases")):
        made[field] = [change(urn) for urn in item[field]]
    if item.get("propertyDependencies"):
        made["propertyDependencies"] = {
            key: [change(urn) for urn in urns or ()] for key, urns in item["propertyDependencies"].items()
        }
    if item.get("provider"):
        urn, provider_id = split_provider(item["provider"])
        made["provider"] = f"{change(urn)}::{provider_id}"
    for field in _SECRETIVE:
        if field in item:
            made[field] = wire.walk(item[field], lambda part: _referring(part, change))
    return made


def without(item: Mapping[str, Any], gone: Callable[[str], bool]) -> tuple[Item, list[Reference]]:
    """Return a resource without its references to some others, and those that were dropped.

    Args:
        item: the resource.
        gone: tells which URNs are no longer there.
    """
    dropped = [reference for reference in references(item) if gone(reference.urn)]
    made = dict(item)
    for field in _SINGLE:
        if item.get(field) and gone(item[field]):
            del made[field]
    for field in _LISTS:
        if item.get(field):
            made[field] = [urn for urn in item[field] if not gone(urn)]
    if item.get("propertyDependencies"):
        made["propertyDependencies"] = {
            key: [urn for urn in urns or () if not gone(urn)] for key, urns in item["propertyDependencies"].items()
        }
    return made, dropped


def recrypted(item: Mapping[str, Any], old: Crypter, new: Crypter) -> Item:
    """Return a resource whose secrets are encrypted by another key."""
    made = dict(item)
    for field in _SECRETIVE:
        if field in item:
            made[field] = encrypt(decrypt(item[field], old), new)
    return made


def has_secrets(latest: Mapping[str, Any]) -> bool:
    """Tell whether any property of any resource is a secret."""
    return any(map(_secret, ciphertexts(latest)))


def ciphertexts(latest: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """List the signed objects of a deployment that stand for a secret."""
    for item in (*resources(latest), *(it["resource"] for it in operations(latest))):
        for field in _SECRETIVE:
            yield from filter(_secret, _objects(item.get(field)))


def _secret(part: Mapping[str, Any]) -> bool:
    return part.get(wire.SIGNATURE_KEY) == wire.SECRET_SIGNATURE


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from _objects(part)


def _referring(part: Any, change: Callable[[str], str]) -> Any:
    if isinstance(part, dict) and part.get(wire.SIGNATURE_KEY) == wire.RESOURCE_SIGNATURE and part.get("urn"):
        return {**part, "urn": change(part["urn"])}
    return part

"""Edits of a stack's state, each from one document to another; what can't be done safely is refused.

Source: `pkg/resource/edit` and `pkg/cmd/pulumi/state` of Pulumi.
"""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from modelyard.engine.embedded.edits.documents import Item, Latest, needs, operations, resources, rewritten
from modelyard.engine.embedded.edits.verification import title
from modelyard.engine.embedded.state.resource import ROOT_TYPE
from modelyard.errors import StateError, UsageError

_CANDIDATES = 8


def resolve(latest: Mapping[str, Any], wanted: str) -> str:
    """Return the URN of a resource that is named by its URN, its name, or `type::name`.

    Raises:
        UsageError: none is, or several are.
    """
    urns = list(dict.fromkeys(str(item["urn"]) for item in resources(latest)))
    if wanted in urns:
        return wanted
    found = [urn for urn in urns if urn.endswith((f"::{wanted}", f"${wanted}"))]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"{wanted!r} is the name of {len(found)} resources", hint="name one of\n  " + _listed(found))
    names = {urn.split("::", 3)[3]: urn for urn in urns}
    near = [names[name] for name in difflib.get_close_matches(wanted.split("::")[-1], names, n=_CANDIDATES)]
    raise UsageError(f"there is no resource {wanted!r}", hint="there is\n  " + _listed(near or urns))


def delete(
    latest: Mapping[str, Any], urns: Iterable[str], *, dependents: bool, force: bool
) -> tuple[Latest, list[Item]]:
    """Take resources out of a state; the cloud keeps them.

    Args:
        latest: the deployment.
        urns: what goes.
        dependents: whether what needs them goes too.
        force: whether protected ones go too.

    Returns:
        The new state, and what is gone, dependents first.

    Raises:
        StateError: something needs them, they are protected, or a replacement of one is not finished.
    """
    listed = resources(latest)
    wanted = set(urns)
    for urn in sorted(wanted):
        if sum(item["urn"] == urn for item in listed) > 1:
            raise StateError(
                f"{urn} is there more than once: a replacement is not finished", hint="finish it: modelyard up"
            )
    gone, standing = set(wanted), []
    for item in listed:  # dependencies come first, so once through is enough
        if item["urn"] not in gone and needs(item) & gone:
            gone.add(item["urn"])
            standing.append(item)
    if standing and not dependents:
        raise StateError(
            f"{len(standing)} more resources need what is to go: {', '.join(map(title, standing[:_CANDIDATES]))}",
            hint="name them too, or add --target-dependents",
        )
    removed = [item for item in reversed(listed) if item["urn"] in gone]
    guarded = [item for item in removed if item.get("protect")]
    if guarded and not force:
        raise StateError(
            f"protected: {', '.join(map(title, guarded))}",
            hint=f"add --force, or first: modelyard state unprotect '{guarded[0]['urn']}'",
        )
    return _with(latest, [item for item in listed if item["urn"] not in gone]), removed


def unprotect(latest: Mapping[str, Any], urns: Iterable[str] | None) -> tuple[Latest, list[Item]]:
    """Lift the protection of resources.

    Args:
        latest: the deployment.
        urns: which; all of them when it is none.

    Returns:
        The new state, and the resources that had been protected.
    """
    wanted = None if urns is None else set(urns)
    changed: list[Item] = []
    made = []
    for item in resources(latest):
        if item.get("protect") and (wanted is None or item["urn"] in wanted):
            changed.append(item)
            item = {key: value for key, value in item.items() if key != "protect"}
        made.append(item)
    return _with(latest, made), changed


def rename(latest: Mapping[str, Any], urn: str, name: str) -> tuple[Latest, str]:
    """Call a resource by another name, in its own entry and in all that refer to it.

    Returns:
        The new state, and the new URN.

    Raises:
        UsageError: the name can't be one, or is taken.
    """
    if not name.strip() or "\n" in name:
        raise UsageError(f"{name!r} can't be a resource's name", hint="name it as the program is going to")
    new = "::".join([*urn.split("::", 3)[:3], name])
    listed = resources(latest)
    if any(item["urn"] == urn and item["type"] == ROOT_TYPE for item in listed):
        raise UsageError("a stack's root can't be renamed", hint="rename the stack: pulumi stack rename")
    if any(item["urn"] == new for item in listed):
        raise UsageError(f"the name is taken by {new}", hint="choose another one")

    def change(known: str) -> str:
        return new if known == urn else known

    made = _with(latest, [rewritten(item, change) for item in listed])
    pending = [{**it, "resource": rewritten(it["resource"], change)} for it in operations(latest)]
    return made | {"pending_operations": pending}, new


def _with(latest: Mapping[str, Any], listed: list[Item]) -> Latest:
    return {**latest, "resources": listed}


def _listed(urns: list[str]) -> str:
    more = [f"... and {len(urns) - _CANDIDATES} more"] if len(urns) > _CANDIDATES else []
    return "\n  ".join([*urns[:_CANDIDATES], *more]) or "nothing"

"""Moving resources from one stack's state to another's, as `pulumi state move` does.

Two files can't change at once. What is going to be is therefore noted first; the destination's file is the point of no
return, and whoever opens one of the two stacks after a crash finishes the move, or forgets it. Source:
`pkg/cmd/pulumi/state/state_move.go` of Pulumi.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modelyard.engine.embedded.edits import documents
from modelyard.engine.embedded.edits.documents import Item, Latest, is_provider, provider_reference
from modelyard.engine.embedded.edits.editor import known, refuse_invalid
from modelyard.engine.embedded.edits.transfer import salt_of
from modelyard.engine.embedded.state import disk as disks
from modelyard.engine.embedded.state import history
from modelyard.engine.embedded.state.checkpoint import manifest
from modelyard.engine.embedded.state.crypt import PassphraseCrypter
from modelyard.engine.embedded.state.resource import ROOT_TYPE, make_urn, split_provider, urn_name, urn_type
from modelyard.engine.embedded.state.store import StackStore
from modelyard.errors import UsageError


@dataclass(frozen=True, kw_only=True)
class Move:
    """A move, thought out.

    Args:
        source: the state that the resources leave.
        target: the state that they come to.
        moved: for each resource that moves, its old and its new URN.
        broken: references that the move cuts, each as a sentence.
    """

    source: Latest
    target: Latest
    moved: Mapping[str, str]
    broken: tuple[str, ...]


def plan(source: Latest, target: Latest, urns: Iterable[str], place: tuple[str, str], *, parents: bool) -> Move:
    """Work out a move.

    Args:
        source: the state that the resources leave.
        target: the state that they come to; its secrets have the same key as the source's.
        urns: what moves; children move with it.
        place: the destination's project and stack.
        parents: whether the parents move too.

    Raises:
        UsageError: a provider or the root is to move, or the destination has such a resource already.
    """
    listed = documents.resources(source)
    moving = _moving(listed, set(urns), parents=parents)
    arriving, mapping, ids = _arriving(listed, moving, documents.resources(target), place)
    staying = {item["urn"] for item in listed} - moving
    broken: list[str] = []
    kept = [_cut(item, moving, broken) for item in listed if item["urn"] not in moving]
    came = []
    for item in arriving:
        cut = _cut(item, staying - mapping.keys(), broken)
        came.append(_managed(documents.rewritten(cut, lambda urn: mapping.get(urn, urn)), ids))
    roots = [] if documents.resources(target) else [_root(place)]
    return Move(
        source={**source, "resources": kept},
        target={"manifest": manifest(), **target, "resources": [*documents.resources(target), *roots, *came]},
        moved={urn: mapping[urn] for urn in mapping if urn in moving},
        broken=tuple(broken),
    )


def move(source: StackStore, target: StackStore, wanted: Iterable[str], *, parents: bool) -> Move:
    """Move resources from one stack's state to another's.

    Args:
        source: the stack that they leave.
        target: the stack that they come to; it may be new.
        wanted: their URNs.
        parents: whether the parents move too.

    Raises:
        StateError: a stack is locked or damaged, or there is no such source.
        UsageError: the move makes no sense.
    """
    known(source)
    if source.path == target.path:
        raise UsageError("the two stacks are the same", hint="name another one with --to")
    with ExitStack() as locks:
        for store in sorted((source, target), key=lambda it: it.path):
            locks.enter_context(store.locked())
        leaving, coming = source.latest(), target.latest()
        coming, leaving_as = _same_key(source, leaving, target, coming)
        thought = plan(leaving_as, coming, wanted, (target.project, target.stack), parents=parents)
        going = plan(leaving, coming, wanted, (target.project, target.stack), parents=parents).source
        for latest in (thought.target, going):
            refuse_invalid(latest)
        with source.reporting():
            note = _note(source)
            intent = {"source": source.title, "target": target.title, "moved": dict(thought.moved)}
            disks.write(source.disk, note, json.dumps(intent).encode())
            target.replace(thought.target)
            source.replace(going)
            source.disk.unlink(note)
            for store, words in ((source, f"to {target.title}"), (target, f"from {source.title}")):
                history.add(store, history.Entry(verb="import", message=f"state move {words}"))
    return thought


def settle(store: StackStore) -> list[str]:
    """Finish, or forget, a move that a crash cut short and that concerns a stack.

    Returns:
        What was done, each as a sentence.

    Raises:
        StateError: one of its stacks is being changed.
    """
    return [sentence for note in _notes(store) for sentence in _settle(store, note)]


def _settle(store: StackStore, note: Path) -> Iterator[str]:
    intent: dict[str, Any] = json.loads(note.read_bytes())
    source, target = _named(store, intent["source"]), _named(store, intent["target"])
    with ExitStack() as locks:
        for it in sorted((source, target), key=lambda it: it.path):
            locks.enter_context(it.locked())
        arrived = {item["urn"] for item in documents.resources(target.latest())}
        done = set(intent["moved"].values()) <= arrived
        if done:
            left = source.latest()
            kept = [it for it in documents.resources(left) if it["urn"] not in intent["moved"]]
            broken: list[str] = []
            source.replace({**left, "resources": [_cut(it, set(intent["moved"]), broken) for it in kept]})
        store.disk.unlink(note)
    outcome = "was finished" if done else "had not begun and is forgotten"
    yield f"an interrupted move from {source.title} to {target.title} {outcome}"


def _named(store: StackStore, title: str) -> StackStore:
    project, _, stack = title.partition("/")
    return StackStore(store.folder, project, stack, store.disk)


def _notes(store: StackStore) -> list[Path]:
    found = []
    for path in sorted((store.root / "moving").glob("*.json")):
        intent = json.loads(path.read_bytes())
        if store.title in (intent["source"], intent["target"]):
            found.append(path)
    return found


def _note(source: StackStore) -> Path:
    folder = source.root / "moving"
    source.disk.make_folder(folder)
    return folder / f"{source.project}.{source.stack}.json"


def _moving(listed: list[Item], wanted: set[str], *, parents: bool) -> set[str]:
    by_urn = {item["urn"]: item for item in listed}
    for urn in wanted:
        if is_provider(by_urn[urn]):
            raise UsageError("a provider can't be moved", hint="name what it manages; a copy of it goes along")
        if by_urn[urn]["type"] == ROOT_TYPE:
            raise UsageError("a stack's root can't be moved", hint="name the resources below it")
    moving = set(wanted)
    if parents:
        moving |= {above for urn in wanted for above in _above(by_urn, urn)}
    for item in listed:  # parents come first
        if item.get("parent") in moving and not is_provider(item):
            moving.add(item["urn"])
    return moving


def _above(by_urn: Mapping[str, Item], urn: str) -> Iterator[str]:
    """List a resource's parents, but for the root."""
    parent = by_urn[urn].get("parent")
    while parent and by_urn[parent]["type"] != ROOT_TYPE:
        yield parent
        parent = by_urn[parent].get("parent")


def _arriving(
    listed: list[Item], moving: set[str], there: list[Item], place: tuple[str, str]
) -> tuple[list[Item], dict[str, str], dict[str, str]]:
    """Choose what the destination gets, in order, the new URN of each, and the ids of providers that it has already."""
    project, stack = place
    root = next((it["urn"] for it in there if it["type"] == ROOT_TYPE), _root(place)["urn"])
    managing = {item.get("provider") for item in listed if item["urn"] in moving}
    known_urns = {item["urn"]: item for item in there}
    arriving: list[Item] = []
    mapping: dict[str, str] = {}
    ids: dict[str, str] = {}
    for item in listed:
        copied = is_provider(item) and provider_reference(item) in managing
        if item["urn"] not in moving and not copied:
            continue
        parent = item.get("parent") or ""
        under = mapping.get(parent, root) if parent else ""
        new = make_urn(stack, project, under, urn_type(item["urn"]), urn_name(item["urn"]))
        mapping[item["urn"]] = new
        same = known_urns.get(new)
        if same is None:
            arriving.append({**item, "parent": root} if parent and parent not in mapping else item)
        elif copied and (same.get("id") == item.get("id") or same.get("inputs") == item.get("inputs")):
            ids[new] = same["id"]
        else:
            raise UsageError(f"{new} is there already", hint="rename it first: modelyard state rename")
    return arriving, mapping, ids


def _managed(item: Item, ids: Mapping[str, str]) -> Item:
    urn = split_provider(item.get("provider") or "")[0]
    return {**item, "provider": f"{urn}::{ids[urn]}"} if urn in ids else item


def _cut(item: Item, gone: set[str], broken: list[str]) -> Item:
    made, dropped = documents.without(item, lambda urn: urn in gone)
    broken += [f"{item['urn']} no longer refers to {reference.urn} ({reference.field})" for reference in dropped]
    return made


def _root(place: tuple[str, str]) -> Item:
    project, stack = place
    return {"urn": make_urn(stack, project, "", ROOT_TYPE, f"{project}-{stack}"), "custom": False, "type": ROOT_TYPE}


def _same_key(source: StackStore, leaving: Latest, target: StackStore, coming: Latest) -> tuple[Latest, Latest]:
    """Encrypt what leaves by the destination's key."""
    old, new = PassphraseCrypter(source.folder, salt_of(leaving)), PassphraseCrypter(target.folder, salt_of(coming))
    if not documents.has_secrets(leaving) or old.salt == new.salt:
        return coming, leaving
    if not new.salt and not documents.resources(coming):
        return {**coming, "secrets_providers": leaving["secrets_providers"]}, leaving
    made = {**leaving, "resources": [documents.recrypted(item, old, new) for item in documents.resources(leaving)]}
    return {**coming, "secrets_providers": {"type": "passphrase", "state": {"salt": new.salt}}}, made

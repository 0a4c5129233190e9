"""Mending a damaged state: its files, and the order and the references of what they hold.

Nothing is dropped silently: what could not be kept is told, and needs the caller's word. Source: `Snapshot.Repair` in
`pkg/resource/deploy/snapshot.go` of Pulumi.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from modelyard.engine.embedded.edits.documents import (
    Item,
    Latest,
    is_provider,
    operations,
    provider_reference,
    resources,
    without,
)
from modelyard.engine.embedded.edits.documents import needs as needed
from modelyard.engine.embedded.edits.editor import known
from modelyard.engine.embedded.edits.verification import problems, title
from modelyard.engine.embedded.state import checkpoint as checkpoints
from modelyard.engine.embedded.state import disk as disks
from modelyard.engine.embedded.state import history, journal
from modelyard.engine.embedded.state.checkpoint import DamageError, manifest
from modelyard.engine.embedded.state.store import StackStore
from modelyard.errors import StateError


@dataclass
class Repair:
    """What was, or would be, done to a state.

    Args:
        done: what was mended.
        lost: what could not be kept, and is not known to any other file.
    """

    done: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


def mended(latest: Mapping[str, Any], repair: Repair) -> Latest:
    """Return a deployment in a valid order, without references to what isn't there.

    Args:
        latest: the deployment.
        repair: takes what was done.
    """
    made = dict(latest)
    if any("magic" in problem or "manifest" in problem for problem in problems(latest)):
        made["manifest"] = manifest()
        repair.done.append("wrote the manifest anew")
    kept = list(_unique(_shaped(made, repair), repair))
    ordered = _ordered(kept)
    if [item["urn"] for item in ordered] != [item["urn"] for item in kept]:
        repair.done.append("put the resources in order: each after what it needs")
    made["resources"] = list(_connected(ordered, repair))
    made["pending_operations"] = [it for it in operations(made) if "urn" in (it.get("resource") or {})]
    return made


def repair(store: StackStore, *, accept_losses: bool, dry_run: bool) -> Repair:
    """Mend a stack's state.

    Args:
        store: the stack.
        accept_losses: whether what can't be kept may be dropped.
        dry_run: whether only to tell.

    Raises:
        StateError: it is beyond repair, something would be lost and that is not accepted, or the stack is locked.
    """
    known(store)
    with store.locked():
        told = Repair()
        found, records = _readable(store, told)
        latest = mended(found, told)
        if wrong := problems(latest):
            raise StateError(
                f"the state of {store.title} is beyond repair: {wrong[0]}",
                hint=f"mend it by hand: modelyard state export {store.project} --env {store.stack}, then import",
            )
        if not told.done and not told.lost:
            return told
        if told.lost and not (accept_losses or dry_run):
            raise StateError(
                f"a repair would lose: {'; '.join(told.lost)}", hint="look with --dry-run; accept it with --yes"
            )
        if not dry_run:
            _write(store, latest, records)
    return told


def _write(store: StackStore, latest: Latest, journal_damaged: bool) -> None:
    with store.reporting():
        if journal_damaged:
            store.disk.make_folder(store.backups)
            kept = store.backups / f"{store.stack}.{time.time_ns()}.journal"
            disks.write(store.disk, kept, store.journal_path.read_bytes())
        store.replace(latest)
        history.add(store, history.Entry(verb="import", message="state repair"))


def _readable(store: StackStore, told: Repair) -> tuple[Latest, bool]:
    """Return the best there is of a state, and whether its journal is set aside."""
    base = _base(store, told)
    data = store.journal_path.read_bytes() if store.journal_path.exists() else b""
    header = journal.header(data)
    if not data or header.base != base.digest:
        if data and header.serial >= max(base.serial, 1):
            told.lost.append("its journal, which belongs to a state that is not there; it is kept among the backups")
            return dict(base.latest), True
        return dict(base.latest), False
    good, bad = journal.salvage(data)
    latest = store.replayed(base, good)
    if not bad:
        if good:
            told.done.append(f"replayed {len(good)} records of the journal")
        return latest, False
    told.done.append(f"replayed {len(good)} records of the journal; {bad[0]} of them can't be read")
    return _uncertain(latest, bad[1], told), True


def _uncertain(latest: Latest, later: list[dict[str, Any]], told: Repair) -> Latest:
    """Take what a journal says after its damage as calls that were interrupted: the next deployment looks for them."""
    there = {item["urn"] for item in resources(latest)}
    pending = operations(latest)
    for record in later:
        item = record.get("put") or (record.get("resource") if record.get("op") == "begin" else None)
        if isinstance(item, dict) and item.get("urn") and item["urn"] not in there:
            there.add(item["urn"])
            pending.append({"type": "creating", "resource": item})
            told.done.append(f"noted {title(item)} as begun: the next up looks for it")
    return {**latest, "pending_operations": pending}


def _base(store: StackStore, told: Repair) -> checkpoints.Checkpoint:
    """Read the checkpoint, or the newest other file that knows the stack."""
    data = store.path.read_bytes() if store.path.exists() else b""
    try:
        found = checkpoints.load(data, store.project, store.stack)
    except DamageError as error:
        return _instead(store, data, f"{error}", told)
    newer = checkpoints.sealed_serial(store.backup.read_bytes()) if store.backup.exists() else 0
    if 0 < found.serial < newer:
        return _instead(store, data, f"it is older (serial {found.serial}) than its backup (serial {newer})", told)
    return found


def _instead(store: StackStore, data: bytes, why: str, told: Repair) -> checkpoints.Checkpoint:
    for path in _others(store):
        try:
            found = checkpoints.load(path.read_bytes(), store.project, store.stack)
        except DamageError:
            continue
        told.done.append(f"took {path} for the checkpoint, for {why}")
        if path != store.backup:
            told.lost.append(f"what was done after {path.name} was written")
        return found
    try:
        unsealed = checkpoints.load(checkpoints.without_seal(data), store.project, store.stack)
    except DamageError:
        raise StateError(
            f"the state of {store.title} is beyond repair: {why}, and there is no backup that can be read",
            hint="import an exported state: modelyard state import --file ...",
        ) from None
    told.lost.append("the checksum, and with it the certainty that the file is as it was written")
    return unsealed


def _others(store: StackStore) -> Iterator[Path]:
    if store.backup.exists():
        yield store.backup
    copies = [*store.backups.glob("*.json"), *store.histories.glob("*.checkpoint.json")]
    yield from sorted(copies, key=lambda path: path.stat().st_mtime_ns, reverse=True)


def _shaped(latest: Latest, repair: Repair) -> Iterator[Item]:
    for item in resources(latest):
        alone = {"manifest": manifest(), "resources": [_bare(item)]} if isinstance(item, dict) else {}
        wrong = problems(alone) if alone else ["it is no object"]
        if wrong:
            repair.lost.append(f"a resource that can't be read ({wrong[0]})")
        else:
            yield item


def _bare(item: Item) -> Item:
    return {key: item[key] for key in ("urn", "type", "custom", "id", "pendingReplacement") if key in item}


def _unique(listed: Iterator[Item], repair: Repair) -> Iterator[Item]:
    """Keep the last of several that are live under one URN; the others are marked as replaced ones are."""
    everything = list(listed)
    last = {item["urn"]: index for index, item in enumerate(everything) if not item.get("delete")}
    for index, item in enumerate(everything):
        if item.get("delete") or last[item["urn"]] == index:
            yield item
        elif item.get("id") == everything[last[item["urn"]]].get("id"):
            repair.done.append(f"dropped the second entry of {title(item)}")
        else:
            repair.lost.append(f"{title(item)}, whose URN another one has: the next up deletes it in the cloud")
            yield {**item, "delete": True}


def _ordered(listed: list[Item]) -> list[Item]:
    """Put each resource after all it needs; those marked for deletion come after the live ones of their URN."""
    live = {item["urn"]: item for item in listed if not item.get("delete")}
    by_urn = {item["urn"]: item for item in listed} | live
    done: set[int] = set()
    ordered: list[Item] = []
    for first in listed:
        stack = [(first, False)]
        while stack:
            item, ready = stack.pop()
            if id(item) in done:
                continue
            if ready:
                done.add(id(item))
                ordered.append(item)
                continue
            stack.append((item, True))
            missing = [by_urn[urn] for urn in sorted(needed(item), reverse=True) if urn in by_urn]
            waiting = {id(it) for it, opened in stack if opened}
            stack += [(it, False) for it in missing if id(it) not in done and id(it) not in waiting]
    return ordered


def _connected(ordered: list[Item], repair: Repair) -> Iterator[Item]:
    seen: set[str] = set()
    providers: set[str] = set()
    for item in ordered:
        wanted = item.get("provider")
        if wanted and wanted not in providers and not item.get("pendingReplacement"):
            repair.lost.append(f"{title(item)}: its provider is not there, so nobody could manage it")
            continue
        made, dropped = without(item, lambda urn: urn not in seen)
        repair.done += [f"dropped that {title(item)} refers to {it.urn} ({it.field})" for it in dropped]
        seen.add(item["urn"])
        if is_provider(item):
            providers.add(provider_reference(item))
        yield made

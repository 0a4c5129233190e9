"""All resources of a stack while a deployment goes on: what was, what is already new, and what is under way.

A snapshot changes by records alone, so that replaying a journal of them after a crash gives the same snapshot. What is
new comes first, in the order it was made; what was and has not been superseded follows. Both orders put a resource
after all it needs, and so does the whole, for something new never needs something that only the old order has.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from modelyard.engine.embedded.state.resource import Crypter, Resource, from_json, to_json
from modelyard.errors import StateError

Record = dict[str, Any]


@dataclass(frozen=True)
class Pending:
    """A provider call that began and has not ended: `creating`, `updating`, `deleting` or `reading`."""

    kind: str
    resource: Resource


class Snapshot:
    """The resources of one stack.

    Args:
        resources: what the checkpoint holds, dependencies first.
        pending: calls that an earlier deployment began and never ended.
        crypter: encrypts secrets in records.
    """

    def __init__(self, resources: Iterable[Resource], pending: Iterable[Pending], crypter: Crypter) -> None:
        self.old: list[Resource | None] = list(resources)
        self.interrupted: list[Pending] = list(pending)
        self._new: list[Resource] = []
        self._position: dict[str, int] = {}
        self._pending: dict[int, Pending] = {}
        self._crypter = crypter
        self._named: dict[str, set[tuple[bool, int]]] | None = None
        self._live = {item.urn: index for index, item in enumerate(self.old) if item and not item.delete}

    @property
    def resources(self) -> list[Resource]:
        """List all resources, dependencies first."""
        old = [item for item in self.old if item is not None]
        retired = {f"{it.urn}::{it.id}": it for it in old if it.delete and it.is_provider}
        if not retired:
            return [*self._new, *old]
        found: list[Resource] = []
        for item in self._new:  # what a replaced provider made, and is not its successor's yet, comes after it
            found += [retired.pop(item.provider), item] if item.provider in retired else [item]
        return [*found, *(it for it in old if not (it.delete and it.is_provider) or f"{it.urn}::{it.id}" in retired)]

    @property
    def pending(self) -> list[Pending]:
        """List the calls that began and have not ended."""
        return [*self.interrupted, *self._pending.values()]

    def current(self, urn: str) -> Resource | None:
        """Return the resource as it is now."""
        if urn in self._position:
            return self._new[self._position[urn]]
        return self.before(urn)

    def before(self, urn: str) -> Resource | None:
        """Return the live resource as the last deployment left it, if it is still there."""
        index = self._live.get(urn)
        return None if index is None else self.old[index]

    def index(self, urn: str) -> int | None:
        """Return the place of the live old resource."""
        return self._live.get(urn)

    def dependents(self, urn: str) -> list[Resource]:
        """List what needs a resource, dependencies first."""
        return [item for item in self.resources if urn in item.needs() and not item.delete]

    def begin(self, number: int, kind: str, resource: Resource) -> Record:
        """Make the record of a provider call that begins."""
        return {"op": "begin", "n": number, "kind": kind, "resource": to_json(resource, self._crypter)}

    def end(
        self,
        number: int | None,
        *,
        put: Resource | None = None,
        drop: int | None = None,
        mark: tuple[int, Resource] | None = None,
        retire: Resource | None = None,
        along: Sequence[int] = (),
    ) -> Record:
        """Make the record of a call's result.

        Args:
            number: the call that ended; none where there was no call.
            put: a resource that now is.
            drop: the place of an old resource that no longer is.
            mark: the place of an old resource and what became of it.
            retire: what a resource that is put took the place of, and that waits for its deletion now.
            along: the places of old resources that went along with the one that is dropped.
        """
        record: Record = {"op": "end", "n": number}
        if put is not None:
            record["put"] = to_json(put, self._crypter)
        if drop is not None:
            record["drop"] = drop
        if mark is not None:
            record["mark"] = [mark[0], to_json(mark[1], self._crypter)]
        if retire is not None:
            record["retire"] = to_json(retire, self._crypter)
        if along:
            record["along"] = list(along)
        return record

    def keep(self, urn: str) -> Record:
        """Make the record of an old resource that stays just as it is."""
        return {"op": "keep", "urn": urn}

    def settle(self, pending: Pending) -> Record:
        """Make the record that a call of an earlier deployment has been dealt with."""
        return {"op": "settle", "urn": pending.resource.urn, "kind": pending.kind}

    def adopt(self, resource: Resource) -> Record:
        """Make the record of a resource that an earlier deployment made without noting it."""
        return {"op": "adopt", "resource": to_json(resource, self._crypter)}

    def rename(self, old: str, new: str) -> Record:
        """Make the record of a resource that the program calls by another URN now."""
        return {"op": "rename", "old": old, "new": new}

    def apply(self, record: Mapping[str, Any]) -> None:
        """Change by a record."""
        if record["op"] == "begin":
            self._pending[record["n"]] = Pending(record["kind"], from_json(record["resource"], self._crypter))
        elif record["op"] == "settle":
            self.interrupted = [
                item for item in self.interrupted if (item.resource.urn, item.kind) != (record["urn"], record["kind"])
            ]
        elif record["op"] == "rename":
            self._rename(record["old"], record["new"])
        elif record["op"] == "keep":
            self._keep(record["urn"])
        elif record["op"] == "adopt":
            self._adopt(from_json(record["resource"], self._crypter))
        else:
            self._end(record)

    def _rename(self, old: str, new: str) -> None:
        """Call a resource by its new URN, in its own entry and in all that refer to it."""
        if self._named is None:
            self._named = defaultdict(set)
            for side in (self.old, self._new):
                for place in range(len(side)):
                    self._note(side, place)
        places = self._named.pop(old, set())
        self._named[new] |= places
        for is_new, place in places:
            side = self._new if is_new else self.old
            if (item := side[place]) is not None:
                side[place] = renamed(item, old, new)
        if old in self._live:
            self._live[new] = self._live.pop(old)

    def _note(self, side: list[Any], place: int) -> None:
        """Remember which URNs stand in an entry: a rename looks at those entries alone."""
        item: Resource | None = side[place]
        if self._named is not None and item is not None:
            for urn in (item.urn, *item.needs()):
                self._named[urn].add((side is self._new, place))

    def _keep(self, urn: str) -> None:
        index = self._live.pop(urn)
        kept = self.old[index]
        self.old[index] = None
        if kept is not None:
            self._put(kept)

    def _adopt(self, resource: Resource) -> None:
        """Take a resource in as an old one; one that it was to replace is deleted in its turn, or is gone already."""
        index = self._live.get(resource.urn)
        replaced = None if index is None else self.old[index]
        if index is not None and replaced is not None:
            self.old[index] = None if replaced.pending_replacement else replace(replaced, delete=True)
        self._live[resource.urn] = len(self.old)
        self.old.append(resource)
        self._note(self.old, len(self.old) - 1)

    def _end(self, record: Mapping[str, Any]) -> None:
        self._pending.pop(record["n"], None)
        if "mark" in record:
            index, document = record["mark"]
            marked = from_json(document, self._crypter)
            if marked.delete:
                self._forget(index)
            self.old[index] = marked
            self._note(self.old, index)
        for index in (*([record["drop"]] if "drop" in record else ()), *record.get("along", ())):
            self._forget(index)
            self.old[index] = None
        if "put" in record:
            self._put(from_json(record["put"], self._crypter))
        if "retire" in record:
            self._put(from_json(record["retire"], self._crypter))

    def _put(self, resource: Resource) -> None:
        if resource.delete:  # waiting for its deletion beside the one that took its place
            self.old.append(resource)
            self._note(self.old, len(self.old) - 1)
            return
        place = self._position.setdefault(resource.urn, len(self._new))
        self._new[place : place + 1] = [resource]
        self._note(self._new, place)

    def _forget(self, index: int) -> None:
        item = self.old[index]
        if item is not None and self._live.get(item.urn) == index:
            del self._live[item.urn]

    def abandon(self) -> None:
        """Turn calls that never ended into calls that an earlier deployment was interrupted in."""
        self.interrupted += self._pending.values()
        self._pending = {}


def verify(resources: Iterable[Resource]) -> None:
    """Check that every resource comes after all it needs and that no URN is live twice.

    Raises:
        StateError: the order or a reference is broken.
    """
    seen: set[str] = set()
    live: set[str] = set()
    for resource in resources:
        missing = resource.needs() - seen
        if missing:
            raise StateError(f"{resource.urn} needs {min(missing)}, which does not come before it")
        if not resource.delete and resource.urn in live:
            raise StateError(f"{resource.urn} is there twice")
        seen.add(resource.urn)
        if not resource.delete:
            live.add(resource.urn)


def renamed(resource: Resource, old: str, new: str) -> Resource:
    """Return a resource with one URN replaced by another, wherever it stands."""

    def other(urn: str) -> str:
        return new if urn == old else urn

    provider, separator, provider_id = resource.provider.rpartition("::")
    return replace(
        resource,
        urn=other(resource.urn),
        parent=other(resource.parent),
        provider=f"{other(provider)}{separator}{provider_id}",
        deleted_with=other(resource.deleted_with),
        replace_with=tuple(other(urn) for urn in resource.replace_with),
        dependencies=tuple(other(urn) for urn in resource.dependencies),
        property_dependencies={
            key: tuple(other(urn) for urn in urns) for key, urns in resource.property_dependencies.items()
        },
    )


def without_dangling(resources: Iterable[Resource]) -> list[Resource]:
    """Drop references to resources that are no longer there, after some were deleted or vanished."""
    kept = list(resources)
    urns = {item.urn for item in kept}
    return [_prune(item, urns) for item in kept]


def _prune(resource: Resource, urns: set[str]) -> Resource:
    if resource.needs() <= urns:
        return resource
    return replace(
        resource,
        dependencies=tuple(urn for urn in resource.dependencies if urn in urns),
        property_dependencies={
            key: tuple(urn for urn in needed if urn in urns) for key, needed in resource.property_dependencies.items()
        },
        parent=resource.parent if resource.parent in urns else "",
        deleted_with=resource.deleted_with if resource.deleted_with in urns else "",
        replace_with=tuple(urn for urn in resource.replace_with if urn in urns),
    )

"""Documents of our own resources: plain values, kept whole, safe across threads."""

import copy
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from modelyard.localcloud.state.journal import DOCUMENT, TAGS, Entry, Journal

Document = dict[str, Any]
Key = tuple[str, str, str]


@dataclass
class Contents:
    """What a store holds, and what of it a snapshot keeps.

    Args:
        documents: documents by region, kind and name, in the order of their creation.
        tags: tags by resource ARN.
    """

    documents: dict[Key, Document] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)


class Store:
    """All documents of a local cloud.

    What goes in and comes out is copied: nobody holds a piece of the store itself.

    Args:
        changed: called after each change.
        journal: told of each change, if there is one.
    """

    def __init__(self, changed: Callable[[], None], journal: Journal | None = None) -> None:
        self._contents = Contents()
        self._changed = changed
        self._journal = journal
        self._condition = threading.Condition(threading.RLock())

    def collection(self, region: str, kind: str) -> "Collection":
        """Return the documents of one kind in one region."""
        return Collection(self, region, kind)

    def regions(self) -> set[str]:
        """Return the regions in which there is anything."""
        with self._condition:
            return {region for region, _, _ in self._contents.documents}

    def touch(self) -> None:
        """Note that something of the cloud changed that isn't kept here, so that it is saved."""
        self._changed()

    def export(self) -> Contents:
        """Return a copy of everything."""
        with self._condition:
            return copy.deepcopy(self._contents)

    def restore(self, contents: Contents) -> None:
        """Replace everything, without counting it as a change."""
        with self._condition:
            self._contents = copy.deepcopy(contents)

    def read(self, key: Key) -> Document | None:
        """Return one document, or None."""
        with self._condition:
            return copy.deepcopy(self._contents.documents.get(key))

    def write(self, key: Key, change: Callable[[Document | None], Document | None]) -> Document | None:
        """Replace one document by what `change` makes of it; None deletes it.

        Returns:
            the new document.
        """
        with self._condition:
            after = change(copy.deepcopy(self._contents.documents.get(key)))
            if after is None:
                self._contents.documents.pop(key, None)
            else:
                self._contents.documents[key] = copy.deepcopy(after)
            self._note(DOCUMENT, (key, after))
            self._condition.notify_all()
        self._changed()
        return after

    def select(self, region: str, kind: str) -> list[Document]:
        """Return the documents of one kind in one region, oldest first."""
        with self._condition:
            return [copy.deepcopy(doc) for key, doc in self._contents.documents.items() if key[:2] == (region, kind)]

    def names(self, region: str, kind: str) -> list[str]:
        """Return the names of the documents of one kind in one region, oldest first."""
        with self._condition:
            return [name for place, sort, name in self._contents.documents if (place, sort) == (region, kind)]

    def holds(self, kind: str, field: str, values: tuple[str, ...]) -> bool:
        """Tell whether a field of any document of a kind has one of some values."""
        with self._condition:
            return any(key[1] == kind and doc.get(field) in values for key, doc in self._contents.documents.items())

    def wait(self, key: Key, until: Callable[[Document | None], bool], timeout: float) -> Document | None:
        """Wait until a document is as wanted, and return it; after the timeout return it as it then is."""
        deadline = time.monotonic() + timeout
        with self._condition:
            while not until(self._contents.documents.get(key)):
                left = deadline - time.monotonic()
                if left <= 0 or not self._condition.wait(left):
                    break
            return copy.deepcopy(self._contents.documents.get(key))

    def tags(self, arn: str) -> dict[str, str]:
        """Return a resource's tags."""
        with self._condition:
            return dict(self._contents.tags.get(arn, {}))

    def put_tags(self, arn: str, tags: dict[str, str]) -> None:
        """Replace a resource's tags; none forgets it."""
        with self._condition:
            if tags:
                self._contents.tags[arn] = dict(tags)
            else:
                self._contents.tags.pop(arn, None)
            self._note(TAGS, (arn, dict(tags)))
        self._changed()

    def replay(self, entry: Entry) -> None:
        """Make a change again that the journal holds."""
        place, value = entry.value
        kept: dict[Any, Any] = self._contents.documents if entry.kind == DOCUMENT else self._contents.tags
        with self._condition:
            if value:
                kept[place] = value
            else:
                kept.pop(place, None)

    def _note(self, kind: str, value: Any) -> None:
        if self._journal:
            self._journal.append(kind, value)


class Collection:
    """The documents of one kind in one region.

    Args:
        store: where they are.
        region: an AWS region.
        kind: such as `TrainingJob`.
    """

    def __init__(self, store: Store, region: str, kind: str) -> None:
        self._store = store
        self.region = region
        self.kind = kind

    def _key(self, name: str) -> Key:
        return (self.region, self.kind, name)

    def get(self, name: str) -> Document | None:
        """Return a document, or None."""
        return self._store.read(self._key(name))

    def all(self) -> list[Document]:
        """Return all documents, oldest first."""
        return self._store.select(self.region, self.kind)

    def add(self, name: str, document: Document) -> bool:
        """Add a document; False if there is one of that name."""
        added = False

        def put(before: Document | None) -> Document:
            nonlocal added
            added = before is None
            return document if before is None else before

        self._store.write(self._key(name), put)
        return added

    def update(self, name: str, **changes: Any) -> Document | None:
        """Change fields of a document; nothing happens, and None is returned, if it is gone."""
        return self._store.write(self._key(name), lambda before: before if before is None else {**before, **changes})

    def change(self, name: str, change: Callable[[Document], Document]) -> Document | None:
        """Replace a document by what `change` makes of it, in one step; None if it is gone."""
        return self._store.write(self._key(name), lambda before: before if before is None else change(before))

    def remove(self, name: str) -> None:
        """Delete a document."""
        self._store.write(self._key(name), lambda _: None)

    def wait(self, name: str, until: Callable[[Document], bool], timeout: float) -> Document | None:
        """Wait until a document is as wanted or gone."""
        return self._store.wait(self._key(name), lambda doc: doc is None or until(doc), timeout)

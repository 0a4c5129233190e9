"""Carrying out an edit of a stack's state: under the lock, whole or not at all, with a backup and a line of history."""

from collections.abc import Callable
from typing import TypeVar

from modelyard.engine.embedded.edits.documents import Latest
from modelyard.engine.embedded.edits.verification import problems
from modelyard.engine.embedded.state import history
from modelyard.engine.embedded.state.store import StackStore
from modelyard.errors import StateError

T = TypeVar("T")


def edit(store: StackStore, change: Callable[[Latest], tuple[Latest, T]], message: str) -> T:
    """Change a stack's state by a function of its document.

    Args:
        store: the stack.
        change: returns the new document, and what is to be told of it.
        message: what the history says.

    Returns:
        What `change` tells.

    Raises:
        StateError: there is no such stack, somebody else is changing it, or the edit would make it invalid.
    """
    known(store)
    with store.locked():
        made, told = change(store.latest())
        refuse_invalid(made)
        store.replace(made)
        with store.reporting():
            history.add(store, history.Entry(verb="import", message=message))
    return told


def known(store: StackStore) -> StackStore:
    """Return the stack, if there is one.

    Raises:
        StateError: there is none.
    """
    if not store.path.exists() and not store.backup.exists():
        raise StateError(
            f"there is no stack {store.title}", hint=f"make it: modelyard up {store.project} --env {store.stack}"
        )
    return store


def refuse_invalid(latest: Latest) -> None:
    """Check a document that is about to be written.

    Raises:
        StateError: it is not valid.
    """
    if wrong := problems(latest):
        raise StateError(f"that would make the state invalid: {wrong[0]}", hint="modelyard state verify")

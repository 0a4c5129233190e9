"""Where the embedded engine is meant to differ from the Pulumi CLI; everywhere else a difference is a defect."""

from collections.abc import Callable
from enum import Enum

import pytest


class Difference(Enum):
    """A deliberate difference, and why."""

    ADOPTION = (
        "A create that a kill cut short is adopted by its name or the stack's own tags; the CLI warns, makes a second "
        "resource and leaks the first."
    )
    DELETED_TWICE = (
        "What was deleted before its replacement, which then failed, is deleted again by the CLI once the replacement "
        "is made; the embedded engine remembers that it has gone."
    )
    DELETIONS = "A deletion that fails stops only what it needs; the CLI begins no other, unless told to go on."
    REASONS = "A replacement says that its trigger changed; the CLI names no reason."
    SKIPPED = "What is no target is passed over in silence; the CLI reports it as the same, even where it isn't made."
    RANDOM = "Each engine draws the random part of an automatic name for itself."
    WORDS = "The embedded engine says what to type next, where the CLI can't know it."
    RENAMED = "What a replacement leaves of a renamed resource is deleted under its new name; the CLI uses the former."
    LOCK = "A lock frees itself when its owner is gone; the CLI's stays until `pulumi cancel`."
    ASKED = "The embedded engine asks its gate before the first change; the CLI can't wait then, and is asked at once."
    CANCELLED = "An interrupted deployment is told from a failed one; the CLI exits alike for both."


UNTOLD_REASONS = frozenset({"replacementTrigger"})
"""What `Difference.REASONS` is about; comparing leaves it out."""


def differs(reason: Difference) -> Callable[..., object]:
    """Mark a scenario in which a deliberate difference shows: it is not compared, or not word by word."""
    return pytest.mark.differs(reason)

"""The engines' own locks on a branch's stack: the living are left alone, those of the provably dead are broken."""

from collections.abc import Callable
from datetime import UTC, datetime

from modelyard.engine.embedded.state.locks import Owner
from modelyard.engine.embedded.state.store import StackStore
from modelyard.previews.locks import HeldError

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def freed(store: StackStore, say: Callable[[str], None]) -> None:
    """See to it that no dead process locks a stack.

    Args:
        store: the stack.
        say: told, by a sentence, of each lock that is broken.

    Raises:
        HeldError: something that lives holds it, or something that nothing is known of here.
    """
    hint = f"wait until it has finished; or stop it: {store.lock.cancel}"
    if holder := store.lock.holder():
        raise HeldError(f"stack {store.title} is being changed by {holder}", hint=hint)
    for owner in store.lock.owners():
        if not (owner.gone or (owner.ours and owner.here)):
            raise HeldError(
                f"stack {store.title} is locked by {owner}, {age(owner)} ago, of which nothing is known here",
                hint=f"if it has ended: {store.lock.cancel} --force",
            )
        store.lock.break_for([owner])
        say(f"broke the lock on {store.title} of {owner}, {age(owner)} ago: that process has ended")


def age(owner: Owner) -> str:
    """Say how long ago a lock was taken, such as `3 h`."""
    try:
        seconds = (datetime.now(UTC) - datetime.fromisoformat(owner.since)).total_seconds()
    except (ValueError, TypeError):
        return "nobody knows how long"
    for unit, length in (("d", _DAY), ("h", _HOUR), ("min", _MINUTE)):
        if seconds >= length:
            return f"{seconds // length:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"

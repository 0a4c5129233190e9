"""Stopping a deployment from outside, and breaking the locks of those that have ended."""

import os
import re
import signal
import time
from contextlib import suppress

from modelyard.engine.embedded.state.store import StackStore
from modelyard.errors import StateError

_PROCESS = re.compile(r"process (\d+)")
_SECOND_CHANCE_SECONDS = 5.0
_POLL_SECONDS = 0.05


def cancel(store: StackStore, *, force: bool = False) -> str:
    """Stop the deployment that is changing a stack, or break the locks that dead ones left.

    The first time it is asked to end in order, as by Ctrl-C. The second time it is told to end at once, and killed if
    it doesn't.

    Args:
        store: the stack.
        force: whether to break the locks of processes that run, or that another machine ran, too.

    Returns:
        What was done, as a sentence.

    Raises:
        StateError: the process can't be reached from here.
    """
    if (found := _PROCESS.match(store.lock.holder())) is not None:
        return _stop(store, int(found[1]))
    broken = [owner for owner in store.lock.owners() if owner.gone or (owner.ours and owner.here)]
    others = [owner for owner in store.lock.owners() if owner not in broken]
    if others and not force:
        raise StateError(
            f"stack {store.title} is being changed by {others[0]}",
            hint=f"stop it there with Ctrl-C; or break its lock, if it has ended: {store.lock.cancel} --force",
        )
    store.lock.break_for(broken + others)
    _marker_gone(store)
    if not broken and not others:
        return f"nobody is changing {store.title}"
    names = "; ".join(f"{owner}" for owner in broken + others)
    return f"broke the lock on {store.title} of {names}; what it was doing may not be in the state: modelyard refresh"


def _stop(store: StackStore, pid: int) -> str:
    marker = store.path.with_suffix(".cancel")
    again = marker.exists() and marker.read_text() == str(pid)
    marker.write_text(str(pid))
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGINT)
    if not again:
        return f"asked process {pid}, which is changing {store.title}, to stop; what is under way ends and is saved"
    end = time.monotonic() + _SECOND_CHANCE_SECONDS
    while store.lock.holder() and time.monotonic() < end:
        time.sleep(_POLL_SECONDS)
    killed = bool(store.lock.holder())
    if killed:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    _marker_gone(store)
    how = "killed" if killed else "stopped"
    return f"{how} process {pid}, which was changing {store.title}; the next deployment goes on from its journal"


def _marker_gone(store: StackStore) -> None:
    store.path.with_suffix(".cancel").unlink(missing_ok=True)

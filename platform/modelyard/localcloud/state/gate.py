"""Lets requests in, and keeps them out for the moment in which a snapshot is taken."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Gate:
    """Many requests at once, or one snapshot.

    A snapshot waits for a moment without requests that may change something, and never makes a new request wait for an
    older one: a request may call the cloud itself, so that holding it back while its caller is inside would never end.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._inside = 0
        self._changed_at: float | None = None

    @contextmanager
    def passing(self, *, changes: bool) -> Iterator[None]:
        """Hold the gate open while one request is served.

        Args:
            changes: whether the request may change something; one that may not is never waited for.
        """
        weight = int(changes)
        with self._condition:
            self._inside += weight
        try:
            yield
        finally:
            with self._condition:
                self._inside -= weight
                if changes:
                    self._changed_at = time.monotonic()
                self._condition.notify_all()

    @contextmanager
    def closed(self, timeout: float) -> Iterator[bool]:
        """Wait for a moment without changes and let no request in; the value says whether there was such a moment."""
        with self._condition:
            yield self._condition.wait_for(lambda: self._inside == 0, timeout)

    def changed(self) -> None:
        """Note that something changed outside a request.

        It takes no lock: whoever calls may hold one that the snapshot waits for. What changed is there already, so a
        snapshot that overlooks the note has it.
        """
        self._changed_at = time.monotonic()

    def take_change(self) -> bool:
        """Return whether something changed since the last call."""
        with self._condition:
            changed, self._changed_at = self._changed_at is not None, None
            return changed

    def quiet_for(self) -> float | None:
        """Return the seconds since the last change; None if nothing changed since the last `take_change`."""
        with self._condition:
            return None if self._changed_at is None else time.monotonic() - self._changed_at

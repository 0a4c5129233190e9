"""What runs in threads of its own until it ends, is asked to, or the cloud stops: jobs, executions, builds."""

import threading
from collections.abc import Callable, Hashable

_GRACE_SECONDS = 20.0


class Workers:
    """The threads of one kind of work, by what each is about."""

    def __init__(self) -> None:
        self._running: dict[Hashable, tuple[threading.Event, threading.Thread]] = {}
        self._closing = threading.Event()

    @property
    def closing(self) -> bool:
        """Whether all end because the cloud stops."""
        return self._closing.is_set()

    def start(self, key: Hashable, name: str, work: Callable[[threading.Event], None]) -> None:
        """Do some work in a thread.

        Args:
            key: what it is about.
            name: the thread's.
            work: takes an event that is set when it is to end early.
        """

        def run() -> None:
            try:
                work(stopping)
            finally:
                self._running.pop(key, None)

        stopping = threading.Event()
        thread = threading.Thread(target=run, name=name, daemon=True)
        self._running[key] = (stopping, thread)
        thread.start()

    def stop(self, key: Hashable) -> None:
        """Ask work to end, if it goes on."""
        if found := self._running.get(key):
            found[0].set()

    def close(self) -> None:
        """End all because the cloud stops, and wait for it."""
        self._closing.set()
        running = list(self._running.values())
        for stopping, _ in running:
            stopping.set()
        for _, thread in running:
            thread.join(timeout=_GRACE_SECONDS)

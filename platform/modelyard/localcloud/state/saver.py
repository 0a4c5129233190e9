"""Saves the state a moment after it last changed, and once more at the end."""

import logging
import threading
import time
from pathlib import Path

from modelyard.localcloud.state import snapshot
from modelyard.localcloud.state.gate import Gate
from modelyard.localcloud.state.journal import Journal
from modelyard.localcloud.state.store import Store

QUIET_SECONDS = 1.5
_COST_FACTOR = 10.0
_LONGEST_SECONDS = 5.0
_log = logging.getLogger(__name__)


class Saver:
    """A thread that saves what changed.

    A save waits for `QUIET_SECONDS` without a change, and for ten times what the last save took, but five seconds at
    most: a cloud that is never quiet is saved all the same.

    Args:
        folder: where snapshots go.
        gate: knows of changes and keeps requests out while the state is read.
        store: our own documents.
        journal: what a snapshot makes superfluous of it is deleted.
    """

    def __init__(self, folder: Path, gate: Gate, store: Store, journal: Journal) -> None:
        self._folder = folder
        self._gate = gate
        self._store = store
        self._journal = journal
        self._first_log = 0
        self._stopping = threading.Event()
        self._saving = threading.Lock()
        self._cost_seconds = 0.3
        self._saved_at = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="saver", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Save what isn't saved yet, and end."""
        self._stopping.set()
        self._thread.join(timeout=60)
        if self._gate.quiet_for() is not None:
            self.save(timeout=10)

    def save(self, timeout: float) -> bool:
        """Save now.

        Args:
            timeout: seconds to wait for a moment without requests.

        Returns:
            False if there was no such moment.
        """
        with self._saving:
            started = time.monotonic()
            with self._gate.closed(timeout) as closed:
                if not closed:
                    return False
                self._gate.take_change()
                first_log = self._journal.rotate()
                content = snapshot.capture(self._store.export(), first_log)
            snapshot.write(self._folder, content)
            # The snapshot before this one is kept, and so is what follows it.
            self._journal.forget(self._first_log)
            self._first_log = first_log
            self._saved_at = time.monotonic()
            self._cost_seconds = self._saved_at - started
            return True

    def _run(self) -> None:
        while not self._stopping.wait(0.25):
            if self._is_due():
                try:
                    self.save(timeout=1)
                except OSError:
                    _log.exception("the state can't be saved")

    def _is_due(self) -> bool:
        quiet = self._gate.quiet_for()
        if quiet is None:
            return False
        since = time.monotonic() - self._saved_at
        return since > min(self._cost_seconds * _COST_FACTOR, _LONGEST_SECONDS) and (
            quiet > QUIET_SECONDS or since > 10 * QUIET_SECONDS
        )

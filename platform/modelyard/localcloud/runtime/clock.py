"""The local cloud's clock: it runs with the machine's own until somebody steps or speeds it.

Schedules, alarms, waits of rollouts, cooldowns and the times of metrics and captured data follow it.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

_POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Setting:
    """How a clock runs.

    Args:
        offset_seconds: what it is ahead of the machine's clock at `since`.
        speed: how many of its seconds pass in one of the machine's.
        since: the machine's time from which `speed` holds, in seconds since the epoch.
    """

    offset_seconds: float = 0.0
    speed: float = 1.0
    since: float = 0.0

    def at(self, machine: float) -> float:
        """Return this clock's time when the machine's is `machine`; both in seconds since the epoch."""
        return machine + self.offset_seconds + (machine - self.since) * (self.speed - 1.0)


class Clock:
    """Tells the time, and lets threads wait by it.

    Args:
        setting: how it runs.
        machine: the machine's own clock.
    """

    def __init__(self, setting: Setting | None = None, machine: Callable[[], float] = time.time) -> None:
        self._machine = machine
        self._lock = threading.Lock()
        self._setting = setting or Setting(since=machine())
        self._frozen: float | None = None
        self._waiting: dict[int, float] = {}

    @property
    def setting(self) -> Setting:
        """How it runs."""
        with self._lock:
            return self._setting

    def time(self) -> float:
        """Return the time in seconds since the epoch."""
        with self._lock:
            return self._time()

    def now(self) -> datetime:
        """Return the time in UTC, in milliseconds."""
        moment = datetime.fromtimestamp(self.time(), UTC)
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def run(self, setting: Setting) -> None:
        """Run as a setting says, such as one that was saved."""
        with self._lock:
            self._setting = setting

    def speed(self, factor: float) -> None:
        """Go on from now at another speed."""
        with self._lock:
            current = self._time()
            machine = self._machine()
            self._setting = Setting(current - machine, factor, machine)

    def hold(self, moment: float) -> None:
        """Stand still at a moment; time never goes back."""
        with self._lock:
            self._frozen = max(moment, self._time())

    def release(self) -> None:
        """Go on from where it stands."""
        with self._lock:
            if self._frozen is not None:
                machine = self._machine()
                self._setting = Setting(self._frozen - machine, self._setting.speed, machine)
                self._frozen = None

    def wait(self, seconds: float, interrupted: Callable[[], bool]) -> bool:
        """Wait by this clock.

        Args:
            seconds: how long.
            interrupted: asked again and again; once it says so, the wait is over.

        Returns:
            whether it was interrupted.
        """
        me = threading.get_ident()
        deadline = self.time() + seconds
        try:
            while True:
                with self._lock:
                    self._waiting[me] = deadline
                    left = deadline - self._time()
                if interrupted():
                    return True
                if left <= 0:
                    return False
                time.sleep(_POLL_SECONDS)
        finally:
            with self._lock:
                self._waiting.pop(me, None)

    def deadlines(self) -> list[float]:
        """Return when the waits under way end."""
        with self._lock:
            return list(self._waiting.values())

    def is_waiting(self, thread: int | None) -> bool:
        """Tell whether a thread waits for a later time than now."""
        with self._lock:
            return thread in self._waiting and self._waiting[thread] > self._time()

    def _time(self) -> float:
        return self._setting.at(self._machine()) if self._frozen is None else self._frozen

"""Does what time brings: fires schedules, judges alarms, scales variants; and steps the clock, instant by instant."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from modelyard.localcloud.runtime.alarms import Alarms
from modelyard.localcloud.runtime.clock import Setting
from modelyard.localcloud.runtime.host import Host
from modelyard.localcloud.runtime.schedules import Schedule, Schedules

KIND = "Clock"
PLACE = "aws-global"
_LOOK_SECONDS = 0.25
_ALARM_SECONDS = 1.0
_MINUTE = 60.0
_QUIET_LOOKS = 3
_SETTLE_SECONDS = 0.02
_SHOWN = 10
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Work:
    """What the timekeeper calls.

    Args:
        every_minute: at each full minute of the clock, after the metrics are there.
        flush: sends metrics and captured data that are still held.
        busy: tells whether anything is under way that a step must wait for.
        watched: tells whether a step has to stop at every minute.
    """

    every_minute: Callable[[], None]
    flush: Callable[[], None]
    busy: Callable[[], bool]
    watched: Callable[[], bool]


class Timekeeper:
    """One thread that looks at the clock.

    Args:
        host: the local cloud.
        alarms: its alarms.
        work: what else is to be done.
        patience_seconds: how long of the machine's time a step waits for the work of one instant.
    """

    def __init__(self, host: Host, alarms: Alarms, work: Work, patience_seconds: float = 600.0) -> None:
        self._host = host
        self._alarms = alarms
        self._work = work
        self._patience = patience_seconds
        self._schedules = Schedules(host)
        self._turn = threading.Lock()
        self._closing = threading.Event()
        self._looked = 0.0
        self._judged = 0.0
        self._thread = threading.Thread(target=self._run, name="timekeeper", daemon=True)

    def restore(self) -> None:
        """Let the clock run as it did when the cloud stopped."""
        self._schedules.restore()
        known = self._host.collection(PLACE, KIND).get(KIND)
        if known:
            self._host.clock.run(Setting(**known))

    def start(self) -> None:
        """Begin; what would have been due while the cloud did not run is not made up for."""
        self._looked = self._host.clock.time()
        self._thread.start()

    def close(self) -> None:
        """End."""
        self._closing.set()
        if self._thread.ident:
            self._thread.join(timeout=10)

    def control(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Step or speed the clock as asked, and tell how it runs.

        Args:
            asked: `step`, in seconds, or `speed`; nothing of both only looks.
        """
        fired = self.step(float(asked["step"])) if asked.get("step") else 0
        if asked.get("speed"):
            self.speed(float(asked["speed"]))
        clock = self._host.clock
        coming = self._schedules.due(clock.time())[:_SHOWN]
        return {
            "time": clock.now().isoformat(),
            "speed": clock.setting.speed,
            "ahead_seconds": round(clock.time() - time.time(), 3),
            "fired": fired,
            "next": [{"arn": it.arn, "time": datetime.fromtimestamp(moment, UTC).isoformat()} for moment, it in coming],
        }

    def speed(self, factor: float) -> None:
        """Let the clock run at another speed."""
        self._host.clock.speed(factor)
        self._keep()

    def step(self, seconds: float) -> int:
        """Move the clock on, stopping at each instant at which something is due until its work is done.

        Returns:
            how many schedules fired.
        """
        with self._turn:
            clock = self._host.clock
            clock.hold(clock.time())
            try:
                return self._walk(clock.time() + seconds)
            finally:
                clock.release()
                self._looked = clock.time()
                self._keep()

    def _walk(self, end: float) -> int:
        clock, fired = self._host.clock, 0
        self._settle()
        while not self._closing.is_set():
            here = clock.time()
            instants = [moment for moment, _ in self._schedules.due(here)[:1]]
            instants += [moment for moment in clock.deadlines() if moment > here]
            instants += [here - here % _MINUTE + _MINUTE] if self._watches_minutes() else []
            if not instants or min(instants) > end:
                break
            due = self._schedules.due(here)
            clock.hold(min(instants))
            fired += self._instant([it for it in due if it[0] <= min(instants)])
        clock.hold(end)
        self._settle()
        return fired

    def _instant(self, due: list[tuple[float, Schedule]]) -> int:
        for moment, schedule in due:
            self._schedules.fire(schedule, moment)
        # A wait that has ended goes on in its own thread, and is nowhere to be seen until then.
        begun = bool(due) or any(moment <= self._host.clock.time() for moment in self._host.clock.deadlines())
        self._settle(_QUIET_LOOKS if begun else 1)
        if self._host.clock.time() % _MINUTE < 1e-3:
            self._work.every_minute()
        turned = self._alarms.evaluate()
        self._settle(_QUIET_LOOKS if turned else 1)
        return len(due)

    def _settle(self, looks: int = _QUIET_LOOKS) -> None:
        """Wait until nothing is under way any more, so that what happens next finds all of its results.

        Args:
            looks: how often in a row nothing must be seen, for work may be between two hands; once where nothing began.
        """
        deadline = time.monotonic() + self._patience
        quiet = 0
        while quiet < looks and time.monotonic() < deadline and not self._closing.is_set():
            if self._work.busy():
                quiet, looks = 0, _QUIET_LOOKS
            else:
                quiet += 1
            if quiet < looks:
                time.sleep(_SETTLE_SECONDS)
        self._work.flush()

    def _watches_minutes(self) -> bool:
        return self._alarms.any() or self._work.watched()

    def _run(self) -> None:
        while not self._closing.wait(_LOOK_SECONDS):
            with self._turn:
                try:
                    self._look()
                except Exception:  # noqa: BLE001  # one look that fails must not stop time for good
                    _log.exception("the timekeeper stumbled")

    def _look(self) -> None:
        now = self._host.clock.time()
        due = [item for item in self._schedules.due(self._looked) if item[0] <= now]
        for moment, schedule in due:
            self._schedules.fire(schedule, moment)
        if now // _MINUTE > self._looked // _MINUTE:
            self._work.every_minute()
        self._looked = now
        if time.monotonic() - self._judged >= _ALARM_SECONDS:
            self._judged = time.monotonic()
            self._alarms.evaluate()

    def _keep(self) -> None:
        collection = self._host.collection(PLACE, KIND)
        collection.remove(KIND)
        collection.add(KIND, asdict(self._host.clock.setting))

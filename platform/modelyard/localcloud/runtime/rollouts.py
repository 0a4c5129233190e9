"""How an update's traffic moves from the fleet that serves to the one that takes over, and back when an alarm says so.

Sources: botocore's model of DeploymentConfig; the SageMaker developer guide, "Deployment guardrails for updating models
in production": all at once, canary, linear, rolling; alarms are watched in every waiting time.
"""

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from modelyard.localcloud.runtime.clock import Clock
from modelyard.localcloud.runtime.fleet import Fleet

_LONGEST_SECONDS = 28_800

Document = dict[str, Any]


@dataclass(frozen=True)
class Step:
    """One step of a rollout.

    Args:
        share: the share of the traffic that the new fleet gets from now on.
        wait_seconds: how long it is watched before the next step.
        resize: the fleets run only the instances that their share needs, as in a rolling update.
    """

    share: float
    wait_seconds: float
    resize: bool = False


@dataclass(frozen=True)
class Plan:
    """A whole rollout.

    Args:
        steps: in their order; the last has all the traffic.
        alarms: the CloudWatch alarms that take it back.
        limit_seconds: how long it may take in all.
    """

    steps: tuple[Step, ...]
    alarms: tuple[str, ...]
    limit_seconds: float = _LONGEST_SECONDS


class Routing:
    """Which fleet gets the next invocation.

    Args:
        serving: the fleet that has all traffic but what a rollout moves.
    """

    def __init__(self, serving: Fleet) -> None:
        self.serving = serving
        self.coming: Fleet | None = None
        self.share = 0.0
        self.step: tuple[Step, datetime] | None = None
        self._owed = 0.0
        self._lock = threading.Lock()

    def pick(self) -> Fleet:
        """Return the fleet of the next invocation; shares are kept exactly, evenly spread."""
        if self.coming is None:
            return self.serving
        with self._lock:
            self._owed += self.share
            if self.coming is None or self._owed < 1.0 - 1e-9:
                return self.serving
            self._owed -= 1.0
            return self.coming

    def shift(self, coming: Fleet, share: float) -> None:
        """Give a fleet a share of the traffic."""
        with self._lock:
            self.coming, self.share = coming, share

    def finish(self) -> Fleet | None:
        """Let the fleet that comes have everything, and return the one before."""
        with self._lock:
            before, coming = self.serving, self.coming
            if coming is None:
                return None
            self.serving, self.coming, self.share, self._owed, self.step = coming, None, 0.0, 0.0, None
            return before

    def back(self) -> None:
        """Give all traffic to the fleet that served before."""
        with self._lock:
            self.coming, self.share, self._owed, self.step = None, 0.0, 0.0, None


@dataclass(frozen=True)
class Watch:
    """What a rollout asks and tells while it goes on.

    Args:
        state: returns an alarm's state by its name.
        stale: tells whether the rollout is to end without a trace.
        told: called with each step as it begins.
    """

    state: Callable[[str], str]
    stale: Callable[[], bool]
    told: Callable[[Step], None]


class RolledBackError(Exception):
    """The rollout was taken back; the message is the endpoint's FailureReason."""


class StaleError(Exception):
    """The endpoint was changed or deleted, or the cloud stops: the rollout is nobody's any more."""


def plan(config: Document | None, instances: int) -> Plan:
    """Return the steps of a DeploymentConfig.

    Args:
        config: the DeploymentConfig; None is all at once.
        instances: how many instances of the new fleet there are in all.
    """
    config = config or {}
    names = tuple(item["AlarmName"] for item in (config.get("AutoRollbackConfiguration") or {}).get("Alarms") or [])
    rolling, green = config.get("RollingUpdatePolicy"), config.get("BlueGreenUpdatePolicy") or {}
    if rolling:
        batch = _capacity(rolling["MaximumBatchSize"], instances)
        wait = float(rolling["WaitIntervalInSeconds"])
        return Plan(_even(batch, wait, resize=True), names, float(rolling.get(_LIMIT) or _LONGEST_SECONDS))
    routing = green.get("TrafficRoutingConfiguration") or {"Type": "ALL_AT_ONCE"}
    wait = float(routing.get("WaitIntervalInSeconds") or 0)
    if routing["Type"] == "CANARY":
        steps: tuple[Step, ...] = (Step(_capacity(routing["CanarySize"], instances), wait), Step(1.0, wait))
    elif routing["Type"] == "LINEAR":
        steps = _even(_capacity(routing["LinearStepSize"], instances), wait)
    else:
        steps = (Step(1.0, wait),)
    last = Step(1.0, steps[-1].wait_seconds + float(green.get("TerminationWaitInSeconds") or 0))
    return Plan((*steps[:-1], last), names, float(green.get(_LIMIT) or _LONGEST_SECONDS))


def carry_out(planned: Plan, routing: Routing, coming: Fleet, clock: Clock, watch: Watch) -> None:
    """Move the traffic step by step; when this returns, the new fleet has all of it.

    Args:
        planned: the steps.
        routing: the endpoint's traffic.
        coming: the new fleet, which answers already.
        clock: the cloud's time, by which the steps wait.
        watch: what is asked and told meanwhile.

    Raises:
        RolledBackError: an alarm went off, or it took too long; all traffic is where it was.
        StaleError: it is nobody's any more.
    """
    began = clock.time()

    def ringing() -> list[str]:
        return [name for name in planned.alarms if watch.state(name) == "ALARM"]

    try:
        for step in planned.steps:
            if step.resize:
                coming.scale(step.share)
            routing.shift(coming, step.share)
            if step.resize and step.share < 1.0:
                routing.serving.scale(1.0 - step.share)
            routing.step = step, clock.now()
            watch.told(step)
            clock.wait(step.wait_seconds, lambda: watch.stale() or bool(ringing()))
            _check(watch.stale(), ringing(), clock.time() - began > planned.limit_seconds)
    except RolledBackError:
        if any(step.resize for step in planned.steps):
            routing.serving.scale(1.0)
        routing.back()
        raise


_LIMIT = "MaximumExecutionTimeoutInSeconds"


def _check(stale: bool, ringing: list[str], late: bool) -> None:
    if stale:
        raise StaleError
    if ringing:
        raise RolledBackError(
            f"One or more alarms went into the ALARM state during the deployment, which was rolled back: "
            f"{', '.join(ringing)}."
        )
    if late:
        raise RolledBackError("The deployment took longer than MaximumExecutionTimeoutInSeconds and was rolled back.")


def _capacity(size: Document, instances: int) -> float:
    """Return a CapacitySize as a share of the whole."""
    value = float(size["Value"])
    if size["Type"] == "CAPACITY_PERCENT":
        return min(value / 100.0, 1.0)
    return min(value / max(instances, 1), 1.0)


def _even(size: float, wait: float, *, resize: bool = False) -> tuple[Step, ...]:
    count = max(math.ceil(1.0 / max(size, 0.01) - 1e-9), 1)
    return tuple(Step(min(size * (number + 1), 1.0), wait, resize) for number in range(count))

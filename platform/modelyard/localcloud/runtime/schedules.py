"""Schedules of EventBridge: rules with a schedule, and the Scheduler's; when they are due, and what they send then."""

import json
import logging
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.events.models import events_backends
from moto.scheduler.models import scheduler_backends

from modelyard.localcloud.runtime import cron
from modelyard.localcloud.runtime.host import ACCOUNT, Host

KIND = "ScheduleAnchor"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Schedule:
    """One schedule.

    Args:
        region: where it is.
        arn: its ARN.
        expression: its schedule expression.
        zone: its time zone.
        targets: what it sends to.
        scheduler: it is one of EventBridge Scheduler, not a rule.
        start: it is not due before; seconds since the epoch.
        end: nor after.
        once: it is deleted after it was due for the last time.
    """

    region: str
    arn: str
    expression: str
    zone: str
    targets: tuple[dict[str, Any], ...]
    scheduler: bool
    start: float = 0.0
    end: float = float("inf")
    once: bool = False


class Schedules:
    """All schedules of the local cloud.

    Args:
        host: the local cloud.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._anchors: dict[tuple[str, str], dict[str, Any]] = {}

    def restore(self) -> None:
        """Take up when the schedules of the last run were first seen."""
        for region in self._host.store.regions():
            for document in self._host.collection(region, KIND).all():
                self._anchors[region, document["Arn"]] = document

    def due(self, after: float) -> list[tuple[float, Schedule]]:
        """Return when each schedule is next due after a moment, the first first."""
        found = []
        for schedule in self._all():
            try:
                moment = cron.next_due(
                    schedule.expression,
                    self._anchor(schedule),
                    max(after, schedule.start - 1e-3),
                    schedule.zone,
                )
            except cron.ScheduleError as error:
                _log.warning("%s: %s", schedule.arn, error)
                continue
            if moment is not None and moment <= schedule.end:
                found.append((moment, schedule))
        return sorted(found, key=lambda item: (item[0], item[1].arn))

    def fire(self, schedule: Schedule, moment: float) -> None:
        """Send what a schedule sends at a moment."""
        when = datetime.fromtimestamp(moment, UTC)
        event = {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": "Scheduled Event",
            "source": "aws.scheduler" if schedule.scheduler else "aws.events",
            "account": ACCOUNT,
            "time": when.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "region": schedule.region,
            "resources": [schedule.arn],
            "detail": "{}" if schedule.scheduler else {},
        }
        for target in schedule.targets:
            self._host.deliveries.deliver(schedule.region, _filled(target, schedule, when), event)
        if schedule.once and not [1 for _, other in self.due(moment) if other.arn == schedule.arn]:
            group, name = schedule.arn.rpartition(":schedule/")[2].split("/")
            self._host.client("scheduler", schedule.region).delete_schedule(GroupName=group, Name=name)

    def _anchor(self, schedule: Schedule) -> float:
        """Return when a schedule was first seen, from which a rate counts; it survives a restart."""
        key = (schedule.region, schedule.arn)
        known = self._anchors.get(key)
        if known and known["Expression"] == schedule.expression:
            return float(known["Anchor"])
        made: dict[str, Any] = {"Anchor": self._host.clock.time(), "Expression": schedule.expression}
        collection = self._host.collection(schedule.region, KIND)
        collection.remove(schedule.arn)
        collection.add(schedule.arn, {**made, "Arn": schedule.arn})
        self._anchors[key] = made
        return float(made["Anchor"])

    def _all(self) -> list[Schedule]:
        """Return all schedules, and forget when those that are gone were first seen."""
        found = [*_rules(), *_scheduler()]
        alive = {(schedule.region, schedule.arn) for schedule in found}
        for region, arn in [key for key in self._anchors if key not in alive]:
            self._host.collection(region, KIND).remove(arn)
            del self._anchors[region, arn]
        return found


def _rules() -> Iterator[Schedule]:
    for region, backend in list(events_backends[ACCOUNT].items()):
        for bus in list(backend.event_buses.values()):
            for rule in list(bus.rules.values()):
                if rule.scheduled_expression and rule.state != "DISABLED":
                    yield Schedule(region, rule.arn, rule.scheduled_expression, "UTC", tuple(rule.targets), False)


def _scheduler() -> Iterator[Schedule]:
    for region, backend in list(scheduler_backends[ACCOUNT].items()):
        for group in list(backend.schedule_groups.values()):
            for it in list(group.schedules.values()):
                if it.state == "DISABLED":
                    continue
                yield Schedule(
                    region,
                    it.arn,
                    it.schedule_expression,
                    it.schedule_expression_timezone,
                    (it.target,),
                    True,
                    start=_seconds(it.start_date, 0.0),
                    end=_seconds(it.end_date, float("inf")),
                    once=it.action_after_completion == "DELETE",
                )


def _seconds(value: Any, otherwise: float) -> float:
    if not value:
        return otherwise
    return value.timestamp() if isinstance(value, datetime) else float(value)


def _filled(target: dict[str, Any], schedule: Schedule, when: datetime) -> dict[str, Any]:
    """Fill in the words in angle brackets that Scheduler knows in an Input."""
    if not (schedule.scheduler and target.get("Input")):
        return target
    text = str(target["Input"])
    words = {
        "aws.scheduler.schedule-arn": schedule.arn,
        "aws.scheduler.scheduled-time": when.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws.scheduler.execution-id": uuid.uuid4().hex[:16],
        "aws.scheduler.attempt-number": "1",
    }
    for word, value in words.items():
        text = text.replace(f"<{word}>", json.dumps(value)[1:-1])
    return {**target, "Input": text}

"""EventBridge: targets that moto lacks, and one target's failure that does not cost the others their event."""

import copy
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from moto.events.models import Rule

from modelyard.localcloud.runtime.deliveries import transformed

if TYPE_CHECKING:
    from modelyard.localcloud.cloud import LocalCloud

__all__ = ["install", "transformed"]

_moto_sends = Rule.send_to_targets
_SAME_SECONDS = 0.5
_log = logging.getLogger(__name__)


def install(cloud: "LocalCloud") -> None:
    """Put our delivery of events in the place of moto's."""

    def send_to_targets(rule: Any, original_event: Any, transform_input: bool = True) -> None:
        # A rule with a schedule alone has no pattern, which moto takes for one that matches everything.
        pattern = rule.event_pattern
        if rule.state == "DISABLED" or not pattern.get_pattern() or not pattern.matches_event(original_event):
            return
        for target in list(rule.targets):
            if target["Arn"].split(":")[2] == "events":  # another bus, or an archive
                _send_by_moto(rule, target, original_event, transform_input)
            else:
                cloud.host.deliveries.deliver(rule.region_name, target, _dated(original_event, cloud.host.clock.now()))

    kind: Any = Rule
    kind.send_to_targets = send_to_targets


def _send_by_moto(rule: Any, target: dict[str, Any], event: Any, transform_input: bool) -> None:
    only = copy.copy(rule)
    only.targets = [target]
    try:
        _moto_sends(only, event, transform_input)
    except Exception:  # noqa: BLE001  # a target that is gone raises anything; the others still get theirs
        _log.exception("rule %s: the target %s did not get its event", rule.name, target["Arn"])


def _dated(event: dict[str, Any], clock_now: datetime) -> dict[str, Any]:
    """Return an event with its time as AWS writes it; what its sender did not date is of now."""
    given = event.get("time")
    moment = given.timestamp() if isinstance(given, datetime) else float(given or 0)
    # moto dates what nobody dated by the machine's clock, as it puts it on the bus.
    undated = abs(moment - float(event.get("ingestion-time") or 0)) < _SAME_SECONDS
    dated = clock_now if undated else datetime.fromtimestamp(moment, UTC)
    kept = {key: value for key, value in event.items() if key != "ingestion-time"}
    return {**kept, "time": dated.strftime("%Y-%m-%dT%H:%M:%SZ")}

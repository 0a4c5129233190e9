"""CloudWatch: alarms that are judged by the cloud's clock, and metrics listed in linear time."""

from typing import TYPE_CHECKING, Any

from moto.cloudwatch.models import CloudWatchBackend

if TYPE_CHECKING:
    from modelyard.localcloud.cloud import LocalCloud

_MOST_POINTS = 200_000
_deletes: Any = CloudWatchBackend.delete_alarms
_puts_alarm: Any = CloudWatchBackend.put_metric_alarm
_puts_data: Any = CloudWatchBackend.put_metric_data
_sets_state: Any = CloudWatchBackend.set_alarm_state


def install(cloud: "LocalCloud") -> None:
    """Put our listing, our alarms' states and our clock in the place of moto's."""

    def set_alarm_state(backend: Any, alarm_name: str, reason: str, reason_data: str, state_value: str) -> None:
        alarm = backend.alarms.get(alarm_name)
        before = alarm.state_value if alarm else None
        _sets_state(backend, alarm_name, reason, reason_data, state_value)
        if alarm and before != state_value:
            alarm.state_value = before
            cloud.alarms.turn(backend.region_name, alarm, state_value, reason, reason_data or "{}")

    def put_metric_data(backend: Any, namespace: str, metric_data: list[dict[str, Any]]) -> None:
        for datum in metric_data:
            if not datum.get("Timestamp"):
                datum["Timestamp"] = cloud.host.clock.now().replace(tzinfo=None)
        _puts_data(backend, namespace, metric_data)
        if len(backend.metric_data) > _MOST_POINTS:
            del backend.metric_data[: _MOST_POINTS // 4]

    ours = {
        "get_filtered_metrics": _filtered,
        "delete_alarms": _delete_alarms,
        "put_metric_alarm": _put_metric_alarm,
        "put_metric_data": put_metric_data,
        "set_alarm_state": set_alarm_state,
    }
    for name, function in ours.items():
        setattr(CloudWatchBackend, name, function)


def _put_metric_alarm(backend: Any, name: str, **request: Any) -> Any:
    """Put an alarm: a new one has no data yet, and one that is put anew keeps its state; moto says OK of both."""
    before = backend.alarms.get(name)
    alarm = _puts_alarm(backend, name=name, **request)
    if before is None:
        alarm.state_value = "INSUFFICIENT_DATA"
    else:
        kept = ("state_value", "state_reason", "state_reason_data", "state_updated_timestamp", "history")
        vars(alarm).update({field: getattr(before, field) for field in kept})
    return alarm


def _delete_alarms(backend: Any, alarm_names: list[str]) -> None:
    """Delete alarms with their tags, which moto would give to the next of their names."""
    arns = [backend.alarms[name].alarm_arn for name in alarm_names if name in backend.alarms]
    _deletes(backend, alarm_names)
    for arn in arns:
        backend.tagger.delete_all_tags_for_resource(arn)


def _filtered(backend: Any, metric_name: str, namespace: str, dimensions: list[dict[str, str]]) -> list[Any]:
    """Return one data point for each metric that matches."""
    distinct: dict[Any, Any] = {}
    for point in backend.get_all_metrics():
        key = (point.namespace, point.name, frozenset((it.name, it.value) for it in point.dimensions))
        distinct.setdefault(key, point)
    return [
        point
        for point in distinct.values()
        if point.filter(namespace=namespace, name=metric_name, dimensions=dimensions, already_present_metrics=[])
    ]

"""CloudWatch: listing metrics in a time that grows with the metrics, not with their data points squared."""

from typing import TYPE_CHECKING, Any

from moto.cloudwatch.models import CloudWatchBackend

if TYPE_CHECKING:
    from modelyard.localcloud.cloud import LocalCloud

_deletes: Any = CloudWatchBackend.delete_alarms


def install(_cloud: "LocalCloud") -> None:
    """Put our listing in the place of moto's."""
    for name, function in {"get_filtered_metrics": _filtered, "delete_alarms": _delete_alarms}.items():
        setattr(CloudWatchBackend, name, function)


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

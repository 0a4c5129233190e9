"""`aws:cloudwatch/metricAlarm:MetricAlarm`."""

from collections.abc import Iterator
from typing import Any, ClassVar

from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.session import Session
from modelyard.localcloud.provider.tags import TagOperations, from_pairs, to_pairs
from modelyard.localcloud.provider.translate import scalar
from modelyard.wire import Props

_STAT = {"period": "Period", "stat": "Stat", "unit": "Unit"}
_METRIC = {"metricName": "MetricName", "namespace": "Namespace"}
_QUERY = {
    "id": "Id",
    "accountId": "AccountId",
    "expression": "Expression",
    "label": "Label",
    "period": "Period",
    "returnData": "ReturnData",
}


class MetricAlarm(ResourceType):
    """An alarm on a metric or on an expression over metrics."""

    pulumi_type = "aws:cloudwatch/metricAlarm:MetricAlarm"
    client = "cloudwatch"
    name_property = "name"
    name_limit = 255
    tagging = TagOperations("cloudwatch")
    defaults: ClassVar = {"actionsEnabled": True, "treatMissingData": "missing"}
    names: ClassVar = {"name": "AlarmName", "arn": "AlarmArn"}
    unordered = frozenset({"alarmActions", "insufficientDataActions", "okActions"})

    def expected_id(self, aws: Session, inputs: Props) -> str:
        """Return the alarm's name."""
        return str(inputs["name"])

    def create(self, aws: Session, inputs: Props) -> str:
        """Put the alarm; it is known by its name."""
        self._put(aws, inputs)
        return str(inputs["name"])

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Describe the alarm."""
        alarms = self.call(aws, "describe_alarms", AlarmNames=[resource_id], AlarmTypes=["MetricAlarm"])["MetricAlarms"]
        if not alarms:
            return None
        queries = [_query_from_aws(query) for query in alarms[0].get("Metrics") or []]
        props = self.properties(alarms[0])
        return props | ({"metricQueries": queries} if queries else {})

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Put the alarm anew."""
        self._put(aws, {name: value for name, value in new.items() if name != "tagsAll"})

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Delete the alarm."""
        if self.read(aws, resource_id, state) is not None:
            self.find(aws, "delete_alarms", AlarmNames=[resource_id])

    def list(self, aws: Session) -> Iterator[str]:
        """List the names."""
        for alarm in self.pages(aws, "describe_alarms", "MetricAlarms"):
            yield str(alarm["AlarmName"])

    def _put(self, aws: Session, props: Props) -> None:
        parameters = self.request(aws, "put_metric_alarm", props)
        queries = [_query_to_aws(query) for query in props.get("metricQueries") or []]
        self.call(aws, "put_metric_alarm", **parameters, **({"Metrics": queries} if queries else {}))


def _renamed(props: Props, names: dict[str, str]) -> dict[str, Any]:
    return {word: props[name] for name, word in names.items() if props.get(name) is not None}


def _query_to_aws(query: Props) -> dict[str, Any]:
    result = _renamed(query, _QUERY)
    if query.get("metric"):
        metric = _renamed(query["metric"], _METRIC)
        if query["metric"].get("dimensions"):
            metric["Dimensions"] = to_pairs(query["metric"]["dimensions"], "Name")
        result["MetricStat"] = {"Metric": metric, **_renamed(query["metric"], _STAT)}
    return result


def _query_from_aws(query: dict[str, Any]) -> Props:
    result: Props = {name: scalar(query[word]) for name, word in _QUERY.items() if query.get(word) is not None}
    stat = query.get("MetricStat")
    if stat:
        metric: Props = {name: stat["Metric"][word] for name, word in _METRIC.items() if stat["Metric"].get(word)}
        metric |= {name: scalar(stat[word]) for name, word in _STAT.items() if stat.get(word) is not None}
        if stat["Metric"].get("Dimensions"):
            metric["dimensions"] = from_pairs(stat["Metric"]["Dimensions"], "Name")
        result["metric"] = metric
    return result


RESOURCE = MetricAlarm()

"""CloudWatch's alarms, judged by the data points that endpoints, jobs and monitors put.

Source: the CloudWatch user guide, "Using Amazon CloudWatch alarms", "Configuring how alarms treat missing data", "Alarm
events and EventBridge". A period ends where the alarm is looked at, so that what happened is seen at once.
"""

import json
import logging
import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends

from modelyard.localcloud.runtime import expressions
from modelyard.localcloud.runtime.deliveries import Call
from modelyard.localcloud.runtime.host import ACCOUNT, Host
from modelyard.localcloud.runtime.metrics import Series, Spec

OK, ALARM, NO_DATA = "OK", "ALARM", "INSUFFICIENT_DATA"
EVENT = "CloudWatch Alarm State Change"
_BREACHES: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
    "LessThanOrEqualToThreshold": lambda value, threshold: value <= threshold,
}
_ACTIONS = {OK: "ok_actions", ALARM: "alarm_actions", NO_DATA: "insufficient_data_actions"}
_log = logging.getLogger(__name__)

Document = dict[str, Any]


class Alarms:
    """All alarms of the local cloud.

    Args:
        host: the local cloud.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._series: dict[str, Series] = {}
        self._lock = threading.Lock()

    def evaluate(self) -> int:
        """Look at every alarm, and tell of those whose state is another now.

        Returns:
            how many these are.
        """
        with self._lock:
            return self._evaluate()

    def series(self, region: str) -> Series:
        """Return the data points of a region."""
        points = cloudwatch_backends[ACCOUNT][region].metric_data
        known = self._series.get(region)
        if known is None or known.source is not points:
            known = self._series[region] = Series(points)
        known.refresh()
        return known

    def _evaluate(self) -> int:
        turned = 0
        for region, backend in list(cloudwatch_backends[ACCOUNT].items()):
            if not backend.alarms:
                continue
            series = self.series(region)
            for alarm in sorted(backend.alarms.values(), key=lambda it: bool(it.rule)):
                try:
                    state, reason = self._judge(alarm, series, backend.alarms)
                except (ValueError, KeyError, ArithmeticError) as error:
                    _log.warning("the alarm %s can't be judged: %s", alarm.name, error)
                    continue
                if state != alarm.state_value:
                    self.turn(region, alarm, state, reason)
                    turned += 1
        return turned

    def state(self, region: str, name: str) -> str:
        """Return an alarm's state; of one that is not there there is no data."""
        alarm = cloudwatch_backends[ACCOUNT][region].alarms.get(name)
        return str(alarm.state_value) if alarm else NO_DATA

    def any(self) -> bool:
        """Tell whether there are alarms."""
        return any(backend.alarms for backend in list(cloudwatch_backends[ACCOUNT].values()))

    def turn(self, region: str, alarm: Any, state: str, reason: str, data: str = "{}") -> None:
        """Give an alarm another state, with all that comes of it."""
        before = {"value": alarm.state_value, "reason": alarm.state_reason, "timestamp": _stamp(alarm)}
        alarm.update_state(reason, data, state)
        alarm.state_updated_timestamp = self._host.clock.now().replace(tzinfo=None)
        self._host.store.touch()
        after = {"value": state, "reason": reason, "reasonData": data, "timestamp": _stamp(alarm)}
        detail = {
            "alarmName": alarm.name,
            "state": after,
            "previousState": before,
            "configuration": {"description": alarm.description or "", "metrics": _metrics(alarm)},
        }
        self._host.events.send(region, EVENT, [alarm.alarm_arn], detail, source="aws.cloudwatch")
        if alarm.actions_enabled:
            for arn in getattr(alarm, _ACTIONS[state]) or []:
                self._act(region, arn, alarm, detail)

    def _act(self, region: str, arn: str, alarm: Any, detail: Document) -> None:
        service = arn.split(":")[2]
        if service == "sns":
            text = json.dumps(_notification(region, alarm, detail))
            subject = f'{detail["state"]["value"]}: "{alarm.name}" in {region}'[:100]
            self._host.deliveries.send(
                region, Call("sns", "publish", {"TopicArn": arn, "Message": text, "Subject": subject})
            )
        elif service == "lambda":
            sent = {
                "source": "aws.cloudwatch",
                "alarmArn": alarm.alarm_arn,
                "accountId": ACCOUNT,
                "time": detail["state"]["timestamp"],
                "region": region,
                "alarmData": {key: detail[key] for key in ("alarmName", "state", "previousState", "configuration")},
            }
            call = Call(
                "lambda", "invoke", {"FunctionName": arn, "InvocationType": "Event", "Payload": json.dumps(sent)}
            )
            self._host.deliveries.send(region, call)

    def _judge(self, alarm: Any, series: Series, alarms: dict[str, Any]) -> tuple[str, str]:
        if alarm.rule:
            holds = expressions.rule(alarm.rule, {name: it.state_value for name, it in alarms.items()})
            return (ALARM if holds else OK), f"The rule {alarm.rule} is {str(holds).lower()}"
        return judged(alarm, self._points(alarm, series))

    def _points(self, alarm: Any, series: Series) -> list[float | None]:
        """Return the value of each of the last evaluation periods, the newest first."""
        now = self._host.clock.now()
        period = int(alarm.period or _period_of(alarm.metric_data_queries))
        ends = [now - timedelta(seconds=period * number) for number in range(int(alarm.evaluation_periods))]
        if not alarm.metric_data_queries:
            spec = Spec(
                alarm.namespace,
                alarm.metric_name,
                tuple(sorted((it.name, it.value) for it in alarm.dimensions)),
                alarm.extended_statistic or alarm.statistic or "Average",
            )
            return [series.value(spec, end, period) for end in ends]
        return [_computed(alarm.metric_data_queries, series, end, period) for end in ends]


def judged(alarm: Any, points: list[float | None]) -> tuple[str, str]:
    """Return the state of an alarm by its data points, and why.

    Args:
        alarm: moto's.
        points: the value of each evaluation period, the newest first; None where there is no data.
    """
    missing = alarm.treat_missing_data or "missing"
    wanted = int(alarm.datapoints_to_alarm or alarm.evaluation_periods)
    known = [value for value in points if value is not None]
    gaps = len(points) - len(known)
    breaches = _BREACHES[alarm.comparison_operator]
    threshold = float(alarm.threshold or 0.0)
    over = sum(1 for value in known if breaches(value, threshold))
    if missing == "breaching":
        over += gaps
    elif missing in ("missing", "ignore") and not known:
        nothing = "Insufficient Data: no datapoints were received."
        return (NO_DATA, nothing) if missing == "missing" else (alarm.state_value, alarm.state_reason)
    elif missing == "missing":
        wanted = min(wanted, len(known))
    shown = ", ".join(f"{value:g}" for value in known) or "none"
    if over >= wanted:
        return (
            ALARM,
            f"Threshold Crossed: {over} out of the last {len(points)} datapoints [{shown}] crossed {threshold:g}",
        )
    if missing == "ignore" and gaps:
        return alarm.state_value, alarm.state_reason
    return OK, f"Threshold not crossed: {over} out of the last {len(points)} datapoints [{shown}] crossed {threshold:g}"


def _computed(queries: Iterable[Any], series: Series, end: datetime, period: int) -> float | None:
    """Return the value of the query that is to be returned."""
    known: dict[str, float | None] = {}
    returned = ""
    for query in queries:
        if query.metric_stat:
            metric = query.metric_stat.metric
            dimensions = tuple(sorted((it.name, it.value) for it in metric.dimensions))
            spec = Spec(metric.namespace, metric.metric_name, dimensions, query.metric_stat.stat)
            known[query.id] = series.value(spec, end, int(query.metric_stat.period or period))
        if str(query.return_data).lower() == "true":
            returned = query.id
    texts = {query.id: query.expression for query in queries if query.expression}
    return expressions.value(texts[returned], known, texts) if returned in texts else known.get(returned)


def _period_of(queries: Iterable[Any]) -> int:
    periods = [query.period or (query.metric_stat.period if query.metric_stat else None) for query in queries]
    return max([int(period) for period in periods if period], default=60)


def _stamp(alarm: Any) -> str:
    moment: datetime = alarm.state_updated_timestamp
    return moment.replace(tzinfo=moment.tzinfo or UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"


def _metrics(alarm: Any) -> list[Document]:
    if alarm.metric_data_queries or not alarm.metric_name:
        return [{"id": query.id, "returnData": query.return_data} for query in alarm.metric_data_queries]
    metric = {
        "namespace": alarm.namespace,
        "name": alarm.metric_name,
        "dimensions": {it.name: it.value for it in alarm.dimensions},
    }
    stat = alarm.extended_statistic or alarm.statistic
    return [{"id": "m1", "returnData": True, "metricStat": {"metric": metric, "period": alarm.period, "stat": stat}}]


def _notification(region: str, alarm: Any, detail: Document) -> Document:
    """Return what CloudWatch publishes to a topic."""
    return {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description or None,
        "AWSAccountId": ACCOUNT,
        "NewStateValue": detail["state"]["value"],
        "NewStateReason": detail["state"]["reason"],
        "StateChangeTime": detail["state"]["timestamp"],
        "Region": region,
        "AlarmArn": alarm.alarm_arn,
        "OldStateValue": detail["previousState"]["value"],
        "OKActions": alarm.ok_actions or [],
        "AlarmActions": alarm.alarm_actions or [],
        "InsufficientDataActions": alarm.insufficient_data_actions or [],
        "Trigger": {
            "MetricName": alarm.metric_name,
            "Namespace": alarm.namespace,
            "Statistic": (alarm.statistic or "").upper(),
            "Dimensions": [{"name": it.name, "value": it.value} for it in alarm.dimensions],
            "Period": alarm.period,
            "EvaluationPeriods": alarm.evaluation_periods,
            "ComparisonOperator": alarm.comparison_operator,
            "Threshold": alarm.threshold,
            "TreatMissingData": alarm.treat_missing_data or "",
        },
    }

"""The metrics of a monitor, in CloudWatch."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .results import Result

_BATCH = 500


def publish(result: Result, endpoint: str, schedule: str) -> None:
    """Put all metrics of a result; without a region, where nobody could take them, nothing is put.

    Args:
        result: what was found.
        endpoint: the dimension Endpoint.
        schedule: the dimension MonitoringSchedule.
    """
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if not region or not endpoint:
        return
    import boto3

    client = boto3.client("cloudwatch", region_name=region)
    dimensions = [{"Name": "Endpoint", "Value": endpoint}, {"Name": "MonitoringSchedule", "Value": schedule}]
    data: list[dict[str, Any]] = []
    for metric in result.metrics:
        datum: dict[str, Any] = {"MetricName": metric.name, "Dimensions": [it for it in dimensions if it["Value"]]}
        if metric.statistics is not None:
            datum["StatisticValues"] = metric.statistics
        else:
            datum["Value"] = metric.value
        data.append(datum)
    for start in range(0, len(data), _BATCH):
        client.put_metric_data(Namespace=result.namespace, MetricData=data[start : start + _BATCH])

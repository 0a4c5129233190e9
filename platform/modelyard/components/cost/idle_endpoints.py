"""The function that deletes idle endpoints, and those of branches whose last day is over.

Which they are is decided without AWS, on what was asked of them and on their tags. It stops the cost of a branch that
nobody took away; all else of the branch goes with `modelyard branch reap`, which CI runs every night from state.

It runs in AWS Lambda as it is here, alone in its archive: it imports nothing but what Lambda's Python has.
"""

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

HANDLER = "idle_endpoints.handler"
_PLATFORM_TAG = "modelyard:platform"
_PROTECT_TAG = "modelyard:protect"
_BRANCH_TAG = "modelyard:branch"
_EXPIRY_TAG = "modelyard:expiry"
_NONE = "none"
_SECONDS_AN_HOUR = 3600
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Endpoint:
    """One endpoint, as far as it matters.

    Args:
        name: its name.
        status: SageMaker's word.
        changed: when it was last made or changed, in UTC.
        tags: its tags.
        invocations: how often it was invoked in the hours that count.
    """

    name: str
    status: str
    changed: datetime
    tags: Mapping[str, str] = field(default_factory=dict)
    invocations: float = 0.0


def may_be_idle(endpoint: Endpoint, platform: str, hours: float, now: datetime) -> bool:
    """Tell whether an endpoint may be deleted if nobody has invoked it.

    Args:
        endpoint: the endpoint.
        platform: the environment of the platform whose models are looked after.
        hours: how long an endpoint has to be there unused.
        now: the time, in UTC.
    """
    old = endpoint.changed <= now - timedelta(hours=hours)
    return _is_ours(endpoint, platform) and endpoint.status == "InService" and old


def is_expired(endpoint: Endpoint, platform: str, now: datetime) -> bool:
    """Tell whether an endpoint is of a branch whose last day is over.

    Args:
        endpoint: the endpoint.
        platform: the environment of the platform whose models are looked after.
        now: the time, in UTC.
    """
    branch, expiry = (endpoint.tags.get(key, _NONE) for key in (_BRANCH_TAG, _EXPIRY_TAG))
    over = _NONE not in (branch, expiry) and expiry < now.date().isoformat()
    return over and _is_ours(endpoint, platform)


def _is_ours(endpoint: Endpoint, platform: str) -> bool:
    return endpoint.tags.get(_PLATFORM_TAG) == platform and endpoint.tags.get(_PROTECT_TAG) == "false"


def idle(endpoints: list[Endpoint], platform: str, hours: float, now: datetime) -> list[str]:
    """Name the endpoints that are to be deleted; the arguments are those of `may_be_idle`."""
    return [it.name for it in endpoints if may_be_idle(it, platform, hours, now) and it.invocations == 0]


def handler(event: Any, context: Any) -> dict[str, list[str]]:
    """Delete what is idle, and say what that was.

    Args:
        event: not used.
        context: not used.
    """
    del event, context
    import boto3

    platform, hours = os.environ["PLATFORM"], float(os.environ["IDLE_HOURS"])
    return {"deleted": stop(boto3.client("sagemaker"), boto3.client("cloudwatch"), platform, hours, datetime.now(UTC))}


def stop(sagemaker: Any, cloudwatch: Any, platform: str, hours: float, now: datetime) -> list[str]:
    """Delete what is idle and return its names; only of what may go the invocations are counted.

    Args:
        sagemaker: boto3's client.
        cloudwatch: boto3's client.
        platform: the environment of the platform whose models are looked after.
        hours: how long an endpoint has to be there unused.
        now: the time, in UTC.
    """
    known = _endpoints(sagemaker)
    expired = [it.name for it in known if is_expired(it, platform, now)]
    for name in expired:
        sagemaker.delete_endpoint(EndpointName=name)
        _log.warning("deleted the endpoint %s: the last day of its branch's stack is over", name)
    candidates = [it for it in known if it.name not in expired and may_be_idle(it, platform, hours, now)]
    counted = [replace(it, invocations=_invocations(sagemaker, cloudwatch, it.name, hours, now)) for it in candidates]
    deleted = idle(counted, platform, hours, now)
    for name in deleted:
        sagemaker.delete_endpoint(EndpointName=name)
        _log.warning("deleted the endpoint %s: nobody has invoked it for %g hours", name, hours)
    return [*expired, *deleted]


def _endpoints(sagemaker: Any) -> list[Endpoint]:
    pages = sagemaker.get_paginator("list_endpoints").paginate(StatusEquals="InService")
    return [_endpoint(sagemaker, item) for page in pages for item in page["Endpoints"]]


def _endpoint(sagemaker: Any, item: Mapping[str, Any]) -> Endpoint:
    pages = sagemaker.get_paginator("list_tags").paginate(ResourceArn=item["EndpointArn"])
    tags = {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}
    return Endpoint(item["EndpointName"], item["EndpointStatus"], item["LastModifiedTime"], tags)


def _invocations(sagemaker: Any, cloudwatch: Any, name: str, hours: float, now: datetime) -> float:
    """Count an endpoint's invocations over all of its variants."""
    variants = sagemaker.describe_endpoint(EndpointName=name).get("ProductionVariants", [])
    queries = [_query(number, name, variant["VariantName"]) for number, variant in enumerate(variants)]
    if not queries:
        return 0.0
    start = now - timedelta(hours=hours)
    pages = cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=queries, StartTime=start, EndTime=now
    )
    return float(sum(value for page in pages for found in page["MetricDataResults"] for value in found["Values"]))


def _query(number: int, endpoint: str, variant: str) -> dict[str, Any]:
    dimensions = [{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": variant}]
    metric = {"Namespace": "AWS/SageMaker", "MetricName": "Invocations", "Dimensions": dimensions}
    return {"Id": f"v{number}", "MetricStat": {"Metric": metric, "Period": _SECONDS_AN_HOUR, "Stat": "Sum"}}

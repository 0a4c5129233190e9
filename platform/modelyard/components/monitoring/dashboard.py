"""The platform's dashboard as a pure document; its format is CloudWatch's "Dashboard body structure"."""

from typing import Any

_WIDTH = 12
_HEIGHT = 6
_PERIOD_SECONDS = 300
_VARIANTS = "AWS/SageMaker,EndpointName,VariantName"
_HOSTS = "/aws/sagemaker/Endpoints,EndpointName,VariantName"
_JOBS = "/aws/sagemaker/TrainingJobs,Host"
# Each graph: its title, and for each line what is searched for, which metric, and how it is summed up.
_GRAPHS: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...] = (
    ("Invocations of all endpoints", ((_VARIANTS, "Invocations", "Sum"),)),
    (
        "Errors of all endpoints",
        ((_VARIANTS, "Invocation4XXErrors", "Sum"), (_VARIANTS, "Invocation5XXErrors", "Sum")),
    ),
    ("Model latency of all endpoints, p99, in microseconds", ((_VARIANTS, "ModelLatency", "p99"),)),
    (
        "CPU and memory of all endpoints, in percent",
        ((_HOSTS, "CPUUtilization", "Average"), (_HOSTS, "MemoryUtilization", "Average")),
    ),
    (
        "CPU and memory of training jobs, in percent",
        ((_JOBS, "CPUUtilization", "Average"), (_JOBS, "MemoryUtilization", "Average")),
    ),
)


def body(title: str, region: str, event_log_group: str, topic_name: str) -> dict[str, Any]:
    """Return the dashboard.

    Args:
        title: its heading.
        region: the AWS region.
        event_log_group: the log group with SageMaker's state changes.
        topic_name: the topic that alarms go to.
    """
    notices = [["AWS/SNS", name, "TopicName", topic_name] for name in ("NumberOfMessagesPublished", *_UNDELIVERED)]
    graphs = [_graph(heading, region, [_search(*line) for line in lines]) for heading, lines in _GRAPHS]
    graphs.append(_graph("Alarms sent, and not delivered", region, notices, stat="Sum"))
    tail = {"type": "log", "properties": _events(region, event_log_group)}
    heading = {"type": "text", "x": 0, "y": 0, "width": 2 * _WIDTH, "height": 1, "properties": {"markdown": title}}
    placed = [_place(index, widget) for index, widget in enumerate(graphs)]
    below = {"x": 0, "y": 1 + (len(graphs) + 1) // 2 * _HEIGHT, "width": 2 * _WIDTH, "height": _HEIGHT}
    return {"widgets": [heading, *placed, {**below, **tail}]}


_UNDELIVERED = ("NumberOfNotificationsFailed",)


def _place(index: int, widget: dict[str, Any]) -> dict[str, Any]:
    column, row = index % 2, index // 2
    return {"x": column * _WIDTH, "y": 1 + row * _HEIGHT, "width": _WIDTH, "height": _HEIGHT, **widget}


def _graph(title: str, region: str, metrics: list[Any], stat: str = "Average") -> dict[str, Any]:
    shown = {"title": title, "view": "timeSeries", "region": region, "stat": stat, "period": _PERIOD_SECONDS}
    return {"type": "metric", "properties": {**shown, "metrics": metrics}}


def _search(where: str, metric: str, stat: str) -> list[dict[str, str]]:
    return [{"expression": f"SEARCH('{{{where}}} MetricName=\"{metric}\"', '{stat}', {_PERIOD_SECONDS})"}]


def _events(region: str, log_group: str) -> dict[str, Any]:
    fields = "fields @timestamp, `detail-type`, resources.0"
    query = f"SOURCE '{log_group}' | {fields} | sort @timestamp desc | limit 50"
    return {"title": "State changes of SageMaker", "view": "table", "region": region, "query": query}

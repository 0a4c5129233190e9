"""An endpoint's dashboard as a pure document; its format is CloudWatch's "Dashboard body structure"."""

from typing import Any

from modelyard.components.model_service.alarms import INSTANCES, INVOCATIONS

_WIDTH, _HEIGHT, _COLUMNS = 8, 6, 3
_GRAPHS: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = (
    ("Invocations", INVOCATIONS, (("Invocations", "Sum"),)),
    ("Errors", INVOCATIONS, (("Invocation4XXErrors", "Sum"), ("Invocation5XXErrors", "Sum"))),
    (
        "Latency of the model, in microseconds",
        INVOCATIONS,
        (("ModelLatency", "p50"), ("ModelLatency", "p90"), ("ModelLatency", "p99")),
    ),
    ("Latency around the model, in microseconds", INVOCATIONS, (("OverheadLatency", "p99"),)),
    ("CPU, 100 for each core", INSTANCES, (("CPUUtilization", "Average"), ("CPUUtilization", "Maximum"))),
    ("Memory and disk, in percent", INSTANCES, (("MemoryUtilization", "Average"), ("DiskUtilization", "Average"))),
)


def body(endpoint: str, variant: str, region: str, log_group: str, alarm_arns: list[str]) -> dict[str, Any]:
    """Return the dashboard.

    Args:
        endpoint: the endpoint's name.
        variant: its variant's.
        region: the AWS region.
        log_group: where its containers log.
        alarm_arns: the endpoint's alarms.
    """
    states = {"type": "alarm", "properties": {"title": "Alarms", "alarms": alarm_arns}}
    graphs = [_graph(title, region, _lines(space, endpoint, variant, lines)) for title, space, lines in _GRAPHS]
    placed = [{**_place(index), **widget} for index, widget in enumerate(graphs)]
    below = 2 + (len(graphs) + _COLUMNS - 1) // _COLUMNS * _HEIGHT
    query = f"SOURCE '{log_group}' | fields @timestamp, @message | sort @timestamp desc | limit 50"
    log = {"title": "Log", "view": "table", "region": region, "query": query}
    whole = _COLUMNS * _WIDTH
    return {
        "widgets": [
            {"x": 0, "y": 0, "width": whole, "height": 2, **states},
            *placed,
            {"x": 0, "y": below, "width": whole, "height": _HEIGHT, "type": "log", "properties": log},
        ]
    }


def _place(index: int) -> dict[str, int]:
    column, row = index % _COLUMNS, index // _COLUMNS
    return {"x": column * _WIDTH, "y": 2 + row * _HEIGHT, "width": _WIDTH, "height": _HEIGHT}


def _graph(title: str, region: str, metrics: list[Any]) -> dict[str, Any]:
    shown = {"title": title, "view": "timeSeries", "region": region, "period": 300, "metrics": metrics}
    return {"type": "metric", "properties": shown}


def _lines(namespace: str, endpoint: str, variant: str, lines: tuple[tuple[str, str], ...]) -> list[list[Any]]:
    where = ["EndpointName", endpoint, "VariantName", variant]
    return [[namespace, metric, *where, {"stat": stat, "label": f"{metric} {stat}"}] for metric, stat in lines]

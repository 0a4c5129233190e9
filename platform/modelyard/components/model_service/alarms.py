"""What an endpoint raises an alarm for: pure data, from the settings and the kind of its instances.

Metrics and their units are in AWS's developer guide, "Monitor SageMaker AI with CloudWatch".
"""

import re
from dataclasses import dataclass

from modelyard.components.model_service.settings import EndpointAlarmSettings

INVOCATIONS = "AWS/SageMaker"
INSTANCES = "/aws/sagemaker/Endpoints"
_MICROSECONDS = 1000
_FIVE_MINUTES = 300
_HOUR = 3600
_CORES = {"medium": 2, "large": 2}
_CORES_OF_XLARGE = 4


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """One alarm on one metric of an endpoint's variant.

    Args:
        word: its own part of its name.
        meaning: what is wrong, for whoever gets the alarm.
        statistic: CloudWatch's word, or a percentile such as `p99`.
        threshold: what the statistic is compared with, in the metric's unit.
        below: whether less than the threshold is wrong; more is otherwise.
        period: seconds that are summed up.
        periods: how many periods in a row have to be wrong.
        silence: whether no data at all is wrong too.
    """

    word: str
    meaning: str
    namespace: str
    metric: str
    statistic: str
    threshold: float
    below: bool = False
    period: int = _FIVE_MINUTES
    periods: int = 1
    silence: bool = False

    @property
    def is_percentile(self) -> bool:
        """Tell whether the statistic is one of CloudWatch's extended ones."""
        return self.statistic.startswith("p")


def alarms(settings: EndpointAlarmSettings, instance_type: str, *, serverless: bool = False) -> list[Alarm]:
    """List an endpoint's alarms.

    Args:
        settings: their thresholds.
        instance_type: such as `ml.m5.large`; CPU utilization counts each core up to 100.
        serverless: whether it has no instances; AWS measures the memory of such an endpoint, but not its CPU.
    """
    found = [
        Alarm(
            word="latency",
            meaning=f"One answer in a hundred takes the model longer than {settings.latency_p99_ms} ms",
            namespace=INVOCATIONS,
            metric="ModelLatency",
            statistic="p99",
            threshold=settings.latency_p99_ms * _MICROSECONDS,
            periods=3,
        ),
        Alarm(
            word="errors",
            meaning="The model's own errors, answered with a status of 500 and above",
            namespace=INVOCATIONS,
            metric="Invocation5XXErrors",
            statistic="Sum",
            threshold=settings.server_errors,
        ),
        Alarm(
            word="client-errors",
            meaning="Requests that the endpoint refused, with a status of 400 to 499",
            namespace=INVOCATIONS,
            metric="Invocation4XXErrors",
            statistic="Sum",
            threshold=settings.client_errors,
        ),
        *(it for it in _machines(settings, instance_type) if it.word != "cpu" or not serverless),
    ]
    return [*found, _idle(settings.idle_hours)] if settings.idle_hours else found


def _machines(settings: EndpointAlarmSettings, instance_type: str) -> list[Alarm]:
    return [
        Alarm(
            word=word,
            meaning=f"The endpoint's instances use more than {percent} percent of their {what} for 15 minutes",
            namespace=INSTANCES,
            metric=metric,
            statistic="Average",
            threshold=threshold,
            periods=3,
        )
        for word, what, metric, percent, threshold in (
            ("cpu", "CPU", "CPUUtilization", settings.cpu_percent, settings.cpu_percent * cores(instance_type)),
            ("memory", "memory", "MemoryUtilization", settings.memory_percent, settings.memory_percent),
        )
    ]


def _idle(hours: int) -> Alarm:
    return Alarm(
        word="idle",
        meaning=f"Nobody has invoked the endpoint for {hours} hours",
        namespace=INVOCATIONS,
        metric="Invocations",
        statistic="Sum",
        threshold=1,
        below=True,
        period=_HOUR,
        periods=hours,
        silence=True,
    )


def cores(instance_type: str) -> int:
    """Return how many virtual cores an instance type has, by the size in its name."""
    size = instance_type.rpartition(".")[2]
    match = re.fullmatch(r"(\d*)xlarge", size)
    return _CORES_OF_XLARGE * int(match[1] or 1) if match else _CORES.get(size, 1)

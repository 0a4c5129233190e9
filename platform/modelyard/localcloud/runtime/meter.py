"""An endpoint's CloudWatch metrics, counted per invocation and sent in batches."""

import threading
from collections import defaultdict
from typing import Any

from modelyard.localcloud.runtime.host import Host
from modelyard.localcloud.runtime.logs import put_metrics

NAMESPACE = "AWS/SageMaker"
FLUSH_SECONDS = 1.0
# So many single values of a second are kept, for percentiles; beyond them CloudWatch gets their sum and extremes.
_SINGLE_VALUES = 60

Series = tuple[str, str, str, str, str]


class Meter:
    """Counts invocations.

    Args:
        host: the local cloud.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._pending: dict[Series, list[float]] = defaultdict(list)
        self._lock = threading.Lock()
        self._sending = threading.Lock()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def count(self, region: str, endpoint: str, variant: str, status: int, seconds: float) -> None:
        """Count one invocation.

        Args:
            region: the endpoint's.
            endpoint: its name.
            variant: which served.
            status: what the model server answered.
            seconds: how long it took.
        """
        self.add(region, endpoint, variant, "Invocations", 1.0, "Count")
        self.add(region, endpoint, variant, "ModelLatency", seconds * 1e6, "Microseconds")
        self.add(region, endpoint, variant, "Invocation4XXErrors", float(400 <= status < 500), "Count")
        self.add(region, endpoint, variant, "Invocation5XXErrors", float(status >= 500), "Count")

    def add(self, region: str, endpoint: str, variant: str, metric: str, value: float, unit: str) -> None:
        """Add one value of a metric; `variant` is empty for one of the endpoint as a whole."""
        with self._lock:
            self._pending[region, endpoint, variant, metric, unit].append(value)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="meter", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Send what is left."""
        self._closing.set()
        if self._thread:
            self._thread.join(timeout=10)

    def flush(self) -> None:
        """Send what is held."""
        with self._sending:
            with self._lock:
                pending, self._pending = self._pending, defaultdict(list)
            data: dict[str, list[dict[str, Any]]] = defaultdict(list)
            for (region, endpoint, variant, metric, unit), values in pending.items():
                data[region].append(
                    {
                        "MetricName": metric,
                        "Dimensions": _dimensions(endpoint, variant),
                        "Timestamp": self._host.clock.now(),
                        "Unit": unit,
                        **_summary(values),
                    }
                )
            for region, items in data.items():
                put_metrics(self._host.client("cloudwatch", region), NAMESPACE, items)

    def _run(self) -> None:
        while not self._closing.wait(FLUSH_SECONDS):
            self.flush()
        self.flush()


def _dimensions(endpoint: str, variant: str) -> list[dict[str, str]]:
    whole = [{"Name": "EndpointName", "Value": endpoint}]
    return [*whole, {"Name": "VariantName", "Value": variant}] if variant else whole


def _summary(values: list[float]) -> dict[str, Any]:
    if len(values) <= _SINGLE_VALUES and len(set(values)) > 1:
        return {"Values": values}
    if len(values) == 1:
        return {"Value": values[0]}
    statistics = {"SampleCount": len(values), "Sum": sum(values), "Minimum": min(values), "Maximum": max(values)}
    return {"StatisticValues": statistics}

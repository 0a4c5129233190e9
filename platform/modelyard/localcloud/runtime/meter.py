"""An endpoint's CloudWatch metrics, counted per invocation and sent in batches."""

import threading
from typing import Any

from modelyard.localcloud.runtime.host import Host
from modelyard.localcloud.runtime.logs import now, put_metrics

NAMESPACE = "AWS/SageMaker"
FLUSH_SECONDS = 1.0


class Meter:
    """Counts invocations.

    Args:
        host: the local cloud.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._pending: dict[str, list[dict[str, Any]]] = {}
        self._lock = threading.Lock()
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
        dimensions = [{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": variant}]
        values = {
            "Invocations": (1.0, "Count"),
            "ModelLatency": (seconds * 1e6, "Microseconds"),
            "Invocation4XXErrors": (float(400 <= status < 500), "Count"),
            "Invocation5XXErrors": (float(status >= 500), "Count"),
        }
        data = [
            {"MetricName": name, "Value": value, "Unit": unit, "Timestamp": now(), "Dimensions": dimensions}
            for name, (value, unit) in values.items()
        ]
        with self._lock:
            self._pending.setdefault(region, []).extend(data)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="meter", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Send what is left."""
        self._closing.set()
        if self._thread:
            self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._closing.wait(FLUSH_SECONDS):
            self._flush()
        self._flush()

    def _flush(self) -> None:
        with self._lock:
            pending, self._pending = self._pending, {}
        for region, data in pending.items():
            put_metrics(self._host.client("cloudwatch", region), NAMESPACE, data)

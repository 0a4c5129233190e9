"""CloudWatch Logs and metrics of what runs, sent in batches."""

import logging
import threading
import time
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

FLUSH_SECONDS = 0.5
_MAX_BATCH = 1000
_MAX_MESSAGE = 250_000
_log = logging.getLogger(__name__)


class LogStream:
    """One log stream; its lines arrive within half a second.

    Args:
        client: a client of CloudWatch Logs.
        group: the log group, made if it isn't there.
        stream: the log stream's name.
    """

    def __init__(self, client: Any, group: str, stream: str) -> None:
        self._client = client
        self._names = {"logGroupName": group, "logStreamName": stream}
        self._lines: list[dict[str, Any]] = []
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._create()
        self._thread = threading.Thread(target=self._run, name=f"log {stream}", daemon=True)
        self._thread.start()

    def write(self, line: str) -> None:
        """Append one line."""
        with self._lock:
            self._lines.append({"timestamp": int(time.time() * 1000), "message": line[:_MAX_MESSAGE] or " "})

    def close(self) -> None:
        """Send what is left."""
        self._closing.set()
        self._thread.join(timeout=30)

    def _create(self) -> None:
        for create, names in (
            (self._client.create_log_group, {"logGroupName": self._names["logGroupName"]}),
            (self._client.create_log_stream, self._names),
        ):
            try:
                create(**names)
            except self._client.exceptions.ResourceAlreadyExistsException:
                continue

    def _run(self) -> None:
        while not self._closing.wait(FLUSH_SECONDS):
            self._flush()
        self._flush()

    def _flush(self) -> None:
        with self._lock:
            lines, self._lines = self._lines, []
        for start in range(0, len(lines), _MAX_BATCH):
            try:
                self._client.put_log_events(**self._names, logEvents=lines[start : start + _MAX_BATCH])
            except (BotoCoreError, ClientError) as error:
                _log.warning("lines of %s are lost: %s", self._names["logStreamName"], error)


def put_metrics(client: Any, namespace: str, values: list[dict[str, Any]]) -> None:
    """Send metric data; a failure is logged, for no job fails over a metric.

    Args:
        client: a client of CloudWatch.
        namespace: the metrics' namespace.
        values: members of PutMetricData's MetricData.
    """
    for start in range(0, len(values), _MAX_BATCH):
        try:
            client.put_metric_data(Namespace=namespace, MetricData=values[start : start + _MAX_BATCH])
        except (BotoCoreError, ClientError) as error:
            _log.warning("metrics of %s are lost: %s", namespace, error)


def now() -> datetime:
    """Return the time, as SageMaker's own times are: UTC, in milliseconds."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

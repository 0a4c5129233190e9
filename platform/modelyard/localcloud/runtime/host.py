"""What everything in the runtime needs of the local cloud it runs in."""

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from modelyard.localcloud.runtime.clients import Clients
from modelyard.localcloud.runtime.clock import Clock
from modelyard.localcloud.runtime.deliveries import Deliveries
from modelyard.localcloud.runtime.events import Events
from modelyard.localcloud.state.store import Collection, Store

ACCOUNT = "123456789012"


class LiveMetrics:
    """The metrics of training jobs that run now, as they are found in their logs."""

    def __init__(self) -> None:
        self._found: dict[str, list[tuple[str, float]]] = {}
        self._lock = threading.Lock()

    def add(self, arn: str, name: str, value: float) -> None:
        """Note one value of a job's metric."""
        with self._lock:
            self._found.setdefault(arn, []).append((name, value))

    def values(self, arn: str, name: str) -> list[float]:
        """Return all values of a job's metric so far, oldest first."""
        with self._lock:
            return [value for found, value in self._found.get(arn, []) if found == name]

    def forget(self, arn: str) -> None:
        """Drop what is known of a job that is over."""
        with self._lock:
            self._found.pop(arn, None)


@dataclass(frozen=True)
class Host:
    """The local cloud, as the runtime sees it.

    Args:
        folder: where jobs and endpoints keep their files.
        store: our documents.
        clients: clients of the local cloud itself.
        events: the event bus.
        deliveries: what rules, schedules and alarms send.
        clock: the cloud's own time.
        metrics: of the training jobs that run now.
    """

    folder: Path
    store: Store
    clients: Clients
    events: Events
    deliveries: Deliveries
    clock: Clock
    metrics: LiveMetrics = field(default_factory=LiveMetrics)

    def client(self, service: str, region: str) -> Any:
        """Return a boto3 client of the local cloud."""
        return self.clients.get(service, region)

    def collection(self, region: str, kind: str) -> Collection:
        """Return the documents of one kind in one region."""
        return self.store.collection(region, kind)


def sagemaker_arn(region: str, resource: str, name: str) -> str:
    """Return the ARN of a SageMaker resource, such as `training-job` and a name."""
    return f"arn:aws:sagemaker:{region}:{ACCOUNT}:{resource}/{name}"

"""What everything in the runtime needs of the local cloud it runs in."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modelyard.localcloud.runtime.clients import Clients
from modelyard.localcloud.runtime.clock import Clock
from modelyard.localcloud.runtime.deliveries import Deliveries
from modelyard.localcloud.runtime.events import Events
from modelyard.localcloud.state.store import Collection, Store

ACCOUNT = "123456789012"


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
    """

    folder: Path
    store: Store
    clients: Clients
    events: Events
    deliveries: Deliveries
    clock: Clock

    def client(self, service: str, region: str) -> Any:
        """Return a boto3 client of the local cloud."""
        return self.clients.get(service, region)

    def collection(self, region: str, kind: str) -> Collection:
        """Return the documents of one kind in one region."""
        return self.store.collection(region, kind)


def sagemaker_arn(region: str, resource: str, name: str) -> str:
    """Return the ARN of a SageMaker resource, such as `training-job` and a name."""
    return f"arn:aws:sagemaker:{region}:{ACCOUNT}:{resource}/{name}"

"""SageMaker's state changes on the default EventBridge bus, in the shape that AWS gives them."""

import json
import logging
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from modelyard.localcloud.runtime.clients import Clients

_log = logging.getLogger(__name__)


class Events:
    """Sends events.

    Args:
        clients: clients of the local cloud.
    """

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def send(
        self, region: str, detail_type: str, arns: list[str], detail: dict[str, Any], source: str = "aws.sagemaker"
    ) -> None:
        """Put one event on the default bus; a failure is logged.

        Args:
            region: where the resource is.
            detail_type: such as `SageMaker Training Job State Change`.
            arns: the resources it is about.
            detail: what AWS says of it; times become milliseconds since the epoch.
            source: the AWS service that tells.
        """
        entry = {
            "Source": source,
            "DetailType": detail_type,
            "Detail": json.dumps(detail, default=_plain),
            "Resources": arns,
        }
        try:
            self._clients.get("events", region).put_events(Entries=[entry])
        except (BotoCoreError, ClientError) as error:
            _log.warning("the event %s of %s did not reach all its targets: %s", detail_type, arns[0], error)


def iso(moment: datetime) -> str:
    """Return a time as pipeline events carry it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _plain(value: Any) -> Any:
    return int(value.timestamp() * 1000) if isinstance(value, datetime) else str(value)

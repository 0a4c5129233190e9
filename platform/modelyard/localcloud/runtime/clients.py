"""boto3 clients of the local cloud's own endpoint, shared by all threads."""

import threading
from typing import Any

import boto3
from botocore.config import Config


class Clients:
    """Makes each client once: making one takes tens of milliseconds and is not safe across threads.

    Args:
        endpoint_url: the local cloud.
    """

    def __init__(self, endpoint_url: str) -> None:
        self.endpoint_url = endpoint_url
        self._session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test")  # noqa: S106  # no secret
        self._clients: dict[tuple[str, str], Any] = {}
        self._lock = threading.Lock()

    def get(self, service: str, region: str) -> Any:
        """Return the client of a service in a region."""
        with self._lock:
            if (service, region) not in self._clients:
                make: Any = self._session.client
                self._clients[service, region] = make(
                    service,
                    region_name=region,
                    endpoint_url=self.endpoint_url,
                    config=Config(
                        max_pool_connections=50, retries={"max_attempts": 2}, s3={"addressing_style": "path"}
                    ),
                )
            return self._clients[service, region]

"""Where the provider's calls go: one endpoint, one region, clients made once."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from modelyard.localcloud.provider.errors import NotReadyError
from modelyard.localcloud.provider.query import ask

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

DEFAULT_REGION = "us-east-1"
DEFAULT_TIMEOUT_S = 900.0
_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 1.0
_lock = threading.Lock()


@dataclass(frozen=True)
class Session:
    """Access to the local cloud.

    Args:
        endpoint_url: where every service answers.
        region: the region that requests are signed for.
        timeout: seconds that one operation may take; 0 for the default of 15 minutes.
        default_tags: the provider's tags for all resources.
        cancelled: set when the engine asks for an early end; waiting stops then.
    """

    endpoint_url: str
    region: str = DEFAULT_REGION
    timeout: float = 0.0
    cancelled: threading.Event = field(default_factory=threading.Event)
    default_tags: Mapping[str, str] = field(default_factory=dict)

    def within(self, *, region: str | None = None, timeout: float = 0.0) -> "Session":
        """Return the session of one request: its resource's region, its time limit in seconds."""
        return replace(self, region=region or self.region, timeout=timeout)

    def client(self, service: str) -> Any:
        """Return the boto3 client of a service; it is safe to share between threads."""
        with _lock:
            return _client(service, self.endpoint_url, self.region)

    @property
    def identity(self) -> dict[str, str]:
        """Whom the credentials belong to: `Account`, `Arn` and `UserId`."""
        return _identity(self.endpoint_url)

    def ask(self, service: str, action: str, parameters: Mapping[str, str] | None = None) -> "Element":
        """Carry out an operation that changes nothing, without boto3; see `query.ask`."""
        return ask(self.endpoint_url, self.region, service, action, parameters)

    @property
    def account_id(self) -> str:
        """The account that the credentials belong to."""
        return self.identity["Account"]

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource of this account and region."""
        return f"arn:aws:{service}:{self.region}:{self.account_id}:{resource}"

    def wait(self, done: Callable[[], bool], what: str) -> None:
        """Ask until a thing is done, at first every 0.05 s and at last once a second.

        Args:
            done: tells whether it is; raises when it never will be.
            what: names the thing in errors.

        Raises:
            NotReadyError: the time limit passed, or the deployment was cancelled meanwhile.
        """
        limit = self.timeout or DEFAULT_TIMEOUT_S
        deadline, pause = time.monotonic() + limit, _FIRST_PAUSE_S
        while not done():
            if time.monotonic() > deadline:
                raise NotReadyError(f"{what} is not ready after {limit:g} s")
            if self.cancelled.wait(pause):
                raise NotReadyError(f"stopped waiting for {what}: the deployment was cancelled")
            pause = min(pause * 1.5, _LONGEST_PAUSE_S)


@lru_cache(maxsize=1)
def _boto3_session() -> Any:
    import boto3  # here and below: a deployment that changes nothing makes no call and needs neither
    import botocore.session

    from modelyard.localcloud.provider.service_models import loader

    inner = botocore.session.Session()
    inner.register_component("data_loader", loader())
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    session: Any = boto3.session.Session(**keys, botocore_session=inner)
    return session


@lru_cache(maxsize=128)
def _client(service: str, endpoint_url: str, region: str) -> Any:
    from botocore.config import Config

    config = Config(
        retries={"total_max_attempts": 2, "mode": "standard"},
        connect_timeout=5,
        read_timeout=60,
        max_pool_connections=32,
        s3={"addressing_style": "path"},
    )
    return _boto3_session().client(service, endpoint_url=endpoint_url, region_name=region, config=config)


@lru_cache(maxsize=8)
def _identity(endpoint_url: str) -> dict[str, str]:
    answer = ask(endpoint_url, DEFAULT_REGION, "sts", "GetCallerIdentity")
    return {name: answer.findtext(f".//{name}", "") for name in ("Account", "Arn", "UserId")}

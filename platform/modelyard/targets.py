"""Where resources live: an AWS endpoint, its region and the credentials for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Target:
    """A cloud that programs and verbs talk to.

    Args:
        endpoint_url: its address; empty for AWS itself.
        environment: environment variables that let any AWS client find it; none for AWS, where the user's own count.
        assuming: whether what programs look up by its identifier is taken to be there: for a look at plans alone.
    """

    endpoint_url: str
    environment: Mapping[str, str]
    assuming: bool = False

    @property
    def is_aws(self) -> bool:
        """Tell whether it is AWS itself, and not a cloud of ours."""
        return not self.endpoint_url

    def client(self, service: str, region: str) -> Any:
        """Make a boto3 client.

        Args:
            service: boto3's name of the service.
            region: the region to work in.
        """
        import boto3
        from botocore.config import Config

        return boto3.client(
            service,  # type: ignore[call-overload]
            region_name=region,
            endpoint_url=self.endpoint_url or None,
            aws_access_key_id=self.environment.get("AWS_ACCESS_KEY_ID"),
            aws_secret_access_key=self.environment.get("AWS_SECRET_ACCESS_KEY"),
            config=Config(retries={"total_max_attempts": 2}, read_timeout=120),
        )


AWS = Target(endpoint_url="", environment={})

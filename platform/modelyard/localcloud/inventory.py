"""What a local cloud holds: every resource that somebody made, of every type there is a provider file for."""

from dataclasses import dataclass

from modelyard.localcloud.provider import registry
from modelyard.localcloud.provider.session import Session


@dataclass(frozen=True, order=True)
class Item:
    """One resource.

    Args:
        type: its type token, such as `aws:s3/bucket:Bucket`.
        id: its identifier.
    """

    type: str
    id: str


def inventory(endpoint_url: str, region: str) -> list[Item]:
    """List all resources of a region, by type; what AWS itself puts into an account is left out.

    Args:
        endpoint_url: the local cloud's address.
        region: the region to look into.
    """
    session = Session(endpoint_url, region)
    kinds = [kind for kind in registry.resource_types() if not kind.is_view]
    return sorted(Item(kind.pulumi_type, found) for kind in kinds for found in kind.list(session))

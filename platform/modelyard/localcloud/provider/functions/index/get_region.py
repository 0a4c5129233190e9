"""`aws:index/getRegion:getRegion`."""

from modelyard.localcloud.provider.errors import ProviderError
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props


def call(aws: Session, args: Props) -> Props:
    """Return a region: the one that is asked for by name or endpoint, else the provider's."""
    endpoint = args.get("endpoint")
    name = args.get("name") or args.get("region") or (_region_of(str(endpoint)) if endpoint else aws.region)
    found = aws.client("ec2").describe_regions(AllRegions=True)["Regions"]
    if name not in {region["RegionName"] for region in found}:
        raise ProviderError(f"there is no region {name}", hint="choose one such as us-east-1")
    return {
        "description": name,
        "endpoint": f"ec2.{name}.amazonaws.com",
        "id": name,
        "name": name,
        "region": name,
    }


def _region_of(endpoint: str) -> str:
    return endpoint.removeprefix("ec2.").removesuffix(".amazonaws.com")

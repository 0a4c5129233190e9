"""`aws:index/getRegions:getRegions`."""

from modelyard.localcloud.provider.functions.lookup import filters
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props


def call(aws: Session, args: Props) -> Props:
    """Return the names of the regions, those that the account has not opted into only when they are asked for."""
    found = aws.client("ec2").describe_regions(Filters=filters(args), AllRegions=bool(args.get("allRegions")))
    return {**args, "id": "aws", "names": sorted(region["RegionName"] for region in found["Regions"])}

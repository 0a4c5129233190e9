"""`aws:index/getAvailabilityZones:getAvailabilityZones`."""

from typing import Any

from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props


def call(aws: Session, args: Props) -> Props:
    """Return the availability zones of the region, in the order of their names."""
    filters = [{"Name": item["name"], "Values": item["values"]} for item in args.get("filters") or []]
    if args.get("state"):
        filters.append({"Name": "state", "Values": [args["state"]]})
    parameters: dict[str, Any] = {"Filters": filters} if filters else {}
    if args.get("allAvailabilityZones"):
        parameters["AllAvailabilityZones"] = True
    found = aws.client("ec2").describe_availability_zones(**parameters)["AvailabilityZones"]
    zones = sorted((zone for zone in found if _is_wanted(zone, args)), key=lambda zone: str(zone["ZoneName"]))
    return {
        **args,
        "groupNames": sorted({zone.get("GroupName", aws.region) for zone in zones}),
        "id": aws.region,
        "names": [zone["ZoneName"] for zone in zones],
        "region": aws.region,
        "zoneIds": [zone["ZoneId"] for zone in zones],
    }


def _is_wanted(zone: dict[str, Any], args: Props) -> bool:
    names, ids = args.get("excludeNames") or [], args.get("excludeZoneIds") or []
    return zone["ZoneName"] not in names and zone["ZoneId"] not in ids

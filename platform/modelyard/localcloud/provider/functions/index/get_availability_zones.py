"""`aws:index/getAvailabilityZones:getAvailabilityZones`."""

from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props


def call(aws: Session, args: Props) -> Props:
    """Return the availability zones of the region, in the order of their names."""
    filters = [(item["name"], item["values"]) for item in args.get("filters") or []]
    if args.get("state"):
        filters.append(("state", [args["state"]]))
    parameters = {"AllAvailabilityZones": "true"} if args.get("allAvailabilityZones") else {}
    for number, (name, values) in enumerate(filters, start=1):
        parameters[f"Filter.{number}.Name"] = name
        parameters |= {f"Filter.{number}.Value.{place}": value for place, value in enumerate(values, start=1)}
    answer = aws.ask("ec2", "DescribeAvailabilityZones", parameters)
    found = [{field.tag: field.text or "" for field in item} for item in answer.iterfind("availabilityZoneInfo/item")]
    zones = sorted((zone for zone in found if _is_wanted(zone, args)), key=lambda zone: zone["zoneName"])
    return {
        **args,
        "groupNames": sorted({zone.get("groupName", aws.region) for zone in zones}),
        "id": aws.region,
        "names": [zone["zoneName"] for zone in zones],
        "region": aws.region,
        "zoneIds": [zone["zoneId"] for zone in zones],
    }


def _is_wanted(zone: dict[str, str], args: Props) -> bool:
    names, ids = args.get("excludeNames") or [], args.get("excludeZoneIds") or []
    return zone["zoneName"] not in names and zone["zoneId"] not in ids

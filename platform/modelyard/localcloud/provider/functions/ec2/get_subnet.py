"""`aws:ec2/getSubnet:getSubnet`."""

from modelyard.localcloud.provider.functions.lookup import described, filters, only
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props

_FILTERS = {
    "availabilityZone": "availabilityZone",
    "availabilityZoneId": "availabilityZoneId",
    "cidrBlock": "cidrBlock",
    "defaultForAz": "defaultForAz",
    "state": "state",
    "vpcId": "vpc-id",
}


def call(aws: Session, args: Props) -> Props:
    """Return the one subnet that the arguments describe."""
    by_id = {"SubnetIds": [args["id"]]} if args.get("id") else {}
    found = aws.client("ec2").describe_subnets(Filters=filters(args, **_FILTERS), **by_id)["Subnets"]
    subnet = only(found, "EC2 Subnet")
    return {
        **described(aws, "aws:ec2/subnet:Subnet", str(subnet["SubnetId"])),
        "availableIpAddressCount": subnet["AvailableIpAddressCount"],
        "defaultForAz": subnet.get("DefaultForAz", False),
        "state": subnet["State"],
    }

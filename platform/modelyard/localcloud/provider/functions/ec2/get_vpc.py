"""`aws:ec2/getVpc:getVpc`."""

from modelyard.localcloud.provider.functions.lookup import described, filters, only, picked
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props

_NAMES = (
    "arn",
    "cidrBlock",
    "dhcpOptionsId",
    "enableDnsHostnames",
    "enableDnsSupport",
    "enableNetworkAddressUsageMetrics",
    "id",
    "instanceTenancy",
    "mainRouteTableId",
    "ownerId",
    "region",
)


def call(aws: Session, args: Props) -> Props:
    """Return the one network that the arguments describe."""
    asked = filters(args, cidrBlock="cidr", default="is-default", dhcpOptionsId="dhcp-options-id", state="state")
    by_id = {"VpcIds": [args["id"]]} if args.get("id") else {}
    vpc = only(aws.client("ec2").describe_vpcs(Filters=asked, **by_id)["Vpcs"], "EC2 VPC")
    known = described(aws, "aws:ec2/vpc:Vpc", str(vpc["VpcId"]))
    associations = [
        {"associationId": it["AssociationId"], "cidrBlock": it["CidrBlock"], "state": it["CidrBlockState"]["State"]}
        for it in vpc.get("CidrBlockAssociationSet", [])
    ]
    more = {"cidrBlockAssociations": associations, "default": vpc.get("IsDefault", False), "state": vpc["State"]}
    more |= {"dhcpOptionsId": vpc["DhcpOptionsId"]} if vpc.get("DhcpOptionsId") else {}
    return {**picked(known, _NAMES), **more, "tags": known.get("tags") or {}}

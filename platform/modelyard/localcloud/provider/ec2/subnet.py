"""`aws:ec2/subnet:Subnet`."""

from typing import Any, ClassVar

from modelyard.localcloud.provider.ec2 import Ec2Resource
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props

_SWITCHES = {"assignIpv6AddressOnCreation": "AssignIpv6AddressOnCreation", "mapPublicIpOnLaunch": "MapPublicIpOnLaunch"}


class Subnet(Ec2Resource):
    """A range of a network's addresses in one availability zone."""

    pulumi_type = "aws:ec2/subnet:Subnet"
    noun = "subnet"
    kind = "subnet"
    identifier = "SubnetId"
    members = "Subnets"
    defaults: ClassVar = {"assignIpv6AddressOnCreation": False, "mapPublicIpOnLaunch": False}
    replace = frozenset(
        {
            "availabilityZone",
            "availabilityZoneId",
            "cidrBlock",
            "ipv4IpamPoolId",
            "ipv4NetmaskLength",
            "ipv6IpamPoolId",
            "ipv6Native",
            "ipv6NetmaskLength",
            "outpostArn",
            "vpcId",
        }
    )

    def configure(self, aws: Session, resource_id: str, inputs: Props) -> None:
        """Set the switches that differ from what a new subnet has."""
        self.update(aws, resource_id, {}, inputs)

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Set the switches that changed, one call each, as EC2 wants it."""
        for name, attribute in _SWITCHES.items():
            wanted = bool(new.get(name))
            if bool(old.get(name)) != wanted:
                self.call(aws, "modify_subnet_attribute", SubnetId=resource_id, **{attribute: {"Value": wanted}})

    def is_own(self, aws: Session, found: dict[str, Any]) -> bool:
        """Leave out the subnets of the network that AWS gives to an account."""
        return not found.get("DefaultForAz")


RESOURCE = Subnet()

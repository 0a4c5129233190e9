"""`aws:ec2/vpc:Vpc`."""

from typing import Any, ClassVar

from modelyard.localcloud.provider.ec2 import Ec2Resource
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props

_SWITCHES = {
    "enableDnsSupport": "EnableDnsSupport",
    "enableDnsHostnames": "EnableDnsHostnames",
    "enableNetworkAddressUsageMetrics": "EnableNetworkAddressUsageMetrics",
}


class Vpc(Ec2Resource):
    """A virtual network."""

    pulumi_type = "aws:ec2/vpc:Vpc"
    noun = "vpc"
    kind = "vpc"
    identifier = "VpcId"
    members = "Vpcs"
    defaults: ClassVar = {"enableDnsSupport": True, "instanceTenancy": "default"}
    replace = frozenset({"cidrBlock", "instanceTenancy", "ipv4IpamPoolId", "ipv4NetmaskLength"})

    def configure(self, aws: Session, resource_id: str, inputs: Props) -> None:
        """Set the switches that differ from what a new network has."""
        self._switch(aws, resource_id, {"enableDnsSupport": True}, inputs)

    def attributes(self, aws: Session, found: dict[str, Any], state: Props) -> Props:
        """Read the switches and the identifiers of what comes with a network."""
        vpc_id = found["VpcId"]
        mine = [{"Name": "vpc-id", "Values": [vpc_id]}]
        client = aws.client("ec2")
        main = [*mine, {"Name": "association.main", "Values": ["true"]}]
        tables = client.describe_route_tables(Filters=main)["RouteTables"]
        named = [*mine, {"Name": "group-name", "Values": ["default"]}]
        groups = client.describe_security_groups(Filters=named)["SecurityGroups"]
        default_acls = [*mine, {"Name": "default", "Values": ["true"]}]
        acls = client.describe_network_acls(Filters=default_acls)["NetworkAcls"]
        table_id = tables[0]["RouteTableId"] if tables else ""
        return {
            **{name: self._is_on(aws, vpc_id, attribute) for name, attribute in _SWITCHES.items()},
            "mainRouteTableId": table_id,
            "defaultRouteTableId": table_id,
            "defaultSecurityGroupId": groups[0]["GroupId"] if groups else "",
            "defaultNetworkAclId": acls[0]["NetworkAclId"] if acls else "",
        }

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Set the switches that changed."""
        self._switch(aws, resource_id, old, new)

    def is_own(self, aws: Session, found: dict[str, Any]) -> bool:
        """Leave out the network that AWS gives to an account."""
        return not found.get("IsDefault")

    def _switch(self, aws: Session, vpc_id: str, old: Props, new: Props) -> None:
        for name, attribute in _SWITCHES.items():
            if bool(old.get(name)) != bool(new.get(name)):
                self.call(aws, "modify_vpc_attribute", VpcId=vpc_id, **{attribute: {"Value": bool(new.get(name))}})

    def _is_on(self, aws: Session, vpc_id: str, attribute: str) -> bool:
        name = attribute[0].lower() + attribute[1:]
        answer = self.call(aws, "describe_vpc_attribute", VpcId=vpc_id, Attribute=name)
        return bool(answer.get(attribute, {}).get("Value"))


RESOURCE = Vpc()

"""Networks."""

from modelyard.components.cost.settings import UsageSettings
from modelyard.costing.usage import Inputs, Rule, Use, hours


def _nat_gateway(_inputs: Inputs, usage: UsageSettings) -> list[Use]:
    through = Use("AmazonEC2", "NatGateway-Bytes", usage.transferred_gib, "usage.transferred_gib")
    return [hours("AmazonEC2", "NatGateway-Hours"), through]


def _address(_inputs: Inputs, _usage: UsageSettings) -> list[Use]:
    return [hours("AmazonVPC", "PublicIPv4:InUseAddress")]


def _endpoint(inputs: Inputs, usage: UsageSettings) -> list[Use]:
    """An interface endpoint is charged in each zone; a gateway endpoint is free."""
    if inputs.get("vpcEndpointType", "Gateway") == "Gateway":
        return []
    subnets = inputs.get("subnetIds")
    zones = len(subnets) if isinstance(subnets, list) and subnets else 1
    through = Use("AmazonVPC", "VpcEndpoint-Bytes", usage.transferred_gib, "usage.transferred_gib")
    return [hours("AmazonVPC", "VpcEndpoint-Hours", zones), through]


RULES: dict[str, Rule] = {
    "aws:ec2/eip:Eip": _address,
    "aws:ec2/natGateway:NatGateway": _nat_gateway,
    "aws:ec2/vpcEndpoint:VpcEndpoint": _endpoint,
}
FREE = (
    "aws:ec2/default",
    "aws:ec2/flowLog:",  # charged by the log group that it writes to
    "aws:ec2/internetGateway",
    "aws:ec2/mainRouteTableAssociation:",
    "aws:ec2/networkAcl",
    "aws:ec2/route",
    "aws:ec2/securityGroup",
    "aws:ec2/subnet:",
    "aws:ec2/vpc:",
    "aws:vpc/securityGroup",
)

"""The way out to the internet: public subnets with NAT gateways, and the routes that lead there."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from modelyard.component import Component
from modelyard.components.network.settings import NetworkSettings
from modelyard.naming import Scope

_ANYWHERE = "0.0.0.0/0"


@dataclass(frozen=True, kw_only=True)
class InternetArgs:
    """Wires of the way out.

    Args:
        zones: the names of the availability zones, one for each private subnet.
        route_table_ids: the private subnets' route tables, in the same order.
    """

    settings: NetworkSettings
    scope: Scope
    vpc_id: pulumi.Input[str]
    zones: pulumi.Output[Sequence[str]]
    route_table_ids: Sequence[pulumi.Input[str]]


class Internet(Component):
    """NAT gateways: what is in the private subnets reaches the internet, and nothing there reaches it.

    Attributes:
        public_subnet_ids: one subnet for each zone that has a NAT gateway.
    """

    token = "modelyard:platform:Internet"  # noqa: S105 - a type token

    def __init__(self, name: str, args: InternetArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        child, child_opts = self.child("gateway")
        tags = {"Name": args.scope.name("internet")}
        gateway = aws.ec2.InternetGateway(child, vpc_id=args.vpc_id, tags=tags, opts=child_opts)
        child, child_opts = self.child("public")
        tags = {"Name": args.scope.name("public")}
        table = aws.ec2.RouteTable(child, vpc_id=args.vpc_id, tags=tags, opts=child_opts)
        child, child_opts = self.child("public-out")
        out = aws.ec2.Route(
            child, route_table_id=table.id, destination_cidr_block=_ANYWHERE, gateway_id=gateway.id, opts=child_opts
        )
        count = args.settings.zones if args.settings.internet == "nat_per_zone" else 1
        subnets = [self._public_subnet(args, table, index) for index in range(count)]
        gateways = [self._nat(args, subnet, index, out) for index, subnet in enumerate(subnets)]
        for index, private in enumerate(args.route_table_ids):
            child, child_opts = self.child(f"private-{index}-out")
            nat = gateways[index % count].id
            aws.ec2.Route(
                child, route_table_id=private, destination_cidr_block=_ANYWHERE, nat_gateway_id=nat, opts=child_opts
            )
        self.public_subnet_ids = [subnet.id for subnet in subnets]
        self.register_outputs({"publicSubnetIds": self.public_subnet_ids})

    def _public_subnet(self, args: InternetArgs, table: aws.ec2.RouteTable, index: int) -> aws.ec2.Subnet:
        name, opts = self.child(f"public-{index}")
        subnet = aws.ec2.Subnet(
            name,
            vpc_id=args.vpc_id,
            cidr_block=args.settings.public_cidrs()[index],
            availability_zone=args.zones[index],
            tags={"Name": args.scope.name("public", str(index))},
            opts=opts,
        )
        name, opts = self.child(f"public-{index}-routes")
        aws.ec2.RouteTableAssociation(name, subnet_id=subnet.id, route_table_id=table.id, opts=opts)
        return subnet

    def _nat(self, args: InternetArgs, subnet: aws.ec2.Subnet, index: int, out: aws.ec2.Route) -> aws.ec2.NatGateway:
        tags = {"Name": args.scope.name("nat", str(index))}
        name, opts = self.child(f"address-{index}")
        address = aws.ec2.Eip(name, domain="vpc", tags=tags, opts=opts)
        # AWS wants the way out to be there first.
        name, opts = self.child(f"nat-{index}", depends_on=[out])
        return aws.ec2.NatGateway(name, subnet_id=subnet.id, allocation_id=address.id, tags=tags, opts=opts)

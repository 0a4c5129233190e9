"""The network: a VPC with private subnets, gateway endpoints and a security group for workloads."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from modelyard.component import Component
from modelyard.components.network.settings import NetworkSettings
from modelyard.naming import Scope

_GATEWAYS = ("s3", "dynamodb")


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """Wires of a network."""

    settings: NetworkSettings
    scope: Scope


class Network(Component):
    """A VPC without a way to or from the internet.

    Attributes:
        vpc_id: the VPC.
        subnet_ids: one private subnet for each zone.
        security_group_id: for workloads, which may talk to one another and to AWS.
    """

    token = "modelyard:platform:Network"  # noqa: S105 - a type token

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        vpc_name, vpc_opts = self.child("vpc")
        vpc = aws.ec2.Vpc(
            vpc_name,
            cidr_block=args.settings.cidr,
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags={"Name": args.scope.name("vpc")},
            opts=vpc_opts,
        )
        self.vpc_id = vpc.id
        table_name, table_opts = self.child("private")
        table = aws.ec2.RouteTable(
            table_name, vpc_id=vpc.id, tags={"Name": args.scope.name("private")}, opts=table_opts
        )
        self.subnet_ids = [self._subnet(args, vpc, table, index) for index in range(args.settings.zones)]
        for service in _GATEWAYS:
            self._gateway(args, vpc, table, service)
        self.security_group_id = self._workloads(args, vpc).id
        self.register_outputs({"vpcId": self.vpc_id, "subnetIds": self.subnet_ids})

    def _subnet(self, args: NetworkArgs, vpc: aws.ec2.Vpc, table: aws.ec2.RouteTable, index: int) -> pulumi.Output[str]:
        zones = aws.get_availability_zones_output(state="available", opts=pulumi.InvokeOutputOptions(parent=self))
        name, opts = self.child(f"private-{index}")
        subnet = aws.ec2.Subnet(
            name,
            vpc_id=vpc.id,
            cidr_block=args.settings.subnet_cidrs()[index],
            availability_zone=zones.names[index],
            tags={"Name": args.scope.name("private", str(index))},
            opts=opts,
        )
        link_name, link_opts = self.child(f"private-{index}-routes")
        aws.ec2.RouteTableAssociation(link_name, subnet_id=subnet.id, route_table_id=table.id, opts=link_opts)
        return subnet.id

    def _gateway(self, args: NetworkArgs, vpc: aws.ec2.Vpc, table: aws.ec2.RouteTable, service: str) -> None:
        name, opts = self.child(f"{service}-gateway")
        aws.ec2.VpcEndpoint(
            name,
            vpc_id=vpc.id,
            service_name=f"com.amazonaws.{args.scope.region}.{service}",
            vpc_endpoint_type="Gateway",
            route_table_ids=[table.id],
            tags={"Name": args.scope.name(service)},
            opts=opts,
        )

    def _workloads(self, args: NetworkArgs, vpc: aws.ec2.Vpc) -> aws.ec2.SecurityGroup:
        name, opts = self.child("workloads")
        group = aws.ec2.SecurityGroup(
            name,
            name=args.scope.name("workloads", limit=255),
            description="Jobs, endpoints and notebooks: they reach one another and AWS over TLS",
            vpc_id=vpc.id,
            tags={"Name": args.scope.name("workloads")},
            opts=opts,
        )
        in_name, in_opts = self.child("workloads-among-themselves")
        aws.vpc.SecurityGroupIngressRule(
            in_name,
            security_group_id=group.id,
            referenced_security_group_id=group.id,
            ip_protocol="-1",
            description="Traffic among workloads",
            opts=in_opts,
        )
        out_name, out_opts = self.child("workloads-to-aws")
        aws.vpc.SecurityGroupEgressRule(
            out_name,
            security_group_id=group.id,
            cidr_ipv4="0.0.0.0/0",
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            description="TLS; there is no route out of the VPC but to endpoints",
            opts=out_opts,
        )
        return group

"""The network: private subnets, what of AWS is reached from them, and the way out; or a network that is there."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from modelyard.component import Component
from modelyard.components.network import fence, policy
from modelyard.components.network.endpoints import Endpoints, EndpointsArgs
from modelyard.components.network.existing import looked_up
from modelyard.components.network.flow_log import FlowLog, FlowLogArgs
from modelyard.components.network.internet import Internet, InternetArgs
from modelyard.components.network.settings import ExistingNetwork, NetworkSettings
from modelyard.components.network.workloads import Workloads, WorkloadsArgs
from modelyard.naming import Scope


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """Wires of a network."""

    settings: NetworkSettings
    scope: Scope
    account_id: pulumi.Input[str]
    log_key_arn: pulumi.Input[str]


class Network(Component):
    """A VPC that nothing from outside reaches, or a place in one that is there already.

    Attributes:
        vpc_id: the VPC.
        subnet_ids: one private subnet for each zone.
        security_group_id: for workloads, which may talk to one another and to AWS.
        promised: the three of them, by these names, for the stack to export.
    """

    token = "modelyard:platform:Network"  # noqa: S105 - a type token
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    security_group_id: pulumi.Input[str]

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        if args.settings.existing:
            self._adopt(args, args.settings.existing)
        else:
            self._build(args)
        self.promised = {
            "vpc_id": self.vpc_id,
            "subnet_ids": self.subnet_ids,
            "security_group_id": self.security_group_id,
        }
        self.register_outputs(self.promised)

    def _adopt(self, args: NetworkArgs, existing: ExistingNetwork) -> None:
        """Take what is there, and make a security group where none is given."""
        there = looked_up(existing, args.scope.region, self)
        self.vpc_id = there.vpc_id
        self.subnet_ids = [there.subnet_ids[place] for place, _ in enumerate(existing.subnet_ids)]
        if existing.security_group_id:
            self.security_group_id = there.apply(lambda it: it.security_group_id or "")
            return
        workloads = self._workloads(args)
        workloads.allow("aws", "TLS; where it leads is the network's own affair", cidr_ipv4="0.0.0.0/0")
        self.security_group_id = workloads.group_id

    def _build(self, args: NetworkArgs) -> None:
        settings = args.settings
        vpc = self._vpc(args)
        self.vpc_id = vpc.id
        opened = aws.get_availability_zones_output(state="available", opts=pulumi.InvokeOutputOptions(parent=self))
        zones = opened.names.apply(lambda names: _enough(names, settings.zones))
        tables = [self._private_table(args, index) for index in range(settings.zones)]
        self.subnet_ids = [self._private_subnet(args, zones[i], table, i) for i, table in enumerate(tables)]
        workloads = self._workloads(args)
        self.security_group_id = workloads.group_id
        account = pulumi.Output.from_input(args.account_id)
        documents = {
            "s3": account.apply(lambda it: json.dumps(policy.s3_gateway(args.scope, it))),
            "dynamodb": account.apply(lambda it: json.dumps(policy.own_principals(it))),
        }
        gateways = {word: self._gateway(args, tables, word, it) for word, it in documents.items()}
        if settings.internet == "none":
            for word, gateway in gateways.items():
                workloads.allow(word, "TLS to the service's gateway", prefix_list_id=gateway.prefix_list_id)
        else:
            self._lead_out(args, workloads, zones, tables)
        if settings.interface_endpoints:
            self._bring_in(args, workloads)
        if settings.flow_log_retention_days:
            self._record(args, settings.flow_log_retention_days)

    def _vpc(self, args: NetworkArgs) -> aws.ec2.Vpc:
        """Make the VPC, and close what comes with it: the security group whole, the ACL but for what passes."""
        name, opts = self.child("vpc")
        vpc = aws.ec2.Vpc(
            name,
            cidr_block=args.settings.cidr,
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags={"Name": args.scope.name("vpc")},
            opts=opts,
        )
        name, opts = self.child("closed")
        closed = {"Name": args.scope.name("closed")}
        aws.ec2.DefaultSecurityGroup(name, vpc_id=vpc.id, ingress=[], egress=[], tags=closed, opts=opts)
        cidr, internet = args.settings.cidr, args.settings.internet != "none"
        name, opts = self.child("fence", ignore_changes=["subnetIds"])  # subnets are in it by themselves
        aws.ec2.DefaultNetworkAcl(
            name,
            default_network_acl_id=vpc.default_network_acl_id,
            ingress=[aws.ec2.DefaultNetworkAclIngressArgs(**it) for it in fence.ingress(cidr, internet=internet)],
            egress=[aws.ec2.DefaultNetworkAclEgressArgs(**it) for it in fence.egress(cidr)],
            tags={"Name": args.scope.name("fence")},
            opts=opts,
        )
        return vpc

    def _private_table(self, args: NetworkArgs, index: int) -> aws.ec2.RouteTable:
        name, opts = self.child(f"private-{index}-table")
        tags = {"Name": args.scope.name("private", str(index))}
        return aws.ec2.RouteTable(name, vpc_id=self.vpc_id, tags=tags, opts=opts)

    def _private_subnet(
        self, args: NetworkArgs, zone: pulumi.Input[str], table: aws.ec2.RouteTable, index: int
    ) -> pulumi.Output[str]:
        name, opts = self.child(f"private-{index}")
        subnet = aws.ec2.Subnet(
            name,
            vpc_id=self.vpc_id,
            cidr_block=args.settings.subnet_cidrs()[index],
            availability_zone=zone,
            tags={"Name": args.scope.name("private", str(index))},
            opts=opts,
        )
        name, opts = self.child(f"private-{index}-routes")
        aws.ec2.RouteTableAssociation(name, subnet_id=subnet.id, route_table_id=table.id, opts=opts)
        return subnet.id

    def _gateway(
        self, args: NetworkArgs, tables: Sequence[aws.ec2.RouteTable], service: str, document: pulumi.Input[str]
    ) -> aws.ec2.VpcEndpoint:
        name, opts = self.child(f"{service}-gateway")
        return aws.ec2.VpcEndpoint(
            name,
            vpc_id=self.vpc_id,
            service_name=f"com.amazonaws.{args.scope.region}.{service}",
            vpc_endpoint_type="Gateway",
            route_table_ids=[table.id for table in tables],
            policy=document,
            tags={"Name": args.scope.name(service)},
            opts=opts,
        )

    def _workloads(self, args: NetworkArgs) -> Workloads:
        name, opts = self.child("workloads")
        return Workloads(name, WorkloadsArgs(scope=args.scope, vpc_id=self.vpc_id), opts)

    def _lead_out(
        self,
        args: NetworkArgs,
        workloads: Workloads,
        zones: pulumi.Output[Sequence[str]],
        tables: Sequence[aws.ec2.RouteTable],
    ) -> None:
        name, opts = self.child("internet")
        wires = InternetArgs(
            settings=args.settings,
            scope=args.scope,
            vpc_id=self.vpc_id,
            zones=zones,
            route_table_ids=[table.id for table in tables],
        )
        Internet(name, wires, opts)
        workloads.allow("internet", "TLS to AWS and the internet, through NAT gateways", cidr_ipv4="0.0.0.0/0")

    def _bring_in(self, args: NetworkArgs, workloads: Workloads) -> None:
        name, opts = self.child("endpoints")
        wires = EndpointsArgs(
            settings=args.settings,
            scope=args.scope,
            account_id=args.account_id,
            vpc_id=self.vpc_id,
            subnet_ids=self.subnet_ids,
            workloads_id=workloads.group_id,
        )
        group_id = Endpoints(name, wires, opts).security_group_id
        if args.settings.internet == "none":
            workloads.allow("endpoints", "TLS to AWS's services", referenced_security_group_id=group_id)

    def _record(self, args: NetworkArgs, days: int) -> None:
        name, opts = self.child("flow")
        wires = FlowLogArgs(
            scope=args.scope,
            retention_days=days,
            account_id=args.account_id,
            log_key_arn=args.log_key_arn,
            vpc_id=self.vpc_id,
        )
        FlowLog(name, wires, opts)


def _enough(zones: Sequence[str], wanted: int) -> Sequence[str]:
    """Return a region's zones; too few are an error for people."""
    if len(zones) < wanted:
        raise pulumi.RunError(
            f"network.zones: the region has {len(zones)} availability zones for this account, not {wanted}\n"
            f"  -> set network.zones: {len(zones)}, or another region"
        )
    return zones

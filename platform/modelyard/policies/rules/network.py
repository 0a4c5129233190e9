"""The network: closed to the internet, and watched."""

from collections.abc import Iterator, Mapping
from ipaddress import ip_network
from typing import Any

from modelyard.policies.documents import ENDPOINT, statements
from modelyard.policies.plan import Plan, Planned
from modelyard.policies.rule import Found, rule

_WIDEST = {4: 8, 6: 16}
"""The shortest prefix, by IP's version, that is still somebody's network: two halves are all of the internet."""
_GROUPS = ("aws:ec2/securityGroup:SecurityGroup", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")
_RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
_VPC = "aws:ec2/vpc:Vpc"


def _ranges(block: Mapping[str, Any]) -> list[str]:
    names = ("cidrBlocks", "ipv6CidrBlocks", "cidrIpv4", "cidrIpv6")
    values = [block.get(name) for name in names]
    return [it for value in values for it in (value if isinstance(value, list) else [value]) if isinstance(it, str)]


def _rules(plan: Plan, way: str) -> Iterator[tuple[Planned, Mapping[str, Any]]]:
    """Return all rules of security groups in one direction, however they are written."""
    for group in plan.of(*_GROUPS):
        for block in group.items(way):
            yield group, block
    for it in plan.of(_RULE):
        if it.text("type") == way:
            yield it, it.inputs
    kind = f"securityGroup{way.title()}Rule"
    for it in plan.of(f"aws:vpc/{kind}:{kind[0].upper()}{kind[1:]}"):
        yield it, it.inputs


def _is_everywhere(cidr: str) -> bool:
    try:
        network = ip_network(cidr, strict=False)
    except ValueError:
        return False
    return network.prefixlen < _WIDEST[network.version]


@rule(
    "network-no-open-ingress",
    title="Nothing is reached from the internet",
    reason="an open port is found within minutes",
    mend="name the range or the security group that may come in",
)
def open_ingress(plan: Plan) -> Found:
    """Find rules that let everybody in."""
    for it, block in _rules(plan, "ingress"):
        if found := [cidr for cidr in _ranges(block) if _is_everywhere(cidr)]:
            yield it, f"it lets {found[0]} in"


@rule(
    "network-no-open-egress",
    title="What leaves says by which port",
    reason="a way out for every protocol is a way out for data",
    mend="name the protocol and the ports, such as tcp 443",
)
def open_egress(plan: Plan) -> Found:
    """Find rules that let everything out to everywhere."""
    for it, block in _rules(plan, "egress"):
        protocol = str(block.get("ipProtocol") or block.get("protocol") or "")
        if protocol in ("-1", "all") and any(map(_is_everywhere, _ranges(block))):
            yield it, "it lets every protocol out to everywhere"


@rule(
    "network-no-public-addresses",
    title="Nothing gets a public address",
    reason="a public address is the first half of being reached from the internet",
    mend="set map_public_ip_on_launch, associate_public_ip_address or publicly_accessible to false",
)
def public_addresses(plan: Plan) -> Found:
    """Find subnets, machines and databases with public addresses."""
    switches = {
        "aws:ec2/subnet:Subnet": "mapPublicIpOnLaunch",
        "aws:ec2/instance:Instance": "associatePublicIpAddress",
        "aws:rds/instance:Instance": "publiclyAccessible",
    }
    for type_, name in switches.items():
        for it in plan.of(type_):
            if it.inputs.get(name) is True:
                yield it, f"{name} is on"


@rule(
    "network-flow-logged",
    title="Networks of protected environments log their traffic",
    reason="without flow logs nobody can say where data went",
    mend="set network.flow_logs, or add an aws.ec2.FlowLog with traffic_type ALL",
)
def flow_logged(plan: Plan) -> Found:
    """Find VPCs of a protected environment without a flow log."""
    for vpc in plan.of(_VPC):
        if plan.protected and not plan.companions(vpc, "aws:ec2/flowLog:FlowLog", by="vpcId"):
            yield vpc, "its traffic is not logged"


@rule(
    "network-default-group-closed",
    title="The default security group lets nothing through",
    reason="whatever is made without a security group gets this one",
    mend="add an aws.ec2.DefaultSecurityGroup of the VPC, without ingress and egress",
)
def default_group(plan: Plan) -> Found:
    """Find VPCs of protected environments whose default group is as AWS makes it, and default groups with rules."""
    kind = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
    for vpc in plan.of(_VPC):
        if plan.protected and not plan.companions(vpc, kind, by="vpcId"):
            yield vpc, "its default security group lets its members talk to one another and everything out"
    for it in plan.of(kind):
        if it.items("ingress") or it.items("egress"):
            yield it, "it has rules"


@rule(
    "network-endpoint-policy",
    title="Endpoints into AWS are for this account",
    reason="an endpoint that serves every account is a way out of the VPC to somebody else's bucket",
    mend="add a condition on aws:PrincipalAccount or aws:ResourceAccount to the endpoint's policy",
)
def endpoint_policy(plan: Plan) -> Found:
    """Find endpoint policies for everybody on everything."""
    for it in statements(plan, ENDPOINT):
        if it.is_public and "*" in it.resources:
            yield it.resource, f"{it.label} is for everybody"

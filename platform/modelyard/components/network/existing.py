"""A network that is there already: whether it is as the settings say, before anything is made in it."""

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from modelyard.components.network.settings import ExistingNetwork


@dataclass(frozen=True, kw_only=True)
class Found:
    """What AWS has of what the settings name.

    Args:
        vpc_ids: the VPC, if it is there.
        subnet_ids: those of the subnets that are in it.
        group_ids: the security group, if one is named and is in it.
    """

    vpc_ids: frozenset[str]
    subnet_ids: frozenset[str]
    group_ids: frozenset[str]


def looked_up(existing: ExistingNetwork, region: str, parent: pulumi.Resource) -> pulumi.Output[ExistingNetwork]:
    """Return the network once it has been looked at, which a preview does, too.

    The lookups are those that answer with a list, so that what is missing is told in the settings' own words.

    Args:
        existing: what the settings name.
        region: where it has to be.
        parent: the component that asks.

    Raises:
        pulumi.RunError: something is not there, or in another VPC; awaited with the output.
    """
    opts = pulumi.InvokeOutputOptions(parent=parent)
    inside = ("vpc-id", [existing.vpc_id])
    groups = [existing.security_group_id] if existing.security_group_id else []
    answers: list[Any] = [
        aws.ec2.get_vpcs_output(filters=_filters(inside), opts=opts).ids,
        aws.ec2.get_subnets_output(filters=_filters(inside, ("subnet-id", existing.subnet_ids)), opts=opts).ids,
    ]
    if groups:
        wanted = _filters(inside, ("group-id", groups))
        answers.append(aws.ec2.get_security_groups_output(filters=wanted, opts=opts).ids)

    def judged(ids: list[list[str]]) -> ExistingNetwork:
        vpcs, subnets, *rest = (frozenset(it) for it in ids)
        found = Found(vpc_ids=vpcs, subnet_ids=subnets, group_ids=frozenset().union(*rest))
        problems = missing(existing, found, region)
        if problems:
            raise pulumi.RunError(
                "; ".join(problems) + "\n  -> correct network.existing, or the account and the region"
            )
        return existing

    return pulumi.Output.all(*answers).apply(judged)


def missing(existing: ExistingNetwork, found: Found, region: str) -> list[str]:
    """Say which of the settings name what is not there; where the VPC is missing, nothing else is told."""
    vpc = existing.vpc_id
    if vpc not in found.vpc_ids:
        return [f"network.existing.vpc_id: {vpc} is not there in {region} for this account"]
    lost = [it for it in existing.subnet_ids if it not in found.subnet_ids]
    problems = [f"network.existing.subnet_ids: {it} is no subnet of {vpc}" for it in lost]
    group = existing.security_group_id
    if group and group not in found.group_ids:
        problems.append(f"network.existing.security_group_id: {group} is no security group of {vpc}")
    return problems


def _filters(*wanted: tuple[str, Any]) -> list[Any]:
    """Return EC2's filters, in the form that all three lookups take."""
    return [{"name": name, "values": list(values)} for name, values in wanted]

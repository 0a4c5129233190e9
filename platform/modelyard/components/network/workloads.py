"""The security group of everything that computes."""

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from modelyard.component import Component
from modelyard.naming import Scope

_TLS: dict[str, Any] = {"ip_protocol": "tcp", "from_port": 443, "to_port": 443}


@dataclass(frozen=True, kw_only=True)
class WorkloadsArgs:
    """Wires of the security group."""

    scope: Scope
    vpc_id: pulumi.Input[str]


class Workloads(Component):
    """A security group for jobs, endpoints and notebooks: they reach one another, and nothing reaches them.

    What else they reach is said by `allow`.

    Attributes:
        group_id: the security group.
    """

    token = "modelyard:platform:Workloads"  # noqa: S105 - a type token

    def __init__(self, name: str, args: WorkloadsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        child, child_opts = self.child("group")
        group = aws.ec2.SecurityGroup(
            child,
            name=args.scope.name("workloads", limit=255),
            description="Jobs, endpoints and notebooks: they reach one another, and AWS over TLS",
            vpc_id=args.vpc_id,
            tags={"Name": args.scope.name("workloads")},
            opts=child_opts,
        )
        self.group_id = group.id
        among: dict[str, Any] = {
            "security_group_id": group.id,
            "referenced_security_group_id": group.id,
            "ip_protocol": "-1",
            "description": "Traffic among workloads, as distributed training has it",
        }
        child, child_opts = self.child("from-one-another")
        aws.vpc.SecurityGroupIngressRule(child, **among, opts=child_opts)
        child, child_opts = self.child("to-one-another")
        aws.vpc.SecurityGroupEgressRule(child, **among, opts=child_opts)
        self.register_outputs({"groupId": self.group_id})

    def allow(self, word: str, description: str, **target: Any) -> None:
        """Let workloads reach something over TLS.

        Args:
            word: names the rule.
            description: says what it is for.
            target: one of the targets that `aws.vpc.SecurityGroupEgressRule` takes, such as `cidr_ipv4`.
        """
        name, opts = self.child(f"to-{word}")
        aws.vpc.SecurityGroupEgressRule(
            name, security_group_id=self.group_id, description=description, **_TLS, **target, opts=opts
        )

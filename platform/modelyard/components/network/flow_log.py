"""The record of a network's traffic."""

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from modelyard.component import Component
from modelyard.components.network import policy
from modelyard.naming import Scope


@dataclass(frozen=True, kw_only=True)
class FlowLogArgs:
    """Wires of the record."""

    scope: Scope
    retention_days: int
    account_id: pulumi.Input[str]
    log_key_arn: pulumi.Input[str]
    vpc_id: pulumi.Input[str]


class FlowLog(Component):
    """Who talked to whom: all traffic of the VPC, accepted and rejected, in an encrypted log group.

    Attributes:
        log_group: the log group's name.
    """

    token = "modelyard:platform:FlowLog"  # noqa: S105 - a type token

    def __init__(self, name: str, args: FlowLogArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        child, child_opts = self.child("group")
        group = aws.cloudwatch.LogGroup(
            child,
            name=f"/aws/vpc/{args.scope.name('flow', limit=256)}",
            retention_in_days=args.retention_days,
            kms_key_id=args.log_key_arn,
            opts=child_opts,
        )
        account = pulumi.Output.from_input(args.account_id)
        child, child_opts = self.child("role")
        role = aws.iam.Role(
            child,
            name=args.scope.name("flow-log", limit=64),
            description="Writes the record of the network's traffic",
            assume_role_policy=account.apply(lambda it: json.dumps(policy.flow_log_trust(args.scope, it))),
            opts=child_opts,
        )
        child, child_opts = self.child("role-policy")
        delivery = group.arn.apply(lambda arn: json.dumps(policy.flow_log_delivery(arn)))
        granted = aws.iam.RolePolicy(child, name="deliver", role=role.name, policy=delivery, opts=child_opts)
        child, child_opts = self.child("log", depends_on=[granted])
        aws.ec2.FlowLog(
            child,
            vpc_id=args.vpc_id,
            traffic_type="ALL",
            log_destination=group.arn,
            iam_role_arn=role.arn,
            tags={"Name": args.scope.name("flow")},
            opts=child_opts,
        )
        self.log_group = group.name
        self.register_outputs({"logGroup": self.log_group})

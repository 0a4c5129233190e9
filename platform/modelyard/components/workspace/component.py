"""Workspace: a SageMaker domain inside the VPC."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from modelyard.component import Component
from modelyard.naming import Scope


@dataclass(frozen=True, kw_only=True)
class WorkspaceArgs:
    """Wires of a workspace."""

    scope: Scope
    vpc_id: pulumi.Input[str]
    subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]]
    security_group_id: pulumi.Input[str]
    kms_key_arn: pulumi.Input[str]
    role_arn: pulumi.Input[str]


class Workspace(Component):
    """A SageMaker domain that reaches AWS through the VPC alone; its file system goes with it.

    Attributes:
        domain_id: the domain.
    """

    token = "modelyard:platform:Workspace"  # noqa: S105 - a type token

    def __init__(self, name: str, args: WorkspaceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        domain_name, domain_opts = self.child("domain")
        domain = aws.sagemaker.Domain(
            domain_name,
            domain_name=args.scope.name("workspace"),
            auth_mode="IAM",
            vpc_id=args.vpc_id,
            subnet_ids=args.subnet_ids,
            app_network_access_type="VpcOnly",
            kms_key_id=args.kms_key_arn,
            default_user_settings={"execution_role": args.role_arn, "security_groups": [args.security_group_id]},
            retention_policy={"home_efs_file_system": "Delete"},
            opts=domain_opts,
        )
        self.domain_id = domain.id
        self.register_outputs({"domainId": self.domain_id})

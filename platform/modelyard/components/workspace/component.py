"""Workspace: a SageMaker domain inside the VPC, its users, and what their machines start with."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from modelyard.component import Component
from modelyard.components.workspace import script
from modelyard.components.workspace.settings import WorkspaceSettings
from modelyard.naming import Scope

_SHORTEST_IDLE_MINUTES = 60  # SageMaker's own least


@dataclass(frozen=True, kw_only=True)
class WorkspaceArgs:
    """Wires of a workspace."""

    settings: WorkspaceSettings
    scope: Scope
    vpc_id: pulumi.Input[str]
    subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]]
    security_group_id: pulumi.Input[str]
    kms_key_arn: pulumi.Input[str]
    role_arn: pulumi.Input[str]


class Workspace(Component):
    """A SageMaker domain that reaches AWS through the VPC alone; its file system goes with it.

    Machines of notebooks are shut down when they are idle; each starts with a script that names the platform. Every
    user of the settings has a profile.

    Attributes:
        domain_id: the domain.
        user_profile_arns: ARNs of the user profiles, by name.
    """

    token = "modelyard:platform:Workspace"  # noqa: S105 - a type token

    def __init__(self, name: str, args: WorkspaceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._args = args
        domain = self._domain(self._start_script())
        self.domain_id = domain.id
        self.user_profile_arns = {user: self._user(domain, user) for user in args.settings.users}
        self.register_outputs({"domainId": self.domain_id, "userProfileArns": self.user_profile_arns})

    @property
    def promised(self) -> dict[str, pulumi.Input[Any]]:
        """What the platform's stack promises of it, by the names of `PlatformOutputs`."""
        return {"domain_id": self.domain_id}

    def _start_script(self) -> aws.sagemaker.StudioLifecycleConfig:
        name, opts = self.child("jupyterlab")
        scope = self._args.scope
        return aws.sagemaker.StudioLifecycleConfig(
            name,
            studio_lifecycle_config_name=script.config_name(scope),
            studio_lifecycle_config_app_type="JupyterLab",
            studio_lifecycle_config_content=script.content(scope),
            opts=opts,
        )

    def _domain(self, start: aws.sagemaker.StudioLifecycleConfig) -> aws.sagemaker.Domain:
        args, longest = self._args, self._args.settings.idle_timeout_minutes
        idle: Any = {
            "idle_settings": {
                "lifecycle_management": "ENABLED",
                "idle_timeout_in_minutes": longest,
                "min_idle_timeout_in_minutes": _SHORTEST_IDLE_MINUTES,
                "max_idle_timeout_in_minutes": longest,
            }
        }
        people: aws.sagemaker.DomainDefaultUserSettingsArgsDict = {
            "execution_role": args.role_arn,
            "security_groups": [args.security_group_id],
            "jupyter_lab_app_settings": {"app_lifecycle_management": idle, "lifecycle_config_arns": [start.arn]},
            "code_editor_app_settings": {"app_lifecycle_management": idle},
        }
        name, opts = self.child("domain")
        return aws.sagemaker.Domain(
            name,
            domain_name=args.scope.name("workspace"),
            auth_mode="IAM",
            vpc_id=args.vpc_id,
            subnet_ids=args.subnet_ids,
            app_network_access_type="VpcOnly",
            kms_key_id=args.kms_key_arn,
            default_user_settings=people,
            retention_policy={"home_efs_file_system": "Delete"},
            opts=opts,
        )

    def _user(self, domain: aws.sagemaker.Domain, user: str) -> pulumi.Output[str]:
        name, opts = self.child(f"user-{user}")
        profile = aws.sagemaker.UserProfile(
            name,
            domain_id=domain.id,
            user_profile_name=user,
            user_settings={"execution_role": self._args.role_arn},
            tags={"modelyard:user": user},
            opts=opts,
        )
        return profile.arn

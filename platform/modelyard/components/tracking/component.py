"""Tracking: a managed MLflow server with its artifacts in the artifact bucket."""

import json
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from modelyard.component import Component
from modelyard.components.tracking import policy
from modelyard.components.tracking.settings import TrackingSettings
from modelyard.naming import Scope


@dataclass(frozen=True, kw_only=True)
class TrackingArgs:
    """Wires of tracking."""

    settings: TrackingSettings
    scope: Scope
    account_id: pulumi.Input[str]
    bucket: pulumi.Input[str]
    kms_key_arn: pulumi.Input[str]
    boundary_arn: pulumi.Input[str]


class Tracking(Component):
    """An MLflow tracking server of SageMaker, or nothing.

    On AWS, MLflow's clients take the ARN as tracking URI, with the package `sagemaker-mlflow`. In the local cloud a
    real MLflow server answers at the URL where MLflow is installed; elsewhere the server is there, but inactive.

    Attributes:
        server_arn: the server; empty if there is none.
        server_url: where it answers; empty if there is none.
    """

    token = "modelyard:platform:Tracking"  # noqa: S105 - a type token

    def __init__(self, name: str, args: TrackingArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._args = args
        self.server_arn: pulumi.Input[str] = ""
        self.server_url: pulumi.Input[str] = ""
        if args.settings.server == "mlflow":
            server = self._server()
            self.server_arn, self.server_url = server.arn, server.tracking_server_url
        self.register_outputs({"serverArn": self.server_arn, "serverUrl": self.server_url})

    @property
    def promised(self) -> dict[str, pulumi.Input[Any]]:
        """What the platform's stack promises of it, by the names of `PlatformOutputs`."""
        return {"tracking_arn": self.server_arn, "tracking_url": self.server_url}

    def _server(self) -> aws.sagemaker.MlflowTrackingServer:
        args = self._args
        role, allowed = self._role()
        name, opts = self.child("server", depends_on=[allowed])
        return aws.sagemaker.MlflowTrackingServer(
            name,
            tracking_server_name=args.scope.name("tracking"),
            tracking_server_size=args.settings.size,
            artifact_store_uri=pulumi.Output.concat("s3://", args.bucket, f"/{policy.PREFIX}"),
            role_arn=role.arn,
            opts=opts,
        )

    def _role(self) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
        args = self._args
        name, opts = self.child("role")
        role = aws.iam.Role(
            name,
            name=args.scope.name("tracking", limit=64),
            assume_role_policy=pulumi.Output.from_input(args.account_id).apply(lambda it: json.dumps(policy.trust(it))),
            permissions_boundary=args.boundary_arn,
            opts=opts,
        )
        document = pulumi.Output.all(args.bucket, args.kms_key_arn).apply(
            lambda it: json.dumps(policy.artifacts(args.scope.partition, it[0], it[1]))
        )
        name, opts = self.child("role-policy")
        return role, aws.iam.RolePolicy(name, name="tracking", role=role.name, policy=document, opts=opts)

"""What an endpoint or a batch transform loads: one approved version, or all of them side by side."""

import json
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from modelyard.component import Component
from modelyard.components.model_service.registry import RegisteredModel
from modelyard.components.model_service.serving import MULTI_MODEL
from modelyard.components.model_service.settings import ModelServiceSettings
from modelyard.components.model_service.wires import PlatformWires
from modelyard.naming import Scope, digest


@dataclass(frozen=True, kw_only=True)
class ServedModelArgs:
    """Wires of what is served.

    Args:
        role_arn: the role that the containers have.
        models: the versions, the newest first; all of them are served by a multi-model endpoint, otherwise the first.
        word: its own word in its physical name.
    """

    settings: ModelServiceSettings
    scope: Scope
    platform: PlatformWires
    role_arn: pulumi.Input[str]
    models: tuple[RegisteredModel, ...]
    word: str = "model"


class ServedModel(Component):
    """A SageMaker model: a package of the registry, or the newest package's container with every version's archive.

    A multi-model endpoint is asked for a version by its archive's name, such as `v3.tar.gz`.

    Attributes:
        model_name: the model.
        archives: the copies of the versions' archives, of a multi-model endpoint.
    """

    token = "modelyard:model:ServedModel"  # noqa: S105 - a type token

    def __init__(self, name: str, args: ServedModelArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._args = args
        self.archives: list[pulumi.Resource] = []
        mode = args.settings.serving.mode
        if mode == "multi_model":
            parts, container = self._every()
        else:
            version = f"v{args.models[0].version}"
            parts = (version,) if mode == "realtime" else (version, mode)
            container = {"model_package_name": args.models[0].arn}
        child, options = self.child("model")
        model = aws.sagemaker.Model(
            child,
            name=args.scope.name(args.word, *parts),
            execution_role_arn=args.role_arn,
            containers=[container],
            vpc_config=self._network(),
            opts=options,
        )
        self.model_name = model.name
        self.register_outputs({"modelName": self.model_name})

    def _network(self) -> Any:
        """Return the VPC that the containers run in; AWS's serverless endpoints are in none."""
        platform = self._args.platform
        if self._args.settings.serving.mode == "serverless":
            return None
        return {"subnets": platform.subnet_ids, "security_group_ids": [platform.security_group_id]}

    def _every(self) -> tuple[tuple[str, ...], Any]:
        """Copy the versions' archives to one place, and return the container that loads any of them."""
        newest, prefix = self._args.models[0], f"{self._args.scope.prefix}/served"
        for model in self._args.models:
            child, options = self.child(f"v{model.version}")
            copied = aws.s3.ObjectCopy(
                child,
                bucket=self._args.platform.artifact_bucket,
                key=f"{prefix}/v{model.version}.tar.gz",
                source=model.data_url.removeprefix("s3://"),
                opts=options,
            )
            self.archives.append(copied)
        container = {
            "image": newest.image,
            "mode": MULTI_MODEL,
            "model_data_url": pulumi.Output.concat("s3://", self._args.platform.artifact_bucket, f"/{prefix}/"),
            "environment": dict(newest.environment),
        }
        changing = json.dumps([newest.image, dict(newest.environment)], sort_keys=True)
        return ("multi", digest(changing)), container

"""Model registry: the group for models that belong to no repository of their own."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from modelyard.component import Component
from modelyard.naming import Scope


@dataclass(frozen=True, kw_only=True)
class ModelRegistryArgs:
    """Wires of the model registry."""

    scope: Scope


class ModelRegistry(Component):
    """A SageMaker model package group.

    Attributes:
        group_name: its name.
    """

    token = "modelyard:platform:ModelRegistry"  # noqa: S105 - a type token

    def __init__(self, name: str, args: ModelRegistryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        group_name, group_opts = self.child("shared")
        group = aws.sagemaker.ModelPackageGroup(
            group_name,
            model_package_group_name=args.scope.name("shared"),
            model_package_group_description=f"Models of {args.scope.owner} without a repository of their own",
            opts=group_opts,
        )
        self.group_name = group.model_package_group_name
        self.register_outputs({"groupName": self.group_name})

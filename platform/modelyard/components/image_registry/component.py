"""Image registry: an ECR repository with scans, immutable tags and a lifecycle."""

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from modelyard.component import Component
from modelyard.components.image_registry.policy import lifecycle
from modelyard.components.image_registry.settings import ImageRegistrySettings
from modelyard.naming import Scope


@dataclass(frozen=True, kw_only=True)
class ImageRegistryArgs:
    """Wires of the image registry."""

    settings: ImageRegistrySettings
    scope: Scope
    kms_key_arn: pulumi.Input[str]


class ImageRegistry(Component):
    """Where images of jobs and endpoints lie.

    Attributes:
        repository_url: what to push to.
        repository_arn: its ARN.
    """

    token = "modelyard:platform:ImageRegistry"  # noqa: S105 - a type token

    def __init__(self, name: str, args: ImageRegistryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        repository_name, repository_opts = self.child("images")
        repository = aws.ecr.Repository(
            repository_name,
            name=args.scope.name("images", limit=256),
            image_tag_mutability="IMMUTABLE",
            force_delete=True,
            image_scanning_configuration={"scan_on_push": True},
            encryption_configurations=[{"encryption_type": "KMS", "kms_key": args.kms_key_arn}],
            opts=repository_opts,
        )
        policy_name, policy_opts = self.child("images-lifecycle")
        document = lifecycle(args.settings.untagged_image_days, args.settings.kept_images)
        aws.ecr.LifecyclePolicy(policy_name, repository=repository.name, policy=json.dumps(document), opts=policy_opts)
        self.repository_url, self.repository_arn = repository.repository_url, repository.arn
        self.register_outputs({"repositoryUrl": self.repository_url})

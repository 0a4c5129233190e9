"""Image registry: ECR repositories with scans, immutable tags and a lifecycle."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from modelyard.component import Component
from modelyard.components.image_registry.policy import lifecycle, readers
from modelyard.components.image_registry.settings import ImageRegistrySettings
from modelyard.naming import Scope


@dataclass(frozen=True, kw_only=True)
class ImageRegistryArgs:
    """Wires of the image registry.

    Args:
        settings: the choices.
        scope: the first words of the repositories' names.
        account_id: twelve digits.
        kms_key_arn: the key of images.
        reader_account_ids: other accounts, whose endpoints pull the images of the models that they deploy.
    """

    settings: ImageRegistrySettings
    scope: Scope
    account_id: pulumi.Input[str]
    kms_key_arn: pulumi.Input[str]
    reader_account_ids: Sequence[str] = ()


class ImageRegistry(Component):
    """Where images of jobs and endpoints lie, in a repository for each purpose.

    Attributes:
        repository_urls: what to push to, by purpose.
        repository_arn: a pattern of the ARNs of all of the environment's repositories and of no other's.
    """

    token = "modelyard:platform:ImageRegistry"  # noqa: S105 - a type token

    def __init__(self, name: str, args: ImageRegistryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self.repository_urls = {word: self._repository(args, word) for word in args.settings.repositories}
        all_of_them = f"arn:{args.scope.partition}:ecr:{args.scope.region}:%s:repository/{_name(args.scope, '*')}"
        self.repository_arn = pulumi.Output.from_input(args.account_id).apply(lambda it: all_of_them % it)
        self.register_outputs({"repositoryUrls": self.repository_urls})

    def _repository(self, args: ImageRegistryArgs, word: str) -> pulumi.Output[str]:
        name, opts = self.child(word)
        repository = aws.ecr.Repository(
            name,
            name=_name(args.scope, word),
            image_tag_mutability="IMMUTABLE",
            force_delete=True,
            image_scanning_configuration={"scan_on_push": True},
            encryption_configurations=[{"encryption_type": "KMS", "kms_key": args.kms_key_arn}],
            opts=opts,
        )
        name, opts = self.child(f"{word}-lifecycle")
        document = lifecycle(args.settings.untagged_image_days, args.settings.kept_images)
        aws.ecr.LifecyclePolicy(name, repository=repository.name, policy=json.dumps(document), opts=opts)
        if args.reader_account_ids:
            name, opts = self.child(f"{word}-readers")
            document = readers(args.scope, args.reader_account_ids)
            aws.ecr.RepositoryPolicy(name, repository=repository.name, policy=json.dumps(document), opts=opts)
        return repository.repository_url


def _name(scope: Scope, word: str) -> str:
    return scope.name("images", word, limit=256)

"""`aws:ecr/repository:Repository`."""

from collections.abc import Iterator
from typing import Any, ClassVar

from modelyard.localcloud.provider.ecr import TAGS
from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props


class Repository(ResourceType):
    """A repository of container images."""

    pulumi_type = "aws:ecr/repository:Repository"
    client = "ecr"
    name_property = "name"
    name_limit = 256
    lower_case_name = True
    tagging = TAGS
    defaults: ClassVar = {"imageTagMutability": "MUTABLE"}
    names: ClassVar = {
        "name": "repositoryName",
        "arn": "repositoryArn",
        "repositoryUrl": "repositoryUri",
        "encryptionConfigurations": "encryptionConfiguration",
    }
    replace = frozenset({"encryptionConfigurations"})
    unread = frozenset({"forceDelete"})

    def create(self, aws: Session, inputs: Props) -> str:
        """Make the repository; it is known by its name."""
        self.call(aws, "create_repository", **self.request(aws, "create_repository", inputs))
        return str(inputs["name"])

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Describe the repository."""
        answer = self.find(aws, "describe_repositories", repositoryNames=[resource_id])
        return self.properties(answer["repositories"][0]) if answer and answer["repositories"] else None

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Change whether tags may move and whether images are scanned."""
        mutability = ("imageTagMutability", "imageTagMutabilityExclusionFilters")
        if any(old.get(name) != new.get(name) for name in mutability):
            self._put(aws, "put_image_tag_mutability", resource_id, {name: new.get(name) for name in mutability})
        scanning = new.get("imageScanningConfiguration") or {"scanOnPush": False}
        if old.get("imageScanningConfiguration") != scanning:
            self._put(aws, "put_image_scanning_configuration", resource_id, {"imageScanningConfiguration": scanning})

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Delete the repository, its images too when `forceDelete` says so."""
        self.find(aws, "delete_repository", repositoryName=resource_id, force=bool(state.get("forceDelete")))

    def list(self, aws: Session) -> Iterator[str]:
        """List the names."""
        for repository in self.pages(aws, "describe_repositories", "repositories"):
            yield str(repository["repositoryName"])

    def _put(self, aws: Session, operation: str, name: str, props: dict[str, Any]) -> None:
        self.call(aws, operation, **self.request(aws, operation, {"name": name, **props}))


RESOURCE = Repository()

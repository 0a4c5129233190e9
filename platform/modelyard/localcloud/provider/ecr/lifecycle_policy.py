"""`aws:ecr/lifecyclePolicy:LifecyclePolicy`."""

from collections.abc import Iterator

from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props


class LifecyclePolicy(ResourceType):
    """Which images of a repository expire."""

    pulumi_type = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
    client = "ecr"
    delete_before_replace = True
    replace = frozenset({"repository"})
    json_properties = frozenset({"policy"})

    def create(self, aws: Session, inputs: Props) -> str:
        """Put the policy; it is known by its repository."""
        self._put(aws, str(inputs["repository"]), inputs)
        return str(inputs["repository"])

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Get the policy."""
        answer = self.find(aws, "get_lifecycle_policy", repositoryName=resource_id)
        if answer is None:
            return None
        return {
            "repository": answer["repositoryName"],
            "registryId": answer["registryId"],
            "policy": answer["lifecyclePolicyText"],
        }

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Put the policy anew."""
        self._put(aws, resource_id, new)

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Delete the policy."""
        self.find(aws, "delete_lifecycle_policy", repositoryName=resource_id)

    def list(self, aws: Session) -> Iterator[str]:
        """List the repositories that have a policy."""
        for repository in self.pages(aws, "describe_repositories", "repositories"):
            name = str(repository["repositoryName"])
            if self.find(aws, "get_lifecycle_policy", repositoryName=name):
                yield name

    def _put(self, aws: Session, repository: str, props: Props) -> None:
        self.call(aws, "put_lifecycle_policy", repositoryName=repository, lifecyclePolicyText=props["policy"])


RESOURCE = LifecyclePolicy()

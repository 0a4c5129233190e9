"""`aws:ecr/repositoryPolicy:RepositoryPolicy`."""

from collections.abc import Iterator

from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props


class RepositoryPolicy(ResourceType):
    """Who may pull from a repository and push to it."""

    pulumi_type = "aws:ecr/repositoryPolicy:RepositoryPolicy"
    client = "ecr"
    replace = frozenset({"repository"})
    json_properties = frozenset({"policy"})

    def create(self, aws: Session, inputs: Props) -> str:
        """Set the policy; it is known by its repository."""
        self.update(aws, str(inputs["repository"]), {}, inputs)
        return str(inputs["repository"])

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Get the policy."""
        answer = self.find(aws, "get_repository_policy", repositoryName=resource_id)
        if answer is None:
            return None
        return {"repository": resource_id, "registryId": answer["registryId"], "policy": answer["policyText"]}

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Set the policy anew."""
        self.call(aws, "set_repository_policy", repositoryName=resource_id, policyText=new["policy"])

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Delete the policy."""
        self.find(aws, "delete_repository_policy", repositoryName=resource_id)

    def list(self, aws: Session) -> Iterator[str]:
        """List the repositories that have a policy."""
        for repository in self.pages(aws, "describe_repositories", "repositories"):
            name = str(repository["repositoryName"])
            if self.find(aws, "get_repository_policy", repositoryName=name):
                yield name


RESOURCE = RepositoryPolicy()

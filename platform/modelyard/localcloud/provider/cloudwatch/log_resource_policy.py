"""`aws:cloudwatch/logResourcePolicy:LogResourcePolicy`."""

from collections.abc import Iterator

from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props


class LogResourcePolicy(ResourceType):
    """Which services may write to the account's log groups."""

    pulumi_type = "aws:cloudwatch/logResourcePolicy:LogResourcePolicy"
    client = "logs"
    replace = frozenset({"policyName", "resourceArn"})
    json_properties = frozenset({"policyDocument"})

    def normalize(self, inputs: Props, urn_name: str) -> Props:
        """A policy of the account is named after the resource unless it is given a name."""
        return {} if inputs.get("resourceArn") else {"policyName": urn_name}

    def create(self, aws: Session, inputs: Props) -> str:
        """Put the policy; it is known by its name."""
        self._put(aws, inputs)
        return str(inputs["policyName"])

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Find the policy among all."""
        for policy in self.pages(aws, "describe_resource_policies", "resourcePolicies"):
            if policy["policyName"] == resource_id:
                return self.properties(policy)
        return None

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Put the policy anew."""
        self._put(aws, new)

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Delete the policy."""
        self.find(aws, "delete_resource_policy", policyName=resource_id)

    def list(self, aws: Session) -> Iterator[str]:
        """List the names."""
        for policy in self.pages(aws, "describe_resource_policies", "resourcePolicies"):
            yield str(policy["policyName"])

    def _put(self, aws: Session, props: Props) -> None:
        self.call(aws, "put_resource_policy", **self.request(aws, "put_resource_policy", props))


RESOURCE = LogResourcePolicy()

"""`aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy`."""

from collections.abc import Iterator

from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props


class ModelPackageGroupPolicy(ResourceType):
    """Which other accounts may use a group's models."""

    pulumi_type = "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy"
    client = "sagemaker"
    replace = frozenset({"modelPackageGroupName"})
    json_properties = frozenset({"resourcePolicy"})

    def expected_id(self, aws: Session, inputs: Props) -> str | None:
        """A group has one policy: making another would take it over."""
        return str(inputs["modelPackageGroupName"])

    def create(self, aws: Session, inputs: Props) -> str:
        """Set the policy; it is known by its group."""
        self._put(aws, inputs)
        return str(inputs["modelPackageGroupName"])

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Get the policy."""
        answer = self.find(aws, "get_model_package_group_policy", ModelPackageGroupName=resource_id)
        if answer is None:
            return None
        return {"modelPackageGroupName": resource_id, "resourcePolicy": answer["ResourcePolicy"]}

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Set the policy anew."""
        self._put(aws, new)

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Remove the policy."""
        self.find(aws, "delete_model_package_group_policy", ModelPackageGroupName=resource_id)

    def list(self, aws: Session) -> Iterator[str]:
        """List the groups that have a policy."""
        for group in self.pages(aws, "list_model_package_groups", "ModelPackageGroupSummaryList"):
            name = str(group["ModelPackageGroupName"])
            if self.find(aws, "get_model_package_group_policy", ModelPackageGroupName=name) is not None:
                yield name

    def _put(self, aws: Session, props: Props) -> None:
        group = {"ModelPackageGroupName": props["modelPackageGroupName"]}
        self.call(aws, "put_model_package_group_policy", **group, ResourcePolicy=props["resourcePolicy"])


RESOURCE = ModelPackageGroupPolicy()

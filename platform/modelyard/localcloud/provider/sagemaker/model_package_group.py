"""`aws:sagemaker/modelPackageGroup:ModelPackageGroup`."""

from typing import ClassVar

from modelyard.localcloud.provider.resource import NamedResource
from modelyard.localcloud.provider.sagemaker import TAGS
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props


class ModelPackageGroup(NamedResource):
    """A group of versions of one model."""

    pulumi_type = "aws:sagemaker/modelPackageGroup:ModelPackageGroup"
    client = "sagemaker"
    noun = "model_package_group"
    listing = "ModelPackageGroupSummaryList"
    name_property = "modelPackageGroupName"
    tagging = TAGS
    immutable = True
    names: ClassVar = {"arn": "ModelPackageGroupArn"}

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Delete the model packages of the group, then the group.

        AWS refuses a group that has packages, and so does the real provider; but an environment that has trained a
        model must still be able to go.
        """
        if self.find(aws, "describe_model_package_group", ModelPackageGroupName=resource_id) is None:
            return
        packages = self.pages(aws, "list_model_packages", "ModelPackageSummaryList", ModelPackageGroupName=resource_id)
        for arn in [package["ModelPackageArn"] for package in packages]:
            self.find(aws, "delete_model_package", ModelPackageName=arn)
        super().delete(aws, resource_id, state)


RESOURCE = ModelPackageGroup()

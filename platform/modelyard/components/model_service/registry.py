"""Looking up which model is to be deployed: the newest approved one."""

from dataclasses import dataclass

import boto3
from botocore.exceptions import ClientError


@dataclass(frozen=True)
class ApprovedModel:
    """A registered model that somebody approved.

    Args:
        arn: its model package.
        version: its number in its group.
    """

    arn: str
    version: int


def newest_approved(group: str, region: str) -> ApprovedModel | None:
    """Find the newest approved model of a group; none when there is no such model, or no such group yet.

    Args:
        group: the model package group's name.
        region: its region.

    Raises:
        botocore.exceptions.ClientError: SageMaker refused to answer.
    """
    client = boto3.client("sagemaker", region_name=region)
    try:
        found = client.list_model_packages(
            ModelPackageGroupName=group,
            ModelApprovalStatus="Approved",
            SortBy="CreationTime",
            SortOrder="Descending",
            MaxResults=1,
        )["ModelPackageSummaryList"]
    except ClientError as error:
        if error.response["Error"]["Code"] in ("ResourceNotFound", "ResourceNotFoundException", "ValidationException"):
            return None
        raise
    return ApprovedModel(found[0]["ModelPackageArn"], found[0]["ModelPackageVersion"]) if found else None

"""Looking up which models are to be deployed, with what the registry holds of them."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.exceptions import ClientError

_MISSING = ("ResourceNotFound", "ResourceNotFoundException", "ValidationException")
_MOST = 100
_MOVING = ("Creating", "RollingBack", "SystemUpdating", "Updating")
_PATIENCE_SECONDS = 3600
_POLL_SECONDS = 1.0


@dataclass(frozen=True, kw_only=True)
class RegisteredModel:
    """One version in the registry.

    Args:
        arn: its model package.
        version: its number in its group.
        image: the image that serves it.
        data_url: its `model.tar.gz`.
        environment: variables of its container.
        notes: what was written of it when it was registered, such as where its training data is.
    """

    arn: str
    version: int
    image: str = ""
    data_url: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Registered:
    """What of a group's models is deployed.

    Args:
        approved: the approved ones, the newest first; all of them if all are served, otherwise the first alone.
        candidate: the newest that waits for approval and is newer than any approved one.
    """

    approved: tuple[RegisteredModel, ...] = ()
    candidate: RegisteredModel | None = None

    @property
    def champion(self) -> RegisteredModel | None:
        """The newest approved model; none before there is one."""
        return self.approved[0] if self.approved else None


def registered(group: str, region: str, *, every: bool = False, candidate: bool = False) -> Registered:
    """Look a group's models up; nothing when there is no such group yet.

    Args:
        group: the model package group's name.
        region: its region.
        every: return all approved models, not the newest alone.
        candidate: return the newest that waits for approval too.

    Raises:
        botocore.exceptions.ClientError: SageMaker refused to answer.
    """
    client = boto3.client("sagemaker", region_name=region)
    approved = [_described(client, it) for it in _listed(client, group, "Approved", _MOST if every else 1)]
    waiting = _listed(client, group, "PendingManualApproval", 1) if candidate and approved else []
    newer = [it for it in waiting if it["ModelPackageVersion"] > approved[0].version]
    return Registered(approved=tuple(approved), candidate=_described(client, newer[0]) if newer else None)


def settled(endpoint: str, region: str) -> None:
    """Wait while an endpoint is on the move, such as to a model that was just approved; AWS takes one move at a time.

    Args:
        endpoint: its name; there need not be one.
        region: its region.

    Raises:
        botocore.exceptions.ClientError: SageMaker refused to answer.
    """
    client = boto3.client("sagemaker", region_name=region)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            status = client.describe_endpoint(EndpointName=endpoint)["EndpointStatus"]
        except ClientError as error:
            if error.response["Error"]["Code"] in _MISSING:
                return
            raise
        if status not in _MOVING:
            return
        time.sleep(_POLL_SECONDS)


def _listed(client: Any, group: str, status: str, most: int) -> list[Any]:
    try:
        found = client.list_model_packages(
            ModelPackageGroupName=group,
            ModelApprovalStatus=status,
            SortBy="CreationTime",
            SortOrder="Descending",
            MaxResults=most,
        )
    except ClientError as error:
        if error.response["Error"]["Code"] in _MISSING:
            return []
        raise
    return list(found["ModelPackageSummaryList"])


def _described(client: Any, summary: Mapping[str, Any]) -> RegisteredModel:
    arn = summary["ModelPackageArn"]
    found = client.describe_model_package(ModelPackageName=arn)
    container = (found.get("InferenceSpecification", {}).get("Containers") or [{}])[0]
    return RegisteredModel(
        arn=arn,
        version=summary["ModelPackageVersion"],
        image=container.get("Image", ""),
        data_url=container.get("ModelDataUrl", ""),
        environment=container.get("Environment") or {},
        notes=found.get("CustomerMetadataProperties") or {},
    )

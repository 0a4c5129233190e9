"""A model's versions in the registry: listing and approving them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from modelyard.errors import CloudError, UsageError
from modelyard.models.deployed import DeployedModel
from modelyard.models.pipelines import translated


@dataclass(frozen=True, kw_only=True)
class ModelVersion:
    """One registered model.

    Args:
        version: its number in its group.
        status: PendingManualApproval, Approved or Rejected.
        metrics: what its evaluation measured, by name.
        card: its model card's content; empty when it was registered without one.
        card_status: Draft, PendingReview, Approved or Archived; empty without a card.
    """

    version: int
    arn: str
    status: str
    created: datetime
    metrics: Mapping[str, float] = field(default_factory=dict)
    card: Mapping[str, Any] = field(default_factory=dict)
    card_status: str = ""


_CARD_STATUS = {"Approved": "Approved", "Rejected": "Archived"}


def versions(model: DeployedModel) -> list[ModelVersion]:
    """List a model's versions, the newest first, with the metrics of their evaluations.

    Raises:
        CloudError: SageMaker or S3 refused.
    """
    client = model.client()
    with translated():
        pages = client.get_paginator("list_model_packages").paginate(
            ModelPackageGroupName=model.group, SortBy="CreationTime", SortOrder="Descending"
        )
        arns = [item["ModelPackageArn"] for page in pages for item in page["ModelPackageSummaryList"]]
        return [_version(model, client.describe_model_package(ModelPackageName=arn)) for arn in arns]


def find(model: DeployedModel, version: int | None) -> ModelVersion:
    """Return one version.

    Args:
        model: the model.
        version: its number; the newest when it is not given.

    Raises:
        CloudError: there is no version at all, or SageMaker refused.
        UsageError: there is no version with that number.
    """
    known = versions(model)
    if not known:
        raise CloudError("no model has been registered yet", hint="modelyard pipeline run")
    chosen = next((item for item in known if version in (None, item.version)), None)
    if chosen is None:
        numbers = ", ".join(str(item.version) for item in known)
        raise UsageError(f"there is no version {version}", hint=f"there is: {numbers}")
    return chosen


def set_status(model: DeployedModel, version: int | None, status: str, note: str) -> ModelVersion:
    """Approve or reject a version, and its card with it.

    Args:
        model: the model.
        version: its number; the newest when it is not given.
        status: Approved or Rejected.
        note: why; kept with the version.

    Raises:
        CloudError: there is no version at all, or SageMaker refused.
        UsageError: there is no version with that number.
    """
    chosen = find(model, version)
    card = {"ModelCardContent": json.dumps(chosen.card), "ModelCardStatus": _CARD_STATUS[status]}
    with translated():
        model.client().update_model_package(
            ModelPackageArn=chosen.arn,
            ModelApprovalStatus=status,
            ApprovalDescription=note,
            **({"ModelCard": card} if chosen.card else {}),
        )
    return replace(chosen, status=status, card_status=card["ModelCardStatus"] if chosen.card else "")


def _version(model: DeployedModel, package: dict[str, Any]) -> ModelVersion:
    return ModelVersion(
        version=package["ModelPackageVersion"],
        arn=package["ModelPackageArn"],
        status=package["ModelApprovalStatus"],
        created=package["CreationTime"],
        metrics=_metrics(model, package),
        card=_card(package),
        card_status=package.get("ModelCard", {}).get("ModelCardStatus", ""),
    )


def _card(package: dict[str, Any]) -> dict[str, Any]:
    try:
        content = json.loads(package.get("ModelCard", {}).get("ModelCardContent") or "{}")
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _metrics(model: DeployedModel, package: dict[str, Any]) -> dict[str, float]:
    """Read the evaluation that a package points to: `{"..._metrics": {name: {"value": number}}}`."""
    uri = package.get("ModelMetrics", {}).get("ModelQuality", {}).get("Statistics", {}).get("S3Uri", "")
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    if not key:
        return {}
    try:
        with translated():
            body = model.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
        report = json.loads(body)
    except (CloudError, ValueError):
        return {}
    groups = [group for name, group in report.items() if name.endswith("_metrics") and isinstance(group, dict)]
    return {
        name: float(metric["value"])
        for group in groups
        for name, metric in group.items()
        if isinstance(metric, dict) and isinstance(metric.get("value"), int | float)
    }

"""A model's versions in the registry: listing them, deciding on them, and what is kept of that."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from modelyard.errors import CloudError, UsageError
from modelyard.models import gates, records
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
        evaluation: its `evaluation.json`; empty when it was registered without one.
        properties: what is noted of it: its code, commit and data, and each decision on it.
    """

    version: int
    arn: str
    status: str
    created: datetime
    metrics: Mapping[str, float] = field(default_factory=dict)
    card: Mapping[str, Any] = field(default_factory=dict)
    card_status: str = ""
    evaluation: Mapping[str, Any] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Decided:
    """A version after a decision on it."""

    version: ModelVersion
    decision: records.Decision


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
    return pick(versions(model), version)


def pick(known: list[ModelVersion], version: int | None) -> ModelVersion:
    """Return one of some versions; the arguments and errors are those of `find`."""
    if not known:
        raise CloudError("no model has been registered yet", hint="modelyard pipeline run")
    chosen = next((item for item in known if version in (None, item.version)), None)
    if chosen is None:
        numbers = ", ".join(str(item.version) for item in known)
        raise UsageError(f"there is no version {version}", hint=f"there is: {numbers}")
    return chosen


def champion(known: list[ModelVersion], besides: ModelVersion | None = None) -> ModelVersion | None:
    """Return the newest approved version, the one that is served; none if there is no other than a certain one."""
    left_out = besides.version if besides else 0
    return next((it for it in known if it.status == "Approved" and it.version != left_out), None)


def judge(candidate: ModelVersion, against: ModelVersion | None) -> gates.Verdict:
    """Hold a version against the champion, by their evaluations.

    Args:
        candidate: the version.
        against: the champion; none if nothing is approved yet.
    """
    if against is None:
        return gates.Verdict(passed=True, reason="there is no approved model to compare with")
    return gates.compare(candidate.evaluation, against.evaluation, version=against.version)


def approve(model: DeployedModel, version: int | None, note: str, *, force: bool = False) -> Decided:
    """Approve a version if it is at least as good as the one that is served.

    Args:
        model: the model.
        version: its number; the newest when it is not given.
        note: why; kept with the version.
        force: approve it all the same; the note says why.

    Raises:
        CloudError: there is no version at all, it is worse, or SageMaker refused.
        UsageError: there is no version with that number, or it is forced without a reason.
    """
    known = versions(model)
    chosen = pick(known, version)
    verdict = judge(chosen, champion(known, chosen))
    said = passed(verdict, f"version {chosen.version} was not approved", note, force=force)
    decision = records.decide(model, "approved", gate=said, note=note)
    return decided(model, chosen, "Approved", decision)


def set_status(model: DeployedModel, version: int | None, status: str, note: str) -> ModelVersion:
    """Approve or reject a version whatever its evaluation says, and its card with it.

    Args:
        model: the model.
        version: its number; the newest when it is not given.
        status: Approved or Rejected.
        note: why; kept with the version.

    Raises:
        CloudError: there is no version at all, or SageMaker refused.
        UsageError: there is no version with that number.
    """
    return decided(model, find(model, version), status, records.decide(model, status.lower(), note=note)).version


def reject(model: DeployedModel, version: int | None, note: str) -> Decided:
    """Reject a version; it is not deployed any more. Arguments and errors are those of `set_status`."""
    return decided(model, find(model, version), "Rejected", records.decide(model, "rejected", note=note))


def roll_back(model: DeployedModel, note: str) -> tuple[Decided, ModelVersion]:
    """Reject the version that is served, so that the one that was approved before it is served again.

    Returns:
        the version that went, and the one that comes back.

    Raises:
        CloudError: there is no approved version before it, or SageMaker refused.
    """
    approved = [it for it in versions(model) if it.status == "Approved"]
    if len(approved) < 2:
        there = f"version {approved[0].version} is the only approved one" if approved else "no version is approved"
        raise CloudError(f"there is nothing to roll back to: {there}", hint="modelyard model list")
    gone, back = approved[:2]
    decision = records.decide(model, f"rolled back to version {back.version}", note=note)
    done = decided(model, gone, "Rejected", decision)
    again = records.decide(model, f"back in service after version {gone.version}", note=note)
    decided(model, back, "Approved", again)
    return done, back


def passed(verdict: gates.Verdict, consequence: str, note: str, *, force: bool) -> str:
    """Return what is recorded of a gate.

    Raises:
        CloudError: the gate is closed, and nobody forces it.
        UsageError: it is forced without a reason.
    """
    if verdict.passed:
        return verdict.reason
    if not force:
        raise CloudError(f"{consequence}: {verdict.reason}", hint=verdict.hint)
    if not note:
        raise UsageError("--force has no reason", hint="add --note: it is kept with the version")
    return f"forced although {verdict.reason}"


def decided(model: DeployedModel, chosen: ModelVersion, status: str, decision: records.Decision) -> Decided:
    """Write a decision to a version and to its card.

    Raises:
        CloudError: SageMaker refused.
    """
    content = records.on_card(chosen.card, decision) if chosen.card else {}
    card = {"ModelCardContent": json.dumps(content), "ModelCardStatus": _CARD_STATUS[status]}
    written = records.pairs(chosen.properties, decision)
    with translated():
        model.client().update_model_package(
            ModelPackageArn=chosen.arn,
            ModelApprovalStatus=status,
            ApprovalDescription=records.description(decision),
            CustomerMetadataProperties=written,
            **({"ModelCard": card} if content else {}),
        )
    after = replace(
        chosen,
        status=status,
        card=content,
        card_status=card["ModelCardStatus"] if content else "",
        properties={**chosen.properties, **written},
    )
    return Decided(version=after, decision=decision)


def _version(model: DeployedModel, package: dict[str, Any]) -> ModelVersion:
    evaluation = _evaluation(model, package)
    return ModelVersion(
        version=package["ModelPackageVersion"],
        arn=package["ModelPackageArn"],
        status=package["ModelApprovalStatus"],
        created=package["CreationTime"],
        metrics=gates.metrics(evaluation),
        card=_card(package),
        card_status=package.get("ModelCard", {}).get("ModelCardStatus", ""),
        evaluation=evaluation,
        properties=package.get("CustomerMetadataProperties") or {},
    )


def _card(package: dict[str, Any]) -> dict[str, Any]:
    return _object(package.get("ModelCard", {}).get("ModelCardContent") or "{}")


def _evaluation(model: DeployedModel, package: dict[str, Any]) -> dict[str, Any]:
    """Read the evaluation that a package points to; an empty one if it is gone."""
    uri = package.get("ModelMetrics", {}).get("ModelQuality", {}).get("Statistics", {}).get("S3Uri", "")
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    if not key:
        return {}
    try:
        with translated():
            return _object(model.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())
    except CloudError:
        return {}


def _object(text: str | bytes) -> dict[str, Any]:
    try:
        content = json.loads(text)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}

"""Promotion: a model goes from one environment's registry to another's, with all that it needs and where it is from.

Its archive, its evaluation and its training data are copied below the other environment's prefix, so that it outlives
where it came from and is reached by the roles there. The environments may be accounts of their own: who promotes has to
be allowed to read the one (the group's policy, `model_registry.reader_account_ids`) and to write the other.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from modelyard.errors import CloudError, UsageError
from modelyard.models import records, registry
from modelyard.models.deployed import DeployedModel
from modelyard.models.pipelines import translated
from modelyard.models.registry import ModelVersion
from modelyard.naming import digest

_COPIED = ("ModelPackageDescription", "Domain", "Task", "SamplePayloadUrl", "SkipModelValidation")
_FROM = "promoted_from"
TRAINING_DATA = "training_data"  # as pipelines note it, and `components/model_service` reads it


@dataclass(frozen=True, kw_only=True)
class Promoted:
    """What came of a promotion.

    Args:
        version: the version in the environment that it went to.
        arn: its package there.
        source: the package that it is a copy of.
        decision: who promoted it, when and why.
    """

    version: int
    arn: str
    source: str
    decision: records.Decision


def promote(
    source: DeployedModel, to: DeployedModel, environment: str, version: int | None, note: str, *, force: bool = False
) -> Promoted:
    """Copy an approved version into another environment's group, approved there, if it is good enough for it.

    Args:
        source: the model where it was approved.
        to: the model where it goes.
        environment: that environment's name.
        version: the version's number; the newest approved one when it is not given.
        note: why; kept with both versions.
        force: promote it though it is worse than what is served there; the note says why.

    Raises:
        CloudError: there is no approved version, it is worse, or AWS refused.
        UsageError: there is no such version, it is not approved, it is there already, or it is forced without a reason.
    """
    chosen = _approved(registry.versions(source), version)
    there = registry.versions(to)
    _refuse_twice(there, chosen, environment)
    verdict = registry.judge(chosen, registry.champion(there))
    said = registry.passed(verdict, f"version {chosen.version} was not promoted to {environment}", note, force=force)
    decision = records.decide(to, f"promoted to {environment}", gate=said, note=note)
    arn = _copy(source, to, chosen, decision)
    registry.decided(source, chosen, "Approved", decision)
    return Promoted(version=int(arn.rpartition("/")[2]), arn=arn, source=chosen.arn, decision=decision)


def _approved(known: list[ModelVersion], version: int | None) -> ModelVersion:
    chosen = registry.champion(known) if version is None else registry.pick(known, version)
    if chosen is None:
        raise CloudError("no version is approved", hint="modelyard model approve")
    if chosen.status != "Approved":
        raise UsageError(
            f"version {chosen.version} is {chosen.status}, and only approved ones are promoted",
            hint=f"modelyard model approve {chosen.version}",
        )
    return chosen


def _refuse_twice(there: list[ModelVersion], chosen: ModelVersion, environment: str) -> None:
    same = next((it for it in there if it.properties.get(_FROM) == records.value(chosen.arn)), None)
    if same is not None and same.status == "Approved":
        raise UsageError(
            f"version {chosen.version} is in {environment} already, as version {same.version}",
            hint=f"modelyard up --env {environment}",
        )


def _copy(source: DeployedModel, to: DeployedModel, chosen: ModelVersion, decision: records.Decision) -> str:
    """Copy a package with its files, and return the copy's ARN."""
    with translated(f"a promotion reads {source.group} and {source.bucket}, and writes {to.group} and {to.bucket}"):
        package = source.client().describe_model_package(ModelPackageName=chosen.arn)
        copier = _Copier(source, to, f"{to.prefix}/promoted/{digest(chosen.arn, 16)}")
        request = {
            "ModelPackageGroupName": to.group,
            "ModelApprovalStatus": "PendingManualApproval",
            "InferenceSpecification": _inference(package["InferenceSpecification"], copier),
            "CustomerMetadataProperties": _properties(chosen, decision, copier),
            **{key: package[key] for key in _COPIED if package.get(key)},
        }
        if package.get("ModelMetrics"):
            request["ModelMetrics"] = copier.every(package["ModelMetrics"])
        if chosen.card:
            content = json.dumps(records.on_card(chosen.card, decision))
            request["ModelCard"] = {"ModelCardContent": content, "ModelCardStatus": "Approved"}
        arn = str(to.client().create_model_package(**request)["ModelPackageArn"])
        # Only a change tells EventBridge of an approval.
        to.client().update_model_package(
            ModelPackageArn=arn,
            ModelApprovalStatus="Approved",
            ApprovalDescription=records.description(decision),
        )
        return arn


def _properties(chosen: ModelVersion, decision: records.Decision, copier: "_Copier") -> dict[str, str]:
    """Return what is noted of a version, with its copied training data: monitors there make their baseline of it."""
    kept = {**chosen.properties, _FROM: records.value(chosen.arn)}
    if kept.get(TRAINING_DATA, "").startswith("s3://"):
        kept[TRAINING_DATA] = copier.folder(kept[TRAINING_DATA])
    return {**kept, **records.pairs(kept, decision)}


def _inference(specification: Mapping[str, Any], copier: "_Copier") -> dict[str, Any]:
    """Return an inference specification whose archives are the copies; what only an answer holds is left out."""
    left_out = ("ImageDigest", "ModelDataETag")
    containers = [
        {key: copier.uri(value) if key == "ModelDataUrl" else value for key, value in it.items() if key not in left_out}
        for it in specification["Containers"]
    ]
    return {**specification, "Containers": containers}


class _Copier:
    """Copies objects from one environment's bucket to another's, each once.

    Args:
        source: where they are.
        to: where they go.
        prefix: what the keys of the copies start with.
    """

    def __init__(self, source: DeployedModel, to: DeployedModel, prefix: str) -> None:
        self._from, self._to, self._prefix = source.client("s3"), to, prefix
        self._client = to.client("s3")
        self._copied: dict[str, str] = {}

    def every(self, value: Any) -> Any:
        """Copy all objects that a document names, and return it with the copies' addresses."""
        if isinstance(value, dict):
            return {key: self.every(item) for key, item in value.items()}
        return self.uri(value) if isinstance(value, str) and value.startswith("s3://") else value

    def folder(self, uri: str) -> str:
        """Copy all objects below a prefix, and return the copies' prefix."""
        bucket, _, prefix = uri.removeprefix("s3://").partition("/")
        start, name = f"{prefix.rstrip('/')}/", f"{self._prefix}/{prefix.rstrip('/').rpartition('/')[2]}"
        for page in self._from.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=start):
            for item in page.get("Contents", []):
                key = f"{name}/{item['Key'].removeprefix(start)}"
                source = {"Bucket": bucket, "Key": item["Key"]}
                self._client.copy(source, self._to.bucket, key, SourceClient=self._from)
        return f"s3://{self._to.bucket}/{name}"

    def uri(self, uri: str) -> str:
        """Copy an object, and return the copy's address."""
        if uri not in self._copied:
            bucket, _, key = uri.removeprefix("s3://").partition("/")
            name = f"{self._prefix}/{len(self._copied)}/{key.rpartition('/')[2]}"
            self._client.copy({"Bucket": bucket, "Key": key}, self._to.bucket, name, SourceClient=self._from)
            self._copied[uri] = f"s3://{self._to.bucket}/{name}"
        return self._copied[uri]

"""The model registry: groups, and numbered packages in them."""

from datetime import datetime
from typing import Any

from modelyard.localcloud.runtime import lineage
from modelyard.localcloud.runtime.events import iso
from modelyard.localcloud.runtime.logs import now
from modelyard.localcloud.services.sagemaker import listing, model_cards
from modelyard.localcloud.services.sagemaker.base import (
    ActionResult,
    ConflictException,
    Document,
    EmptyResult,
    Operations,
    invalid,
)
from modelyard.localcloud.services.sagemaker.naming import name_of

KIND = "ModelPackage"
GROUP_KIND = "ModelPackageGroup"
POLICY_KIND = "ModelPackageGroupPolicy"
EVENT = "SageMaker Model Package State Change"
_UPDATABLE = ("ModelApprovalStatus", "ApprovalDescription", "InferenceSpecification", "SourceUri", "ModelLifeCycle")
_SUMMARY = (
    "ModelPackageName",
    "ModelPackageGroupName",
    "ModelPackageVersion",
    "ModelPackageArn",
    "ModelPackageDescription",
    "CreationTime",
    "ModelPackageStatus",
    "ModelApprovalStatus",
    "ModelLifeCycle",
)
_TOLD = (
    "CertifyForMarketplace",
    "CustomerMetadataProperties",
    "InferenceSpecification",
    "LastModifiedTime",
    "MetadataProperties",
    "ModelMetrics",
    "ModelPackageStatusDetails",
)


class ModelPackageGroups(Operations):
    """Operations on groups."""

    def create_model_package_group(self) -> ActionResult:
        """Make a group."""
        request = self.request
        name = request["ModelPackageGroupName"]
        arn = self.arn("model-package-group", name)
        status = {
            "ModelPackageGroupArn": arn,
            "ModelPackageGroupStatus": "Completed",
            "CreatedBy": {},
            "NextVersion": 1,
        }
        document = {**request, **self.stamp(), **status}
        document.pop("Tags", None)
        if not self.collection(GROUP_KIND).add(name, document):
            raise invalid(f"Model Package Group already exists: {arn}")
        self.tag(arn, request)
        return ActionResult({"ModelPackageGroupArn": arn})

    def describe_model_package_group(self) -> ActionResult:
        """Return a group."""
        return ActionResult(self.package_group(self.request["ModelPackageGroupName"]))

    def list_model_package_groups(self) -> ActionResult:
        """Return groups, newest first unless asked otherwise."""
        request = self.request
        chosen = listing.select(self.collection(GROUP_KIND).all(), request, "ModelPackageGroupName")
        return ActionResult(listing.page(chosen, request, "ModelPackageGroupSummaryList", lambda group: group))

    def delete_model_package_group(self) -> EmptyResult:
        """Delete an empty group."""
        group = self.package_group(self.request["ModelPackageGroupName"])
        name = group["ModelPackageGroupName"]
        if any(package.get("ModelPackageGroupName") == name for package in self.collection(KIND).all()):
            raise ConflictException(
                f"Model Package Group cannot be deleted because it still contains Model Packages: "
                f"{group['ModelPackageGroupArn']}"
            )
        self.collection(POLICY_KIND).remove(name)
        self.forget(GROUP_KIND, name, group["ModelPackageGroupArn"])
        return EmptyResult()

    def put_model_package_group_policy(self) -> ActionResult:
        """Set a group's resource policy."""
        request = self.request
        group = self.package_group(request["ModelPackageGroupName"])
        name = group["ModelPackageGroupName"]
        self.collection(POLICY_KIND).remove(name)
        self.collection(POLICY_KIND).add(name, {"ResourcePolicy": request["ResourcePolicy"]})
        return ActionResult({"ModelPackageGroupArn": group["ModelPackageGroupArn"]})

    def get_model_package_group_policy(self) -> ActionResult:
        """Return a group's resource policy."""
        return ActionResult(self._policy())

    def delete_model_package_group_policy(self) -> EmptyResult:
        """Remove a group's resource policy."""
        self._policy()
        self.collection(POLICY_KIND).remove(name_of(self.request["ModelPackageGroupName"]))
        return EmptyResult()

    def package_group(self, name_or_arn: str) -> Document:
        """Return a group, or raise a ValidationException."""
        name = name_of(name_or_arn)
        arn = self.arn("model-package-group", name)
        return self.found(GROUP_KIND, name, invalid(f"ModelPackageGroup {arn} does not exist."))

    def _policy(self) -> Document:
        name = name_of(self.request["ModelPackageGroupName"])
        self.package_group(name)
        return self.found(POLICY_KIND, name, invalid(f"Cannot find Resource Policy for: {name}"))


class ModelPackages(ModelPackageGroups):
    """Operations on packages."""

    def create_model_package(self) -> ActionResult:
        """Register a model: the next version of its group, or a package with a name of its own."""
        request = self.request
        group_name = request.get("ModelPackageGroupName")
        if bool(group_name) == bool(request.get("ModelPackageName")):
            raise invalid("Exactly one of ModelPackageName and ModelPackageGroupName must be given.")
        if group_name and request.get("Tags"):
            raise invalid("Tags can't be given for a version of a Model Package Group; tag the group.")
        self._check_card(request)
        identity = self._next_version(group_name) if group_name else self._own_name(request["ModelPackageName"])
        document = {
            **({"ModelApprovalStatus": "PendingManualApproval"} if group_name else {}),
            **request,
            **self.stamp(),
            **identity,
            "ModelPackageStatus": "Completed",
            "ModelPackageStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
        }
        document.pop("Tags", None)
        arn = identity["ModelPackageArn"]
        if not self.collection(KIND).add(arn, document):
            raise invalid(f"Model Package already exists: {arn}")
        self.tag(arn, request)
        self._announce(document)
        return ActionResult({"ModelPackageArn": arn})

    def describe_model_package(self) -> ActionResult:
        """Return a package."""
        return ActionResult(self._package())

    def list_model_packages(self) -> ActionResult:
        """Return packages, newest first unless asked otherwise."""
        request = self.request
        group, approval = request.get("ModelPackageGroupName"), request.get("ModelApprovalStatus")
        kind = request.get("ModelPackageType") or ("Versioned" if group else "Unversioned")
        kept = [
            package
            for package in self.collection(KIND).all()
            if (not group or package.get("ModelPackageGroupName") == self.package_group(group)["ModelPackageGroupName"])
            and (not approval or package.get("ModelApprovalStatus") == approval)
            and (kind == "Both" or (kind == "Versioned") == ("ModelPackageVersion" in package))
        ]
        chosen = listing.select(kept, request, "ModelPackageArn")
        return ActionResult(
            listing.page(chosen, request, "ModelPackageSummaryList", lambda item: {k: item.get(k) for k in _SUMMARY})
        )

    def update_model_package(self) -> ActionResult:
        """Approve or reject a package, or change its properties."""
        request = self.request
        package = self._package(request["ModelPackageArn"])
        self._check_card(request)
        card = {**(package.get("ModelCard") or {}), **(request.get("ModelCard") or {})}
        properties = (package.get("CustomerMetadataProperties") or {}) | (
            request.get("CustomerMetadataProperties") or {}
        )
        for key in request.get("CustomerMetadataPropertiesToRemove") or []:
            properties.pop(key, None)
        changes: dict[str, Any] = {key: request[key] for key in _UPDATABLE if request.get(key) is not None}
        changes |= {"ModelCard": card} if card else {}
        after = self.collection(KIND).update(
            package["ModelPackageArn"], LastModifiedTime=now(), CustomerMetadataProperties=properties, **changes
        )
        if after and after.get("ModelApprovalStatus") != package.get("ModelApprovalStatus"):
            self._announce(after)
        return ActionResult({"ModelPackageArn": package["ModelPackageArn"]})

    def delete_model_package(self) -> EmptyResult:
        """Delete a package."""
        arn = self._package()["ModelPackageArn"]
        self.forget(KIND, arn, arn)
        return EmptyResult()

    def batch_describe_model_package(self) -> ActionResult:
        """Return several packages, and an error for each that isn't there."""
        found: dict[str, Document] = {}
        missing: dict[str, Document] = {}
        for arn in self.request["ModelPackageArnList"]:
            package = self.collection(KIND).get(arn)
            if package:
                found[arn] = package
            else:
                missing[arn] = {"ErrorCode": "ValidationException", "ErrorResponse": f"{arn} does not exist."}
        return ActionResult({"ModelPackageSummaries": found, "BatchDescribeModelPackageErrorMap": missing})

    @staticmethod
    def _check_card(request: Document) -> None:
        said = model_cards.problem(request.get("ModelCard") or {})
        if said:
            raise invalid(said)

    def _next_version(self, group_name: str) -> Document:
        group = self.package_group(group_name)
        name = group["ModelPackageGroupName"]
        taken: list[int] = []

        def take(document: Document) -> Document:
            taken.append(int(document["NextVersion"]))
            return {**document, "NextVersion": taken[-1] + 1}

        self.collection(GROUP_KIND).change(name, take)
        return {
            "ModelPackageGroupName": name,
            "ModelPackageVersion": taken[-1],
            "ModelPackageArn": self.arn("model-package", f"{name}/{taken[-1]}"),
        }

    def _own_name(self, name: str) -> Document:
        return {"ModelPackageName": name, "ModelPackageArn": self.arn("model-package", name)}

    def _package(self, name_or_arn: str = "") -> Document:
        wanted = name_or_arn or self.request["ModelPackageName"]
        arn = wanted if wanted.startswith("arn:") else self.arn("model-package", wanted)
        package = self.found(KIND, arn, invalid(f"ModelPackage {arn} does not exist."))
        package.setdefault("ModelPackageName", name_of(arn) if "ModelPackageVersion" in package else wanted)
        return package

    def _announce(self, package: Document) -> None:
        lineage.of_package(self.cloud.host, self.here, package)
        detail = {key: package[key] for key in (*_SUMMARY, *_TOLD) if package.get(key) is not None}
        # Of all of SageMaker's events these alone have their times as text.
        detail |= {key: iso(value) for key, value in detail.items() if isinstance(value, datetime)}
        detail["ModelPackageName"] = name_of(package["ModelPackageArn"])
        self.cloud.host.events.send(self.here, EVENT, [package["ModelPackageArn"]], detail)

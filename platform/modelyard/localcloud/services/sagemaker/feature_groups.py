"""Feature groups: kept whole, evolved without loss."""

from typing import Any

from modelyard.localcloud.runtime.logs import now
from modelyard.localcloud.runtime.offline_store import group_key
from modelyard.localcloud.services.sagemaker import listing
from modelyard.localcloud.services.sagemaker.base import (
    ActionResult,
    Document,
    EmptyResult,
    Operations,
    ResourceInUseException,
    invalid,
    not_found,
)
from modelyard.localcloud.services.sagemaker.naming import name_of

KIND = "FeatureGroup"
EVENT = "SageMaker Feature Group State Change"
_SUMMARY = ("FeatureGroupName", "FeatureGroupArn", "CreationTime", "FeatureGroupStatus", "OfflineStoreStatus")
_CATALOG = "AwsDataCatalog"
METADATA_KIND = "FeatureMetadata"


class FeatureGroups(Operations):
    """Operations on feature groups."""

    def create_feature_group(self) -> ActionResult:
        """Make a group."""
        request = self.request
        name = request["FeatureGroupName"]
        self._check_keys(request)
        arn = self.arn("feature-group", name)
        document = {**request, **self.stamp(), "FeatureGroupArn": arn, "FeatureGroupStatus": "Created"}
        document.pop("Tags", None)
        if request.get("OfflineStoreConfig"):
            self._place(document["OfflineStoreConfig"], name)
            document["OfflineStoreStatus"] = {"Status": "Active"}
        document.setdefault("ThroughputConfig", {"ThroughputMode": "OnDemand"})
        if not self.collection(KIND).add(name, document):
            raise ResourceInUseException(
                f"Resource Already Exists: FeatureGroup with name {name} already exists. Choose a different name."
            )
        self.tag(arn, request)
        self.cloud.offline.create_table(self.here, document)
        self._tell_of_group(document)
        return ActionResult({"FeatureGroupArn": arn})

    def describe_feature_group(self) -> ActionResult:
        """Return a group; all its features fit into one page, and the model wants a token all the same."""
        return ActionResult({**self._feature_group(), "NextToken": ""})

    def list_feature_groups(self) -> ActionResult:
        """Return groups, newest first unless asked otherwise."""
        request = self.request
        status = request.get("FeatureGroupStatusEquals")
        kept = [item for item in self.collection(KIND).all() if not status or item["FeatureGroupStatus"] == status]
        chosen = listing.select(kept, request, "FeatureGroupName")
        return ActionResult(
            listing.page(chosen, request, "FeatureGroupSummaries", lambda item: {k: item.get(k) for k in _SUMMARY})
        )

    def update_feature_group(self) -> ActionResult:
        """Add features, or change how records are kept online."""
        request = self.request
        group = self._feature_group()
        known = {feature["FeatureName"] for feature in group["FeatureDefinitions"]}
        added = request.get("FeatureAdditions") or []
        for feature in added:
            if feature["FeatureName"] in known:
                raise invalid(
                    f"Feature {feature['FeatureName']} already exists in FeatureGroup {group['FeatureGroupName']}"
                )
        changes: dict[str, Any] = {"FeatureDefinitions": [*group["FeatureDefinitions"], *added]}
        if request.get("OnlineStoreConfig"):
            changes["OnlineStoreConfig"] = (group.get("OnlineStoreConfig") or {}) | request["OnlineStoreConfig"]
        if request.get("ThroughputConfig"):
            changes["ThroughputConfig"] = request["ThroughputConfig"]
        self.collection(KIND).update(
            group["FeatureGroupName"], LastModifiedTime=now(), LastUpdateStatus={"Status": "Successful"}, **changes
        )
        self.cloud.offline.create_table(self.here, {**group, **changes})
        self._tell_of_group({**group, **changes})
        return ActionResult({"FeatureGroupArn": group["FeatureGroupArn"]})

    def delete_feature_group(self) -> EmptyResult:
        """Delete a group; what is in its offline store stays."""
        group = self._feature_group()
        for feature in group["FeatureDefinitions"]:
            self.collection(METADATA_KIND).remove(f"{group['FeatureGroupName']}/{feature['FeatureName']}")
        self.cloud.offline.flush()
        self._tell_of_group({**group, "FeatureGroupStatus": "Deleting"})
        self.forget(KIND, group["FeatureGroupName"], group["FeatureGroupArn"])
        self.cloud.records.forget(group_key(self.here, group))
        return EmptyResult()

    def describe_feature_metadata(self) -> ActionResult:
        """Return what a feature means."""
        group, feature = self._feature()
        known = self.collection(METADATA_KIND).get(f"{group['FeatureGroupName']}/{feature['FeatureName']}") or {}
        times = {key: group[key] for key in ("CreationTime", "LastModifiedTime")}
        identity = {key: group[key] for key in ("FeatureGroupArn", "FeatureGroupName")}
        return ActionResult({**identity, **feature, **times, **known})

    def update_feature_metadata(self) -> EmptyResult:
        """Change a feature's description and parameters."""
        request = self.request
        group, feature = self._feature()
        name = f"{group['FeatureGroupName']}/{feature['FeatureName']}"
        before = self.collection(METADATA_KIND).get(name) or {}
        parameters = {item["Key"]: item for item in before.get("Parameters") or []}
        parameters |= {item["Key"]: item for item in request.get("ParameterAdditions") or []}
        for key in request.get("ParameterRemovals") or []:
            parameters.pop(key, None)
        after = {**before, "Parameters": list(parameters.values()), "LastModifiedTime": now()}
        if request.get("Description") is not None:
            after["Description"] = request["Description"]
        self.collection(METADATA_KIND).remove(name)
        self.collection(METADATA_KIND).add(name, after)
        return EmptyResult()

    def _tell_of_group(self, group: Document) -> None:
        detail = {**group, "Tags": self.cloud.store.tags(group["FeatureGroupArn"])}
        self.cloud.host.events.send(self.here, EVENT, [group["FeatureGroupArn"]], detail)

    def _feature(self) -> tuple[Document, Document]:
        group, name = self._feature_group(), self.request["FeatureName"]
        for feature in group["FeatureDefinitions"]:
            if feature["FeatureName"] == name:
                return group, feature
        raise not_found(f"Resource Not Found: FeatureGroup {group['FeatureGroupName']} has no feature {name}")

    def _feature_group(self) -> Document:
        name = name_of(self.request["FeatureGroupName"])
        return self.found(
            KIND, name, not_found(f"Resource Not Found: Amazon SageMaker can't find a FeatureGroup with name {name}")
        )

    @staticmethod
    def _check_keys(request: Document) -> None:
        types = {feature["FeatureName"]: feature["FeatureType"] for feature in request["FeatureDefinitions"]}
        for field in ("RecordIdentifierFeatureName", "EventTimeFeatureName"):
            if request[field] not in types:
                raise invalid(f"{field} {request[field]} is none of the FeatureDefinitions")
        if types[request["EventTimeFeatureName"]] not in ("String", "Fractional"):
            raise invalid("EventTimeFeatureName must be of type String or Fractional")

    def _place(self, store: Document, name: str) -> None:
        """Fill in where the offline store's data and table are."""
        moment = int(now().timestamp())
        bucket = store["S3StorageConfig"]["S3Uri"].rstrip("/")
        store["S3StorageConfig"].setdefault(
            "ResolvedOutputS3Uri",
            f"{bucket}/123456789012/sagemaker/{self.here}/offline-store/{name}-{moment}/data",
        )
        table = f"{name.replace('-', '_').lower()}_{moment}"
        if not store.get("DisableGlueTableCreation"):
            store.setdefault(
                "DataCatalogConfig",
                {"TableName": table, "Catalog": _CATALOG, "Database": "sagemaker_featurestore"},
            )
        store.setdefault("DisableGlueTableCreation", False)
        store.setdefault("TableFormat", "Glue")

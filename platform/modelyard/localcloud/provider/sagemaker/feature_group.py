"""`aws:sagemaker/featureGroup:FeatureGroup`."""

from typing import Any, ClassVar

from modelyard.localcloud.provider.resource import NamedResource
from modelyard.localcloud.provider.sagemaker import TAGS, is_ready
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props


class FeatureGroup(NamedResource):
    """A table of features with an online store, an offline store or both."""

    pulumi_type = "aws:sagemaker/featureGroup:FeatureGroup"
    client = "sagemaker"
    noun = "feature_group"
    listing = "FeatureGroupSummaries"
    name_property = "featureGroupName"
    tagging = TAGS
    names: ClassVar = {"arn": "FeatureGroupArn"}
    replace = frozenset(
        {
            "description",
            "eventTimeFeatureName",
            "offlineStoreConfig",
            "onlineStoreConfig.enableOnlineStore",
            "onlineStoreConfig.securityConfig",
            "onlineStoreConfig.storageType",
            "recordIdentifierFeatureName",
            "roleArn",
        }
    )

    chosen = frozenset(
        {
            "offlineStoreConfig.dataCatalogConfig",
            "offlineStoreConfig.disableGlueTableCreation",
            "offlineStoreConfig.s3StorageConfig.resolvedOutputS3Uri",
            "offlineStoreConfig.tableFormat",
            "onlineStoreConfig.storageType",
        }
    )

    def must_replace(self, path: str, old: Props, new: Props) -> bool:
        """A feature can be added in place, but neither changed nor removed."""
        if not path.startswith("featureDefinitions"):
            return super().must_replace(path, old, new)
        features = new.get("featureDefinitions")
        kept = features if isinstance(features, list) else []
        return any(feature not in kept for feature in old.get("featureDefinitions") or [])

    def configure(self, aws: Session, resource_id: str, inputs: Props) -> None:
        """Wait until both stores are there."""
        self._wait(aws, resource_id)

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Add features, change the online store's time to live or the throughput."""
        known = {feature["featureName"] for feature in old.get("featureDefinitions") or []}
        added = [feature for feature in new["featureDefinitions"] if feature["featureName"] not in known]
        parameters: dict[str, Any] = {}
        if added:
            additions = self.request(aws, "create_feature_group", {"featureDefinitions": added})
            parameters["FeatureAdditions"] = additions["FeatureDefinitions"]
        for name in ("onlineStoreConfig", "throughputConfig"):
            if new.get(name) and old.get(name) != new[name]:
                parameters |= self.request(aws, "update_feature_group", {name: new[name]})
        if parameters:
            self.call(aws, "update_feature_group", FeatureGroupName=resource_id, **parameters)
        self._wait(aws, resource_id)

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Delete the feature group and wait until it is gone."""
        super().delete(aws, resource_id, state)
        aws.wait(lambda: self._describe(aws, resource_id) is None, f"the end of feature group {resource_id}")

    def _describe(self, aws: Session, name: str) -> Any:
        return self.find(aws, "describe_feature_group", FeatureGroupName=name)

    def _wait(self, aws: Session, name: str) -> None:
        what = f"feature group {name}"
        aws.wait(lambda: is_ready(self._describe(aws, name), "FeatureGroupStatus", "Created", what), what)


RESOURCE = FeatureGroup()

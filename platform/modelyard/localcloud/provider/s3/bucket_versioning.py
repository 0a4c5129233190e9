"""`aws:s3/bucketVersioning:BucketVersioning`."""

from collections.abc import Iterator
from typing import Any

from modelyard.localcloud.provider.s3 import BucketSetting
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props


class BucketVersioning(BucketSetting):
    """Whether a bucket keeps the versions of its objects."""

    pulumi_type = "aws:s3/bucketVersioning:BucketVersioning"
    setting = "bucket_versioning"
    parameter = "VersioningConfiguration"
    unread = frozenset({"expectedBucketOwner", "mfa"})

    def to_aws(self, aws: Session, props: Props) -> Any:
        """Return the configuration; a bucket that never had versions is left alone when they are disabled."""
        config = dict(props["versioningConfiguration"])
        return self.shaped(aws, config)

    def put(self, aws: Session, props: Props) -> None:
        """Put the configuration; AWS has no word for `Disabled`, the state of a bucket that never had versions."""
        if props["versioningConfiguration"]["status"] != "Disabled":
            super().put(aws, props)

    def from_aws(self, answer: dict[str, Any]) -> Props | None:
        """Read the status; a bucket without one has never had versions."""
        config = {"status": answer.get("Status", "Disabled")}
        return {
            "versioningConfiguration": config | ({"mfaDelete": answer["MFADelete"]} if "MFADelete" in answer else {})
        }

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Suspend the versions; a bucket never goes back to having none."""
        if self.find(aws, "head_bucket", Bucket=resource_id) is None:
            return
        if self.call(aws, "get_bucket_versioning", Bucket=resource_id).get("Status") == "Enabled":
            suspended = {"Status": "Suspended"}
            self.call(aws, "put_bucket_versioning", Bucket=resource_id, VersioningConfiguration=suspended)

    def list(self, aws: Session) -> Iterator[str]:
        """List the buckets that keep versions now."""
        for bucket in self.pages(aws, "list_buckets", "Buckets"):
            name = str(bucket["Name"])
            if self.call(aws, "get_bucket_versioning", Bucket=name).get("Status") == "Enabled":
                yield name


RESOURCE = BucketVersioning()

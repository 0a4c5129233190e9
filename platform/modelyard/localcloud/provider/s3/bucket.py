"""`aws:s3/bucket:Bucket`."""

from collections.abc import Iterator
from typing import Any, ClassVar

from modelyard.localcloud.provider.check import DEFAULTS_KEY
from modelyard.localcloud.provider.errors import ProviderError, answered, found
from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.s3 import BucketTags
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props

_BATCH = 1000
_OWN = {"bucket", "bucketPrefix", "bucketNamespace", "forceDestroy", "objectLockEnabled", "region", "tags", "tagsAll"}


class Bucket(ResourceType):
    """A bucket; its versioning, encryption and other settings are resources of their own."""

    pulumi_type = "aws:s3/bucket:Bucket"
    client = "s3"
    name_property = "bucket"
    lower_case_name = True
    tagging = BucketTags()
    tag_target = "bucket"
    defaults: ClassVar = {"forceDestroy": False}
    replace = frozenset({"bucketPrefix", "bucketNamespace", "objectLockEnabled"})
    unread = frozenset({"forceDestroy", "bucketPrefix", "bucketNamespace"})

    def refusals(self, inputs: Props) -> Iterator[tuple[str, str]]:
        """Refuse the settings that the real provider still takes inside the bucket."""
        for name in sorted(inputs.keys() - _OWN - {DEFAULTS_KEY}):
            if name in self.schema.inputs:
                yield (
                    name,
                    "can't be set inside the bucket here; use a resource of its own, as aws.s3.BucketVersioning is",
                )

    def create(self, aws: Session, inputs: Props) -> str:
        """Make the bucket; it is known by its name."""
        parameters: dict[str, Any] = {"Bucket": inputs["bucket"]}
        if aws.region != "us-east-1":
            parameters["CreateBucketConfiguration"] = {"LocationConstraint": aws.region}
        if inputs.get("objectLockEnabled"):
            parameters["ObjectLockEnabledForBucket"] = True
        self._refuse_existing(aws, parameters["Bucket"])
        self.call(aws, "create_bucket", **parameters)
        return str(parameters["Bucket"])

    def configure(self, aws: Session, resource_id: str, inputs: Props) -> None:
        """Put the tags."""
        if inputs.get("tagsAll"):
            self.tagging.write(aws, resource_id, {}, inputs["tagsAll"])

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Look at the bucket."""
        if self.find(aws, "head_bucket", Bucket=resource_id) is None:
            return None
        region = self.call(aws, "get_bucket_location", Bucket=resource_id)["LocationConstraint"] or "us-east-1"
        lock = self.find(aws, "get_object_lock_configuration", Bucket=resource_id)
        return {
            "bucket": resource_id,
            "arn": f"arn:aws:s3:::{resource_id}",
            "bucketDomainName": f"{resource_id}.s3.amazonaws.com",
            "bucketRegionalDomainName": f"{resource_id}.s3.{region}.amazonaws.com",
            "bucketRegion": region,
            "hostedZoneId": "Z3AQBSTGFYJSTF",
            "objectLockEnabled": bool(lock),
            "requestPayer": "BucketOwner",
        }

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Nothing but tags and `forceDestroy` changes in place, and neither is this method's concern."""

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Delete the bucket; with `forceDestroy` all versions, markers and unfinished uploads go first.

        Raises:
            ProviderError: the bucket has content and `forceDestroy` is not set.
        """
        if state.get("forceDestroy") and self.find(aws, "head_bucket", Bucket=resource_id) is not None:
            empty(aws, resource_id)
        try:
            self.find(aws, "delete_bucket", Bucket=resource_id)
        except Exception as error:
            if answered(error).get("Code") != "BucketNotEmpty":
                raise
            raise ProviderError(
                f"deleting {self.pulumi_type} ({resource_id}): BucketNotEmpty: the bucket has objects or versions",
                hint="set force_destroy=True and run up, or empty the bucket",
            ) from error

    def list(self, aws: Session) -> Iterator[str]:
        """List the names."""
        for bucket in self.pages(aws, "list_buckets", "Buckets"):
            yield str(bucket["Name"])

    def _refuse_existing(self, aws: Session, name: str) -> None:
        if self.find(aws, "head_bucket", Bucket=name) is not None:
            raise ProviderError(
                f"creating {self.pulumi_type} ({name}): BucketAlreadyOwnedByYou: a bucket of this name exists",
                hint="choose another name, or adopt it with import_",
            )


def empty(aws: Session, bucket: str, prefix: str = "") -> None:
    """Delete all object versions, delete markers and unfinished uploads of a bucket under a prefix."""
    client = aws.client("s3")
    while True:
        page = client.list_object_versions(Bucket=bucket, Prefix=prefix, MaxKeys=_BATCH)
        items = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        if not items:
            break
        objects = [{"Key": item["Key"], "VersionId": item["VersionId"]} for item in items]
        delete_all(aws, bucket, objects)
    for upload in client.list_multipart_uploads(Bucket=bucket, Prefix=prefix).get("Uploads", []):
        found(client.abort_multipart_upload, Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])


def delete_all(aws: Session, bucket: str, objects: list[dict[str, str]]) -> None:
    """Delete object versions.

    Raises:
        ProviderError: AWS kept one of them.
    """
    for start in range(0, len(objects), _BATCH):
        batch = {"Objects": objects[start : start + _BATCH], "Quiet": True}
        answer = aws.client("s3").delete_objects(Bucket=bucket, Delete=batch, BypassGovernanceRetention=True)
        for error in answer.get("Errors", []):
            raise ProviderError(f"deleting {error['Key']} of bucket {bucket}: {error['Code']}: {error['Message']}")


RESOURCE = Bucket()

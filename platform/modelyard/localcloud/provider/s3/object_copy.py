"""`aws:s3/objectCopy:ObjectCopy`."""

from typing import Any, ClassVar

from modelyard.localcloud.provider.s3.bucket_objectv2 import BucketObjectv2
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props

_HINTS = frozenset({"acl", "copyIfMatch", "copyIfNoneMatch", "forceDestroy", "grants", "source", "taggingDirective"})


class ObjectCopy(BucketObjectv2):
    """An object that is a copy of another; whatever lists objects lists it too."""

    pulumi_type = "aws:s3/objectCopy:ObjectCopy"
    is_view = True
    defaults: ClassVar = {"forceDestroy": False}
    unread = _HINTS | {"metadataDirective", "checksumAlgorithm", "overrideProvider"}
    volatile = frozenset({"etag", "versionId", "lastModified", "sourceVersionId"})

    def normalize(self, inputs: Props, urn_name: str) -> Props:
        """The key has to be given."""
        return {}

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Copy anew when the source is another."""
        if old.get("source") != new.get("source"):
            self._put(aws, new)

    def _put(self, aws: Session, props: Props) -> None:
        parameters: dict[str, Any] = {"Bucket": props["bucket"], "Key": props["key"], "CopySource": props["source"]}
        self.call(aws, "copy_object", **parameters)
        if props.get("tagsAll"):
            self.tagging.write(aws, f"arn:aws:s3:::{props['bucket']}/{props['key']}", {}, props["tagsAll"])


RESOURCE = ObjectCopy()

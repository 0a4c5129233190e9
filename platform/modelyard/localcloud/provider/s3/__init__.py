"""Buckets, their settings and objects."""

from collections.abc import Iterator
from typing import Any, ClassVar

from modelyard.localcloud.provider.errors import found
from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.session import Session
from modelyard.localcloud.provider.tags import Tags, from_pairs, own_tags, to_pairs
from modelyard.wire import Props


class BucketTags:
    """The dialect of buckets: one document of all tags, and an error when there is none."""

    def read(self, aws: Session, resource: str) -> dict[str, str]:
        """Return all tags of a bucket, those that AWS itself put there left out."""
        answer = found(aws.client("s3").get_bucket_tagging, Bucket=resource)
        return own_tags(from_pairs(answer["TagSet"])) if answer else {}

    def write(self, aws: Session, resource: str, old: Tags, new: Tags) -> None:
        """Make the tags of a bucket the new ones."""
        if new:
            aws.client("s3").put_bucket_tagging(Bucket=resource, Tagging={"TagSet": to_pairs(new)})
        else:
            aws.client("s3").delete_bucket_tagging(Bucket=resource)


class BucketSetting(ResourceType):
    """A setting of a bucket that one operation each puts, gets and deletes; it is known by the bucket's name.

    Set `setting`, the words of its operations after `put_bucket_`, and `parameter`, where those hold it.
    """

    client = "s3"
    replace = frozenset({"bucket", "expectedBucketOwner"})
    setting: ClassVar[str]
    parameter: ClassVar[str]
    deleting: ClassVar[str] = ""

    def to_aws(self, aws: Session, props: Props) -> Any:
        """Return the setting as AWS takes it."""
        raise NotImplementedError

    def from_aws(self, answer: dict[str, Any]) -> Props | None:
        """Return the properties but for the bucket, out of the getting operation's answer; None when it is not set."""
        raise NotImplementedError

    def create(self, aws: Session, inputs: Props) -> str:
        """Put the setting."""
        self.put(aws, inputs)
        return str(inputs["bucket"])

    def import_id(self, aws: Session, resource_id: str) -> str:
        """A setting is imported by the bucket's name, after which its owner's account may stand."""
        return resource_id.partition(",")[0]

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Get the setting."""
        answer = self.find(aws, self._operation("get"), Bucket=resource_id)
        props = self.from_aws(answer) if answer else None
        return None if props is None else {"bucket": resource_id, **props}

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Put the setting anew."""
        self.put(aws, new)

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Delete the setting."""
        self.find(aws, self.deleting or self._operation("delete"), Bucket=resource_id)

    def list(self, aws: Session) -> Iterator[str]:
        """List the buckets that have the setting."""
        for bucket in self.pages(aws, "list_buckets", "Buckets"):
            if self.read(aws, str(bucket["Name"]), {}) is not None:
                yield str(bucket["Name"])

    def put(self, aws: Session, props: Props) -> None:
        """Put the setting of the bucket that the properties name."""
        parameters = {"Bucket": props["bucket"], self.parameter: self.to_aws(aws, props)}
        self.call(aws, self._operation("put"), **parameters)

    def shaped(self, aws: Session, props: Props) -> Any:
        """Return properties in the spelling of the putting operation's parameter."""
        return self.request(aws, self._operation("put"), {self.parameter: props}).get(self.parameter, {})

    def _operation(self, verb: str) -> str:
        return f"{verb}_{self.setting}"

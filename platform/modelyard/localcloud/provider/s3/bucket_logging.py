"""`aws:s3/bucketLogging:BucketLogging`."""

from typing import Any

from modelyard.localcloud.provider.s3 import BucketSetting
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props

_PROPERTIES = ("targetBucket", "targetPrefix", "targetGrants", "targetObjectKeyFormat")


class BucketLogging(BucketSetting):
    """Where the record of a bucket's requests goes."""

    pulumi_type = "aws:s3/bucketLogging:BucketLogging"
    setting = "bucket_logging"
    parameter = "BucketLoggingStatus"
    unread = frozenset({"expectedBucketOwner"})

    def to_aws(self, aws: Session, props: Props) -> Any:
        """Return the target."""
        return self.shaped(aws, {"loggingEnabled": {name: props.get(name) for name in _PROPERTIES}})

    def from_aws(self, answer: dict[str, Any]) -> Props | None:
        """Read the target; a bucket without one has no logging."""
        return self.properties(answer["LoggingEnabled"]) if answer.get("LoggingEnabled") else None

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Put an empty setting, which is how AWS ends logging."""
        self.find(aws, "put_bucket_logging", Bucket=resource_id, BucketLoggingStatus={})


RESOURCE = BucketLogging()

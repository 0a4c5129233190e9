"""`aws:s3/bucketPolicy:BucketPolicy`."""

from typing import Any

from modelyard.localcloud.provider.s3 import BucketSetting
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props


class BucketPolicy(BucketSetting):
    """Who may do what with a bucket."""

    pulumi_type = "aws:s3/bucketPolicy:BucketPolicy"
    setting = "bucket_policy"
    replace = frozenset({"bucket"})
    parameter = "Policy"
    json_properties = frozenset({"policy"})

    def to_aws(self, aws: Session, props: Props) -> Any:
        """Return the document."""
        return props["policy"]

    def from_aws(self, answer: dict[str, Any]) -> Props | None:
        """Read the document."""
        return {"policy": answer["Policy"]}


RESOURCE = BucketPolicy()

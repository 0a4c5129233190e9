"""`aws:s3/bucketOwnershipControls:BucketOwnershipControls`."""

from typing import Any

from modelyard.localcloud.provider.s3 import BucketSetting
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props


class BucketOwnershipControls(BucketSetting):
    """Who owns what others put into a bucket."""

    pulumi_type = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
    setting = "bucket_ownership_controls"
    parameter = "OwnershipControls"
    replace = frozenset({"bucket"})

    def to_aws(self, aws: Session, props: Props) -> Any:
        """Return the one rule that AWS allows."""
        return {"Rules": [{"ObjectOwnership": props["rule"]["objectOwnership"]}]}

    def from_aws(self, answer: dict[str, Any]) -> Props | None:
        """Read the one rule."""
        return {"rule": {"objectOwnership": answer[self.parameter]["Rules"][0]["ObjectOwnership"]}}


RESOURCE = BucketOwnershipControls()

"""`aws:s3/bucketCorsConfiguration:BucketCorsConfiguration`."""

from typing import Any

from modelyard.localcloud.provider.s3 import BucketSetting
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props


class BucketCorsConfiguration(BucketSetting):
    """Which web pages of other origins may use a bucket."""

    pulumi_type = "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration"
    setting = "bucket_cors"
    parameter = "CORSConfiguration"
    unread = frozenset({"expectedBucketOwner"})

    def to_aws(self, aws: Session, props: Props) -> Any:
        """Return the rules."""
        return self.shaped(aws, {"corsRules": props["corsRules"]})

    def from_aws(self, answer: dict[str, Any]) -> Props | None:
        """Read the rules."""
        return self.properties({"CORSRules": answer["CORSRules"]}) if answer.get("CORSRules") else None


RESOURCE = BucketCorsConfiguration()

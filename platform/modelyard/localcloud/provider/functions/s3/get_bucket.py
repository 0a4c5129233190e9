"""`aws:s3/getBucket:getBucket`."""

from modelyard.localcloud.provider.functions.lookup import described, picked
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props

_NAMES = (
    "arn",
    "bucket",
    "bucketDomainName",
    "bucketRegion",
    "bucketRegionalDomainName",
    "hostedZoneId",
    "id",
    "region",
)

REQUIRED = ("bucket",)


def call(aws: Session, args: Props) -> Props:
    """Return what is known of a bucket."""
    return picked(described(aws, "aws:s3/bucket:Bucket", str(args["bucket"])), _NAMES)

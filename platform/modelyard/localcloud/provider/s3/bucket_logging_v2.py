"""`aws:s3/bucketLoggingV2:BucketLoggingV2`."""

from modelyard.localcloud.provider.s3.bucket_logging import BucketLogging


class BucketLoggingV2(BucketLogging):
    """The older name of `BucketLogging`."""

    pulumi_type = "aws:s3/bucketLoggingV2:BucketLoggingV2"
    is_view = True


RESOURCE = BucketLoggingV2()

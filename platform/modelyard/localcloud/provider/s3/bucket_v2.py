"""`aws:s3/bucketV2:BucketV2`."""

from modelyard.localcloud.provider.s3.bucket import Bucket


class BucketV2(Bucket):
    """The older name of `Bucket`."""

    pulumi_type = "aws:s3/bucketV2:BucketV2"
    is_view = True


RESOURCE = BucketV2()

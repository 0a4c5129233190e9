"""`aws:s3/bucketVersioningV2:BucketVersioningV2`."""

from modelyard.localcloud.provider.s3.bucket_versioning import BucketVersioning


class BucketVersioningV2(BucketVersioning):
    """The older name of `BucketVersioning`."""

    pulumi_type = "aws:s3/bucketVersioningV2:BucketVersioningV2"
    is_view = True


RESOURCE = BucketVersioningV2()

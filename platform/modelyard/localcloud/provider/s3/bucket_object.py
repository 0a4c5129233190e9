"""`aws:s3/bucketObject:BucketObject`."""

from modelyard.localcloud.provider.s3.bucket_objectv2 import BucketObjectv2


class BucketObject(BucketObjectv2):
    """The older name of `BucketObjectv2`."""

    pulumi_type = "aws:s3/bucketObject:BucketObject"
    is_view = True
    unread = BucketObjectv2.unread - {"checksumAlgorithm", "overrideProvider"}


RESOURCE = BucketObject()

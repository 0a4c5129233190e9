"""`aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2`."""

from modelyard.localcloud.provider.s3.bucket_lifecycle_configuration import BucketLifecycleConfiguration


class BucketLifecycleConfigurationV2(BucketLifecycleConfiguration):
    """The older name of `BucketLifecycleConfiguration`."""

    pulumi_type = "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2"
    is_view = True


RESOURCE = BucketLifecycleConfigurationV2()

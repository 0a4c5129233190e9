"""`aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2`."""

from modelyard.localcloud.provider.s3.bucket_server_side_encryption_configuration import (
    BucketServerSideEncryptionConfiguration,
)


class BucketServerSideEncryptionConfigurationV2(BucketServerSideEncryptionConfiguration):
    """The older name of `BucketServerSideEncryptionConfiguration`."""

    pulumi_type = "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2"
    is_view = True


RESOURCE = BucketServerSideEncryptionConfigurationV2()

"""`aws:s3/bucketCorsConfigurationV2:BucketCorsConfigurationV2`."""

from modelyard.localcloud.provider.s3.bucket_cors_configuration import BucketCorsConfiguration


class BucketCorsConfigurationV2(BucketCorsConfiguration):
    """The older name of `BucketCorsConfiguration`."""

    pulumi_type = "aws:s3/bucketCorsConfigurationV2:BucketCorsConfigurationV2"
    is_view = True


RESOURCE = BucketCorsConfigurationV2()

"""`aws:sagemaker/endpointConfiguration:EndpointConfiguration`."""

from typing import ClassVar

from modelyard.localcloud.provider.resource import NamedResource
from modelyard.localcloud.provider.sagemaker import TAGS


class EndpointConfiguration(NamedResource):
    """Which models an endpoint serves, on what and in which shares."""

    pulumi_type = "aws:sagemaker/endpointConfiguration:EndpointConfiguration"
    client = "sagemaker"
    noun = "endpoint_config"
    listing = "EndpointConfigs"
    name_property = "name"
    tagging = TAGS
    immutable = True
    names: ClassVar = {"name": "EndpointConfigName", "arn": "EndpointConfigArn", "kmsKeyArn": "KmsKeyId"}


RESOURCE = EndpointConfiguration()

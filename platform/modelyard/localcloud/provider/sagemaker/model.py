"""`aws:sagemaker/model:Model`."""

from typing import ClassVar

from modelyard.localcloud.provider.resource import NamedResource
from modelyard.localcloud.provider.sagemaker import TAGS


class Model(NamedResource):
    """What an endpoint serves: containers with model data."""

    pulumi_type = "aws:sagemaker/model:Model"
    client = "sagemaker"
    noun = "model"
    listing = "Models"
    name_property = "name"
    tagging = TAGS
    immutable = True
    defaults: ClassVar = {"enableNetworkIsolation": False}
    names: ClassVar = {"name": "ModelName", "arn": "ModelArn"}


RESOURCE = Model()

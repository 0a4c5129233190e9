"""`aws:sagemaker/studioLifecycleConfig:StudioLifecycleConfig`."""

from typing import ClassVar

from modelyard.localcloud.provider.resource import NamedResource
from modelyard.localcloud.provider.sagemaker import TAGS


class StudioLifecycleConfig(NamedResource):
    """A script that runs when an app of Studio starts."""

    pulumi_type = "aws:sagemaker/studioLifecycleConfig:StudioLifecycleConfig"
    client = "sagemaker"
    noun = "studio_lifecycle_config"
    listing = "StudioLifecycleConfigs"
    name_property = "studioLifecycleConfigName"
    tagging = TAGS
    immutable = True
    names: ClassVar = {"arn": "StudioLifecycleConfigArn"}


RESOURCE = StudioLifecycleConfig()

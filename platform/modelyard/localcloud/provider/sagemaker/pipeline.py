"""`aws:sagemaker/pipeline:Pipeline`."""

from typing import ClassVar

from modelyard.localcloud.provider.resource import NamedResource
from modelyard.localcloud.provider.sagemaker import TAGS


class Pipeline(NamedResource):
    """A pipeline that trains, evaluates and registers models."""

    pulumi_type = "aws:sagemaker/pipeline:Pipeline"
    client = "sagemaker"
    noun = "pipeline"
    listing = "PipelineSummaries"
    name_property = "pipelineName"
    tagging = TAGS
    updatable = True
    names: ClassVar = {"arn": "PipelineArn"}
    json_properties = frozenset({"pipelineDefinition"})
    unread = frozenset({"pipelineDefinitionS3Location"})


RESOURCE = Pipeline()

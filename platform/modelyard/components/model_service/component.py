"""Model service: a model's pipeline, its registry and, once a model is approved, its endpoint."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pulumi
import pulumi_aws as aws

from modelyard.component import Component
from modelyard.components.model_service.context import PipelineContext
from modelyard.components.model_service.definitions import defined
from modelyard.components.model_service.endpoint import ModelEndpoint, ModelEndpointArgs
from modelyard.components.model_service.registry import newest_approved
from modelyard.components.model_service.settings import ModelServiceSettings
from modelyard.components.model_service.source import SourceArchive, pack
from modelyard.components.model_service.wires import PlatformWires
from modelyard.naming import Scope

PipelineDefinition = Callable[[PipelineContext], str]


@dataclass(frozen=True, kw_only=True)
class ModelServiceArgs:
    """Wires of a model service.

    Args:
        source: the folder with the code that jobs run.
        pipeline: writes the definition of the model's pipeline.
    """

    settings: ModelServiceSettings
    scope: Scope
    platform: PlatformWires
    source: Path
    pipeline: PipelineDefinition


class ModelService(Component):
    """A model from its code to its endpoint; there is no endpoint before a model is approved.

    Attributes:
        pipeline_name: the SageMaker pipeline.
        group_name: the model package group.
        endpoint_name: the endpoint; empty before a model is approved.
        prefix: what the keys of all the model's objects start with.
    """

    token = "modelyard:model:ModelService"  # noqa: S105 - a type token

    def __init__(self, name: str, args: ModelServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        scope = args.scope
        self.prefix = scope.prefix
        group_name, group_opts = self.child("models")
        group = aws.sagemaker.ModelPackageGroup(
            group_name,
            model_package_group_name=scope.name("models"),
            model_package_group_description=f"Models of {scope.owner} in {scope.environment}",
            opts=group_opts,
        )
        source = pack(args.source)
        code = self._code(args, source)
        pipeline_name, pipeline_opts = self.child("pipeline")
        pipeline = aws.sagemaker.Pipeline(
            pipeline_name,
            pipeline_name=scope.name("pipeline"),
            pipeline_display_name=scope.name("pipeline"),
            pipeline_description=f"From data to a registered model of {scope.owner}",
            role_arn=args.platform.pipeline_role_arn,
            pipeline_definition=self._definition(args, source),
            opts=pulumi.ResourceOptions.merge(pipeline_opts, pulumi.ResourceOptions(depends_on=[code, group])),
        )
        self.pipeline_name, self.group_name = pipeline.pipeline_name, group.model_package_group_name
        self.endpoint_name = self._endpoint(name, args, group)
        self.register_outputs({"pipelineName": self.pipeline_name, "endpointName": self.endpoint_name})

    def _key(self, source: SourceArchive) -> str:
        return f"{self.prefix}/code/{source.digest}/sourcedir.tar.gz"

    def _code(self, args: ModelServiceArgs, source: SourceArchive) -> aws.s3.BucketObjectv2:
        # Registered models and executions under way refer to the code they were made with.
        name, opts = self.child("code", retain_on_delete=True)
        return aws.s3.BucketObjectv2(
            name,
            bucket=args.platform.artifact_bucket,
            key=self._key(source),
            content_base64=base64.b64encode(source.content).decode(),
            content_type="application/gzip",
            opts=opts,
        )

    def _definition(self, args: ModelServiceArgs, source: SourceArchive) -> pulumi.Output[str]:
        platform, settings, scope = args.platform, args.settings, args.scope
        context = partial(
            PipelineContext,
            name=scope.name("pipeline"),
            region=scope.region,
            prefix=self.prefix,
            model_package_group=scope.name("models"),
            instance_type=settings.instance_type,
            parameters={"accuracy_threshold": settings.accuracy_threshold},
        )
        wires = pulumi.Output.all(
            platform.artifact_bucket,
            platform.training_role_arn,
            platform.kms_key_arn,
            platform.subnet_ids,
            platform.security_group_id,
        )
        return wires.apply(
            lambda it: defined(
                args.pipeline,
                context(
                    bucket=it[0],
                    source_uri=f"s3://{it[0]}/{self._key(source)}",
                    role_arn=it[1],
                    kms_key_arn=it[2],
                    subnet_ids=tuple(it[3]),
                    security_group_ids=(it[4],),
                ),
                source.digest,
                scope,
            )
        )

    def _endpoint(self, name: str, args: ModelServiceArgs, group: aws.sagemaker.ModelPackageGroup) -> pulumi.Input[str]:
        model = newest_approved(args.scope.name("models"), args.scope.region)
        if model is None:
            return ""
        wires = ModelEndpointArgs(settings=args.settings, scope=args.scope, platform=args.platform, model=model)
        return ModelEndpoint(name, wires, pulumi.ResourceOptions(parent=self, depends_on=[group])).endpoint_name

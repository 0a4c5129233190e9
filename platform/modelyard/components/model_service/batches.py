"""Batch predictions: the approved model, and a pipeline that has it predict whole files."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from modelyard.component import Component
from modelyard.components.model_service import pipelines
from modelyard.components.model_service.registry import RegisteredModel
from modelyard.components.model_service.rules import PipelineRule, PipelineRuleArgs
from modelyard.components.model_service.served import ServedModel, ServedModelArgs
from modelyard.components.model_service.settings import ModelServiceSettings
from modelyard.components.model_service.wires import PlatformWires
from modelyard.naming import Scope


@dataclass(frozen=True, kw_only=True)
class BatchPredictionsArgs:
    """Wires of batch predictions.

    Args:
        model: the model that predicts.
        pipeline_role_arn: the role of the pipeline.
        serving_role_arn: the role of the model's containers.
        events_role_arn: the role that a schedule starts the pipeline with; empty without a schedule.
    """

    settings: ModelServiceSettings
    scope: Scope
    platform: PlatformWires
    model: RegisteredModel
    pipeline_role_arn: pulumi.Input[str]
    serving_role_arn: pulumi.Input[str]
    events_role_arn: pulumi.Input[str] = ""


class BatchPredictions(Component):
    """A pipeline that reads files below `batch/input` of the model's prefix, and writes predictions to `batch/output`.

    Attributes:
        pipeline_name: the pipeline.
    """

    token = "modelyard:model:BatchPredictions"  # noqa: S105 - a type token

    def __init__(self, name: str, args: BatchPredictionsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        scope, platform = args.scope, args.platform
        child, options = self.child("served")
        served = ServedModel(
            child,
            ServedModelArgs(
                settings=args.settings,
                scope=scope,
                platform=platform,
                role_arn=args.serving_role_arn,
                models=(args.model,),
            ),
            options,
        )
        child, options = self.child("pipeline")
        called = scope.name("batch")
        pipeline = aws.sagemaker.Pipeline(
            child,
            pipeline_name=called,
            pipeline_display_name=called,
            pipeline_description=f"Predictions of files by the newest approved model of {scope.owner}",
            role_arn=args.pipeline_role_arn,
            pipeline_definition=self._definition(args, served),
            opts=options,
        )
        schedule = args.settings.serving.batch.schedule_expression
        if schedule:
            self._schedule(args, pipeline, schedule)
        self.pipeline_name = pipeline.pipeline_name
        self.register_outputs({"pipelineName": self.pipeline_name})

    def _definition(self, args: BatchPredictionsArgs, served: ServedModel) -> pulumi.Output[str]:
        platform = args.platform
        return pulumi.Output.all(
            model=served.model_name, bucket=platform.artifact_bucket, kms_key_arn=platform.kms_key_arn
        ).apply(lambda it: pipelines.batch(args.settings, pipelines.BatchPlaces(prefix=args.scope.prefix, **it)))

    def _schedule(self, args: BatchPredictionsArgs, pipeline: aws.sagemaker.Pipeline, schedule: str) -> None:
        child, options = self.child("schedule")
        wires = PipelineRuleArgs(
            scope=args.scope,
            word="batch",
            description=f"Predictions of files, {schedule}",
            pipeline_arn=pipeline.arn,
            role_arn=args.events_role_arn,
            schedule=schedule,
        )
        PipelineRule(child, wires, options)

"""Monitors: our own code, run by SageMaker on a schedule over what the endpoint was asked and answered.

AWS's managed Model Monitor takes no new customers; AWS names processing jobs, EventBridge and CloudWatch instead.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws

import modelyard
from modelyard.component import Component
from modelyard.components.model_service import pipelines, serving
from modelyard.components.model_service.rules import PipelineRule, PipelineRuleArgs, alarmed
from modelyard.components.model_service.settings import ModelServiceSettings, MonitorSettings
from modelyard.components.model_service.source import SourceArchive, pack
from modelyard.components.model_service.wires import PlatformWires
from modelyard.naming import Scope, digest

CODE = Path(modelyard.__file__).parent / "monitors"
METRIC = "constraint_violations"
"""How often the baseline's constraints were broken in a run, as the monitors tell CloudWatch."""
NAMESPACES = {
    "data_quality": "aws/sagemaker/Endpoints/data-metrics",
    "model_quality": "aws/sagemaker/Endpoints/model-metrics",
    "bias": "aws/sagemaker/Endpoints/bias-metrics",
    "attribution": "aws/sagemaker/Endpoints/explainability-metrics",
}
_IMAGE, _TAG = "sagemaker-scikit-learn", "1.4-2-cpu-py3"
_FIVE_MINUTES = 300


@dataclass(frozen=True, kw_only=True)
class ModelMonitorsArgs:
    """Wires of an endpoint's monitors.

    Args:
        endpoint: the endpoint's name.
        training_data_uri: what the model was trained on, a prefix of S3.
        role_arns: the model's roles: training, pipeline, events.
        training_pipeline_arn: what is run when there is drift.
    """

    settings: ModelServiceSettings
    scope: Scope
    platform: PlatformWires
    endpoint: str
    training_data_uri: str
    role_arns: dict[str, pulumi.Output[str]]
    training_pipeline_arn: pulumi.Input[str]


class ModelMonitors(Component):
    """A pipeline for each monitor, a rule that runs it, an alarm on drift, and a rule from that to training.

    Attributes:
        pipeline_names: the pipelines by the monitors' kinds.
    """

    token = "modelyard:model:ModelMonitors"  # noqa: S105 - a type token

    def __init__(self, name: str, args: ModelMonitorsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._args = args
        source = pack(CODE)
        self._code = self._upload(source)
        image = aws.sagemaker.get_prebuilt_ecr_image_output(
            repository_name=_IMAGE, image_tag=_TAG, opts=pulumi.InvokeOutputOptions(parent=self)
        )
        self._image = image.registry_path
        self.pipeline_names: dict[str, pulumi.Output[str]] = {
            it.kind: self._monitor(it) for it in args.settings.monitors
        }
        retraining = [it for it in args.settings.monitors if it.retrain]
        if retraining:
            self._retrain([self._schedule_name(it) for it in retraining])
        self.register_outputs({"pipelineNames": self.pipeline_names})

    def _schedule_name(self, monitor: MonitorSettings) -> str:
        return self._args.scope.name("monitor", monitor.kind.replace("_", "-"))

    def _upload(self, source: SourceArchive) -> pulumi.Output[str]:
        name, opts = self.child("code")
        made = aws.s3.BucketObjectv2(
            name,
            bucket=self._args.platform.artifact_bucket,
            key=f"{self._args.scope.prefix}/code/{source.digest}/sourcedir.tar.gz",
            content_base64=source.base64,
            content_type="application/gzip",
            opts=opts,
        )
        return pulumi.Output.concat("s3://", made.bucket, "/", made.key)

    def _monitor(self, monitor: MonitorSettings) -> pulumi.Output[str]:
        args, word, called = self._args, monitor.kind.replace("_", "-"), self._schedule_name(monitor)
        name, opts = self.child(word)
        settings_uri = self._settings(monitor, word)
        self._places_to_read(monitor, word)
        pipeline = aws.sagemaker.Pipeline(
            name,
            pipeline_name=called,
            pipeline_display_name=called,
            pipeline_description=f"Compares what {args.endpoint} is asked and answers with its baseline: {word}",
            role_arn=args.role_arns["pipeline"],
            pipeline_definition=self._definition(monitor, settings_uri),
            opts=opts,
        )
        name, opts = self.child(f"{word}-schedule")
        wires = PipelineRuleArgs(
            scope=args.scope,
            word=f"monitor-{word}",
            description=f"Runs the monitor of {word}, {monitor.schedule_expression}",
            pipeline_arn=pipeline.arn,
            role_arn=args.role_arns["events"],
            schedule=monitor.schedule_expression,
        )
        PipelineRule(name, wires, opts)
        self._alarm(monitor, word)
        return pipeline.pipeline_name

    def _settings(self, monitor: MonitorSettings, word: str) -> pulumi.Output[str]:
        """Upload what the monitor's code is told."""
        text = json.dumps(monitor.document, sort_keys=True)
        name, opts = self.child(f"{word}-settings")
        made = aws.s3.BucketObjectv2(
            name,
            bucket=self._args.platform.artifact_bucket,
            key=f"{self._args.scope.prefix}/monitors/{self._schedule_name(monitor)}/settings/{digest(text)}/monitor.json",
            content=text,
            content_type="application/json",
            opts=opts,
        )
        return pulumi.Output.concat("s3://", made.bucket, "/", made.key)

    def _places_to_read(self, monitor: MonitorSettings, word: str) -> None:
        """Make the prefixes that the monitor reads: SageMaker fails a job whose input holds nothing yet."""
        args = self._args
        captured = f"{args.scope.prefix}/{args.endpoint}/{serving.VARIANT}"
        found: dict[str, tuple[pulumi.Input[str], str]] = {"captured": (args.platform.capture_bucket, captured)}
        if monitor.kind in pipelines.NEEDS_TRUTH:
            found["truth"] = (args.platform.artifact_bucket, f"{args.scope.prefix}/{pipelines.GROUND_TRUTH}")
        for suffix, (bucket, prefix) in found.items():
            name, opts = self.child(f"{word}-{suffix}")
            aws.s3.BucketObjectv2(name, bucket=bucket, key=f"{prefix}/{word}.placeholder", content="-", opts=opts)

    def _definition(self, monitor: MonitorSettings, settings_uri: pulumi.Output[str]) -> pulumi.Output[str]:
        args, platform = self._args, self._args.platform
        return pulumi.Output.all(
            code_uri=self._code,
            settings_uri=settings_uri,
            image=self._image,
            role_arn=args.role_arns["training"],
            bucket=platform.artifact_bucket,
            capture_bucket=platform.capture_bucket,
            kms_key_arn=platform.kms_key_arn,
            subnet_ids=platform.subnet_ids,
            security_group_id=platform.security_group_id,
        ).apply(lambda it: pipelines.monitor(args.settings, monitor, self._places(monitor, it)))

    def _places(self, monitor: MonitorSettings, known: dict[str, Any]) -> pipelines.MonitorPlaces:
        group, subnets = known["security_group_id"], known["subnet_ids"]
        rest = {key: value for key, value in known.items() if key not in ("security_group_id", "subnet_ids")}
        return pipelines.MonitorPlaces(
            endpoint=self._args.endpoint,
            variant=serving.VARIANT,
            schedule=self._schedule_name(monitor),
            training_data_uri=self._args.training_data_uri,
            prefix=self._args.scope.prefix,
            subnet_ids=tuple(subnets),
            security_group_ids=(group,),
            **rest,
        )

    def _alarm(self, monitor: MonitorSettings, word: str) -> None:
        name, opts = self.child(f"{word}-drift")
        told = [self._args.platform.alarm_topic_arn] if self._args.settings.notify else []
        aws.cloudwatch.MetricAlarm(
            name,
            name=self._schedule_name(monitor),
            alarm_description=f"What {self._args.endpoint} is asked or answers is no longer like its baseline: {word}",
            namespace=NAMESPACES[monitor.kind],
            metric_name=METRIC,
            dimensions={"Endpoint": self._args.endpoint, "MonitoringSchedule": self._schedule_name(monitor)},
            statistic="Maximum",
            period=_FIVE_MINUTES,
            evaluation_periods=1,
            threshold=monitor.violations,
            comparison_operator="GreaterThanThreshold",
            treat_missing_data="ignore",
            alarm_actions=told,
            ok_actions=told,
            opts=opts,
        )

    def _retrain(self, alarm_names: list[str]) -> None:
        name, opts = self.child("retraining")
        wires = PipelineRuleArgs(
            scope=self._args.scope,
            word="retrain",
            description="Trains anew when a monitor has found drift",
            pipeline_arn=self._args.training_pipeline_arn,
            role_arn=self._args.role_arns["events"],
            pattern=alarmed(alarm_names),
        )
        PipelineRule(name, wires, opts)

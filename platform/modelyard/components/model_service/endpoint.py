"""A model's endpoint: its configuration, the endpoint, its log group, its alarms, its scaling and its dashboard."""

import json
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from modelyard.component import Component
from modelyard.components.model_service import dashboard, serving
from modelyard.components.model_service.alarms import Alarm, alarms
from modelyard.components.model_service.registry import Registered, RegisteredModel
from modelyard.components.model_service.served import ServedModel, ServedModelArgs
from modelyard.components.model_service.settings import ModelServiceSettings
from modelyard.components.model_service.wires import PlatformWires
from modelyard.naming import Scope

_UNDONE_BY = ("latency", "errors")


@dataclass(frozen=True, kw_only=True)
class ModelEndpointArgs:
    """Wires of an endpoint.

    Args:
        role_arn: the role that its containers have.
        models: the approved models, and the one that waits for approval; there is at least one that is approved.
    """

    settings: ModelServiceSettings
    scope: Scope
    platform: PlatformWires
    role_arn: pulumi.Input[str]
    models: Registered


class ModelEndpoint(Component):
    """An endpoint that serves the newest approved model, in the settings' way; another model is rolled out.

    Attributes:
        endpoint_name: the endpoint.
        configuration_name: the configuration that the program gives it.
    """

    token = "modelyard:model:ModelEndpoint"  # noqa: S105 - a type token

    def __init__(self, name: str, args: ModelEndpointArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._args = args
        called = endpoint_name(args.settings, args.scope)
        log = self._log(called)
        configuration = self._configuration()
        made = {alarm.word: self._alarm(called, alarm) for alarm in self._watched()}
        watching = [alarm for word, alarm in made.items() if word in _UNDONE_BY]
        rollout: Any = serving.deployment(args.settings, undone_by(args.scope))
        child, options = self.child("endpoint", depends_on=[log, *watching])
        endpoint = aws.sagemaker.Endpoint(
            child,
            name=called,
            endpoint_config_name=configuration.name,
            deployment_config=rollout,
            opts=options,
        )
        if args.settings.autoscaling:
            self._autoscaling(endpoint)
        if args.settings.dashboard:
            self._dashboard(endpoint, log, [alarm.arn for alarm in made.values()])
        self.endpoint_name, self.configuration_name = endpoint.name, configuration.name
        self.register_outputs({"endpointName": self.endpoint_name})

    def _log(self, endpoint: str) -> aws.cloudwatch.LogGroup:
        name, opts = self.child("log")
        return aws.cloudwatch.LogGroup(
            name,
            name=f"/aws/sagemaker/Endpoints/{endpoint}",
            retention_in_days=self._args.settings.log_retention_days,
            kms_key_id=self._args.platform.kms_key_arn,
            opts=opts,
        )

    def _configuration(self) -> aws.sagemaker.EndpointConfiguration:
        """Make the models and the endpoint's configuration, named after the model's version and all it says."""
        args, candidate = self._args, self._args.models.candidate
        champion = args.models.approved[0]
        multi = args.settings.serving.mode == "multi_model"
        served = self._served("served", args.models.approved if multi else (champion,), "model")
        shadow = self._served("shadow", (candidate,), "shadow") if candidate else None
        places = configuration_places(args.platform, args.scope)
        mark = serving.fingerprint(args.settings, candidate.version if candidate else 0)
        version = "multi" if multi else f"v{champion.version}"
        name, opts = self.child("configuration", depends_on=served.archives)
        return aws.sagemaker.EndpointConfiguration(
            name,
            name=args.scope.name("config", version, mark),
            opts=opts,
            **serving.configuration(args.settings, served.model_name, shadow.model_name if shadow else None, places),
        )

    def _served(self, suffix: str, models: tuple[RegisteredModel, ...], word: str) -> ServedModel:
        name, opts = self.child(suffix)
        args = self._args
        wires = ServedModelArgs(
            settings=args.settings,
            scope=args.scope,
            platform=args.platform,
            role_arn=args.role_arn,
            models=models,
            word=word,
        )
        return ServedModel(name, wires, opts)

    def _watched(self) -> list[Alarm]:
        settings = self._args.settings
        return alarms(settings.alarms, settings.instance_type, serverless=settings.serving.mode == "serverless")

    def _alarm(self, endpoint: str, alarm: Alarm) -> aws.cloudwatch.MetricAlarm:
        name, opts = self.child(alarm.word)
        told = [self._args.platform.alarm_topic_arn] if self._args.settings.notify else []
        return aws.cloudwatch.MetricAlarm(
            name,
            name=self._args.scope.name(alarm.word, limit=255),
            alarm_description=alarm.meaning,
            namespace=alarm.namespace,
            metric_name=alarm.metric,
            dimensions={"EndpointName": endpoint, "VariantName": serving.VARIANT},
            statistic=None if alarm.is_percentile else alarm.statistic,
            extended_statistic=alarm.statistic if alarm.is_percentile else None,
            period=alarm.period,
            evaluation_periods=alarm.periods,
            threshold=alarm.threshold,
            comparison_operator="LessThanThreshold" if alarm.below else "GreaterThanThreshold",
            treat_missing_data="breaching" if alarm.silence else "notBreaching",
            alarm_actions=told,
            ok_actions=told,
            opts=opts,
        )

    def _autoscaling(self, endpoint: aws.sagemaker.Endpoint) -> None:
        settings = self._args.settings
        name, opts = self.child("capacity")
        target = aws.appautoscaling.Target(name, opts=opts, **serving.scaling_target(settings, endpoint.name))
        tracking: Any = serving.tracking(settings, endpoint.name)
        name, opts = self.child("scaling")
        aws.appautoscaling.Policy(
            name,
            name=self._args.scope.name("scaling", limit=255),
            policy_type="TargetTrackingScaling",
            service_namespace=target.service_namespace,
            resource_id=target.resource_id,
            scalable_dimension=target.scalable_dimension,
            target_tracking_scaling_policy_configuration=tracking,
            opts=opts,
        )

    def _dashboard(
        self,
        endpoint: aws.sagemaker.Endpoint,
        log: aws.cloudwatch.LogGroup,
        alarm_arns: list[pulumi.Output[str]],
    ) -> None:
        name, opts = self.child("dashboard")
        scope = self._args.scope
        shown = pulumi.Output.all(endpoint.name, log.name, *alarm_arns).apply(
            lambda it: json.dumps(dashboard.body(it[0], serving.VARIANT, scope.region, it[1], it[2:]))
        )
        aws.cloudwatch.Dashboard(
            name, dashboard_name=scope.name("endpoint", limit=255), dashboard_body=shown, opts=opts
        )


def endpoint_name(settings: ModelServiceSettings, scope: Scope) -> str:
    """Name an endpoint; AWS can't make a serverless or asynchronous one of one with instances, so those are others."""
    mode = settings.serving.mode
    return scope.name("endpoint", *((mode,) if mode in ("serverless", "async") else ()))


def undone_by(scope: Scope) -> list[str]:
    """Name the alarms that a rollout is undone by."""
    return [scope.name(word, limit=255) for word in _UNDONE_BY]


def configuration_places(platform: PlatformWires, scope: Scope) -> serving.Places:
    """Say where an endpoint's data goes: below the model's prefix, in the buckets of the platform."""
    root = pulumi.Output.concat("s3://", platform.artifact_bucket, f"/{scope.prefix}/async")
    return serving.Places(
        capture_uri=pulumi.Output.concat("s3://", platform.capture_bucket, f"/{scope.prefix}"),
        answers_uri=pulumi.Output.concat(root, "/answers"),
        failures_uri=pulumi.Output.concat(root, "/failures"),
        kms_key_arn=platform.kms_key_arn,
        error_topic_arn=platform.alarm_topic_arn,
    )

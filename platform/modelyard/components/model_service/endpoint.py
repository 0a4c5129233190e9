"""A model's endpoint: the model, its configuration, the endpoint, its log group, its alarms and its dashboard."""

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from modelyard.component import Component
from modelyard.components.model_service import dashboard
from modelyard.components.model_service.alarms import Alarm, alarms
from modelyard.components.model_service.registry import ApprovedModel
from modelyard.components.model_service.settings import ModelServiceSettings
from modelyard.components.model_service.wires import PlatformWires
from modelyard.naming import Scope

_VARIANT = "main"


@dataclass(frozen=True, kw_only=True)
class ModelEndpointArgs:
    """Wires of an endpoint."""

    settings: ModelServiceSettings
    scope: Scope
    platform: PlatformWires
    model: ApprovedModel


class ModelEndpoint(Component):
    """A realtime endpoint that serves one approved model; another model is rolled out blue/green.

    Attributes:
        endpoint_name: the endpoint.
    """

    token = "modelyard:model:ModelEndpoint"  # noqa: S105 - a type token

    def __init__(self, name: str, args: ModelEndpointArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        endpoint_name = args.scope.name("endpoint")
        log_name, log_opts = self.child("log")
        log = aws.cloudwatch.LogGroup(
            log_name,
            name=f"/aws/sagemaker/Endpoints/{endpoint_name}",
            retention_in_days=args.settings.log_retention_days,
            kms_key_id=args.platform.kms_key_arn,
            opts=log_opts,
        )
        configuration = self._configuration(args)
        name_, opts_ = self.child("endpoint", depends_on=[log])
        endpoint = aws.sagemaker.Endpoint(
            name_, name=endpoint_name, endpoint_config_name=configuration.name, opts=opts_
        )
        watched = alarms(args.settings.alarms, args.settings.instance_type)
        made = [self._alarm(args, endpoint, alarm) for alarm in watched]
        if args.settings.dashboard:
            self._dashboard(args, endpoint, log, made)
        self.endpoint_name = endpoint.name
        self.register_outputs({"endpointName": self.endpoint_name})

    def _configuration(self, args: ModelEndpointArgs) -> aws.sagemaker.EndpointConfiguration:
        """Make the model and the endpoint's configuration, both named after the model's version."""
        version = f"v{args.model.version}"
        name, opts = self.child("model")
        model = aws.sagemaker.Model(
            name,
            name=args.scope.name("model", version),
            execution_role_arn=args.platform.serving_role_arn,
            containers=[{"model_package_name": args.model.arn}],
            vpc_config={
                "subnets": args.platform.subnet_ids,
                "security_group_ids": [args.platform.security_group_id],
            },
            opts=opts,
        )
        name, opts = self.child("configuration")
        settings = args.settings
        return aws.sagemaker.EndpointConfiguration(
            name,
            name=args.scope.name(
                "config", version, str(settings.initial_instance_count), settings.instance_type[3:].replace(".", "")
            ),
            kms_key_arn=args.platform.kms_key_arn,
            production_variants=[
                {
                    "variant_name": _VARIANT,
                    "model_name": model.name,
                    "instance_type": settings.instance_type,
                    "initial_instance_count": settings.initial_instance_count,
                    "initial_variant_weight": 1,
                }
            ],
            opts=opts,
        )

    def _alarm(self, args: ModelEndpointArgs, endpoint: aws.sagemaker.Endpoint, alarm: Alarm) -> pulumi.Output[str]:
        name, opts = self.child(alarm.word)
        made = aws.cloudwatch.MetricAlarm(
            name,
            name=args.scope.name(alarm.word, limit=255),
            alarm_description=alarm.meaning,
            namespace=alarm.namespace,
            metric_name=alarm.metric,
            dimensions={"EndpointName": endpoint.name, "VariantName": _VARIANT},
            statistic=None if alarm.is_percentile else alarm.statistic,
            extended_statistic=alarm.statistic if alarm.is_percentile else None,
            period=alarm.period,
            evaluation_periods=alarm.periods,
            threshold=alarm.threshold,
            comparison_operator="LessThanThreshold" if alarm.below else "GreaterThanThreshold",
            treat_missing_data="breaching" if alarm.silence else "notBreaching",
            alarm_actions=[args.platform.alarm_topic_arn],
            ok_actions=[args.platform.alarm_topic_arn],
            opts=opts,
        )
        return made.arn

    def _dashboard(
        self,
        args: ModelEndpointArgs,
        endpoint: aws.sagemaker.Endpoint,
        log: aws.cloudwatch.LogGroup,
        alarm_arns: list[pulumi.Output[str]],
    ) -> None:
        name, opts = self.child("dashboard")
        region = args.scope.region
        shown = pulumi.Output.all(endpoint.name, log.name, *alarm_arns).apply(
            lambda it: json.dumps(dashboard.body(it[0], _VARIANT, region, it[1], it[2:]))
        )
        aws.cloudwatch.Dashboard(
            name, dashboard_name=args.scope.name("endpoint", limit=255), dashboard_body=shown, opts=opts
        )

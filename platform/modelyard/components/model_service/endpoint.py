"""A model's endpoint: the model, its configuration, the endpoint, its log group and its alarm."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from modelyard.component import Component
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
        self._alarm(args, endpoint)
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

    def _alarm(self, args: ModelEndpointArgs, endpoint: aws.sagemaker.Endpoint) -> None:
        name, opts = self.child("errors")
        aws.cloudwatch.MetricAlarm(
            name,
            name=args.scope.name("errors", limit=255),
            alarm_description="The model's own errors, answered with a status of 500 and above",
            namespace="AWS/SageMaker",
            metric_name="Invocation5XXErrors",
            dimensions={"EndpointName": endpoint.name, "VariantName": _VARIANT},
            statistic="Sum",
            period=300,
            evaluation_periods=1,
            threshold=5,
            comparison_operator="GreaterThanThreshold",
            treat_missing_data="notBreaching",
            alarm_actions=[args.platform.alarm_topic_arn],
            opts=opts,
        )

"""The stop for idle endpoints: a function that runs every hour, and what it needs."""

import json
from dataclasses import dataclass
from pathlib import Path

import pulumi
import pulumi_aws as aws

from modelyard.component import Component
from modelyard.components.cost import idle_endpoints, policy
from modelyard.naming import Scope

_SOURCE = Path(idle_endpoints.__file__)
_RUNTIME = "python3.13"
_TIMEOUT_SECONDS = 300
_MEMORY_MIB = 256
_LOG_DAYS = 30


@dataclass(frozen=True, kw_only=True)
class IdleStopArgs:
    """Wires of the stop.

    Args:
        idle_endpoint_hours: hours without invocations after which an endpoint goes.
        account_id: twelve digits.
        kms_key_arn: the key that encrypts the function's log.
        alarm_topic_arn: who is told when the function fails.
    """

    idle_endpoint_hours: int
    scope: Scope
    account_id: pulumi.Input[str]
    kms_key_arn: pulumi.Input[str]
    alarm_topic_arn: pulumi.Input[str]


class IdleStop(Component):
    """A function that deletes endpoints which nobody invokes; `modelyard up --refresh` makes one again.

    Only endpoints of models that stand on this platform and have `protect: false` are touched, by their tags, which
    its role is limited to as well.

    Attributes:
        function_name: the function.
    """

    token = "modelyard:platform:IdleStop"  # noqa: S105 - a type token

    def __init__(self, name: str, args: IdleStopArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        called = args.scope.name("idle-endpoints", limit=64)
        log_name, log_opts = self.child("log")
        log = aws.cloudwatch.LogGroup(
            log_name,
            name=f"/aws/lambda/{called}",
            retention_in_days=_LOG_DAYS,
            kms_key_id=args.kms_key_arn,
            opts=log_opts,
        )
        function = self._function(args, called, self._role(args, called, log), log)
        self._schedule(args, called, function)
        self._alarm(args, function)
        self.function_name = function.name
        self.register_outputs({"functionName": self.function_name})

    def _role(self, args: IdleStopArgs, called: str, log: aws.cloudwatch.LogGroup) -> aws.iam.Role:
        name, opts = self.child("role")
        account = pulumi.Output.from_input(args.account_id)
        role = aws.iam.Role(
            name, name=called, assume_role_policy=account.apply(lambda it: json.dumps(policy.trust(it))), opts=opts
        )
        name, opts = self.child("role-policy")
        document = pulumi.Output.all(account, log.name).apply(
            lambda it: json.dumps(policy.idle_endpoints(args.scope, it[0], it[1]))
        )
        aws.iam.RolePolicy(name, name="idle-endpoints", role=role.name, policy=document, opts=opts)
        return role

    def _function(
        self, args: IdleStopArgs, called: str, role: aws.iam.Role, log: aws.cloudwatch.LogGroup
    ) -> aws.lambda_.Function:
        name, opts = self.child("function", depends_on=[log])
        source = pulumi.StringAsset(_SOURCE.read_text(encoding="utf-8"))
        variables = {"PLATFORM": args.scope.environment, "IDLE_HOURS": str(args.idle_endpoint_hours)}
        return aws.lambda_.Function(
            name,
            name=called,
            description="Deletes endpoints that nobody invokes",
            role=role.arn,
            runtime=_RUNTIME,
            architectures=["arm64"],
            handler=idle_endpoints.HANDLER,
            code=pulumi.AssetArchive({_SOURCE.name: source}),
            timeout=_TIMEOUT_SECONDS,
            memory_size=_MEMORY_MIB,
            environment={"variables": variables},
            opts=opts,
        )

    def _schedule(self, args: IdleStopArgs, called: str, function: aws.lambda_.Function) -> None:
        name, opts = self.child("rule")
        rule = aws.cloudwatch.EventRule(
            name,
            name=called,
            description="Looks for idle endpoints every hour",
            schedule_expression="rate(1 hour)",
            opts=opts,
        )
        name, opts = self.child("permission")
        allowed = aws.lambda_.Permission(
            name,
            statement_id="hourly",
            action="lambda:InvokeFunction",
            function=function.name,
            principal="events.amazonaws.com",
            source_arn=rule.arn,
            opts=opts,
        )
        name, opts = self.child("target", depends_on=[allowed])
        aws.cloudwatch.EventTarget(name, rule=rule.name, target_id="function", arn=function.arn, opts=opts)

    def _alarm(self, args: IdleStopArgs, function: aws.lambda_.Function) -> None:
        name, opts = self.child("errors")
        aws.cloudwatch.MetricAlarm(
            name,
            name=args.scope.name("idle-endpoints-errors", limit=255),
            alarm_description="The function that deletes idle endpoints failed",
            namespace="AWS/Lambda",
            metric_name="Errors",
            dimensions={"FunctionName": function.name},
            statistic="Sum",
            period=3600,
            evaluation_periods=1,
            threshold=0,
            comparison_operator="GreaterThanThreshold",
            treat_missing_data="notBreaching",
            alarm_actions=[args.alarm_topic_arn],
            opts=opts,
        )

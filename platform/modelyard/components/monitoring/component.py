"""Monitoring: a topic for alarms, and a log group that every state change of SageMaker is written to."""

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from modelyard.component import Component
from modelyard.components.monitoring import policy
from modelyard.components.monitoring.settings import MonitoringSettings
from modelyard.naming import Scope


@dataclass(frozen=True, kw_only=True)
class MonitoringArgs:
    """Wires of monitoring."""

    settings: MonitoringSettings
    scope: Scope
    account_id: pulumi.Input[str]
    kms_key_arn: pulumi.Input[str]


class Monitoring(Component):
    """Where alarms go, and the record of what SageMaker did.

    Attributes:
        alarm_topic_arn: the topic.
        event_log_group: the log group's name.
    """

    token = "modelyard:platform:Monitoring"  # noqa: S105 - a type token

    def __init__(self, name: str, args: MonitoringArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        topic_name, topic_opts = self.child("alarms")
        topic = aws.sns.Topic(
            topic_name,
            name=args.scope.name("alarms", limit=256),
            kms_master_key_id=args.kms_key_arn,
            opts=topic_opts,
        )
        policy_name, policy_opts = self.child("alarms-policy")
        document = pulumi.Output.all(topic.arn, args.account_id).apply(
            lambda it: json.dumps(policy.alarm_topic(it[0], it[1]))
        )
        aws.sns.TopicPolicy(policy_name, arn=topic.arn, policy=document, opts=policy_opts)
        self.alarm_topic_arn = topic.arn
        self.event_log_group = self._event_log(args).name
        self.register_outputs({"alarmTopicArn": self.alarm_topic_arn, "eventLogGroup": self.event_log_group})

    def _event_log(self, args: MonitoringArgs) -> aws.cloudwatch.LogGroup:
        name, opts = self.child("events")
        group = aws.cloudwatch.LogGroup(
            name,
            name=f"/aws/events/{args.scope.name('sagemaker', limit=256)}",  # the prefix EventBridge demands
            retention_in_days=args.settings.log_retention_days,
            kms_key_id=args.kms_key_arn,
            opts=opts,
        )
        name, opts = self.child("events-policy")
        aws.cloudwatch.LogResourcePolicy(
            name,
            policy_name=args.scope.name("events"),
            policy_document=group.arn.apply(lambda arn: json.dumps(policy.event_log(arn))),
            opts=opts,
        )
        name, opts = self.child("events-rule")
        rule = aws.cloudwatch.EventRule(
            name,
            name=args.scope.name("sagemaker", limit=64),
            description="Every state change that SageMaker reports",
            event_pattern=json.dumps(policy.sagemaker_changes()),
            opts=opts,
        )
        name, opts = self.child("events-target")
        aws.cloudwatch.EventTarget(name, rule=rule.name, target_id="log", arn=group.arn, opts=opts)
        return group

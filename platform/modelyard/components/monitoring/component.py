"""Monitoring: a topic for alarms, a log of SageMaker's state changes, rules for its failures, and a dashboard."""

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from modelyard.component import Component
from modelyard.components.monitoring import changes, dashboard, policy
from modelyard.components.monitoring.settings import MonitoringSettings
from modelyard.naming import Scope, label


@dataclass(frozen=True, kw_only=True)
class MonitoringArgs:
    """Wires of monitoring.

    Args:
        account_id: twelve digits.
        kms_key_arn: the key that encrypts the topic and the log group.
    """

    settings: MonitoringSettings
    scope: Scope
    account_id: pulumi.Input[str]
    kms_key_arn: pulumi.Input[str]


class Monitoring(Component):
    """Where alarms go, and the record of what SageMaker did.

    Every state change of SageMaker in the account and region is written to the event log; a failed training job, model
    package, endpoint or pipeline is told to the topic.

    Attributes:
        alarm_topic_arn: the topic.
        event_log_group: the log group's name.
    """

    token = "modelyard:platform:Monitoring"  # noqa: S105 - a type token

    def __init__(self, name: str, args: MonitoringArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        topic, policy_ = self._topic(args)
        log = self._event_log(args)
        self._failures(args, topic, policy_)
        if args.settings.dashboard:
            self._dashboard(args, topic, log)
        self.alarm_topic_arn = topic.arn
        self.event_log_group = log.name
        self.register_outputs({"alarmTopicArn": self.alarm_topic_arn, "eventLogGroup": self.event_log_group})

    def _topic(self, args: MonitoringArgs) -> tuple[aws.sns.Topic, aws.sns.TopicPolicy]:
        name, opts = self.child("alarms")
        topic = aws.sns.Topic(
            name, name=args.scope.name("alarms", limit=256), kms_master_key_id=args.kms_key_arn, opts=opts
        )
        name, opts = self.child("alarms-policy")
        document = pulumi.Output.all(topic.arn, args.account_id).apply(
            lambda it: json.dumps(policy.alarm_topic(it[0], it[1]))
        )
        policy_ = aws.sns.TopicPolicy(name, arn=topic.arn, policy=document, opts=opts)
        for email in sorted(set(args.settings.emails)):
            name, opts = self.child(f"email-{label(email)}")
            aws.sns.TopicSubscription(name, topic=topic.arn, protocol="email", endpoint=email, opts=opts)
        return topic, policy_

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
            event_pattern=json.dumps(changes.everything()),
            opts=opts,
        )
        name, opts = self.child("events-target")
        aws.cloudwatch.EventTarget(name, rule=rule.name, target_id="log", arn=group.arn, opts=opts)
        return group

    def _failures(self, args: MonitoringArgs, topic: aws.sns.Topic, allowed: aws.sns.TopicPolicy) -> None:
        """Tell the topic of each kind of failure; it must first let EventBridge in."""
        for failure in changes.FAILURES:
            name, opts = self.child(f"failed-{failure.word}-rule")
            rule = aws.cloudwatch.EventRule(
                name,
                name=args.scope.name("failed", failure.word, limit=64),
                description=f"{failure.detail_type}, for the worse",
                event_pattern=json.dumps(failure.pattern()),
                opts=opts,
            )
            name, opts = self.child(f"failed-{failure.word}-target", depends_on=[allowed])
            aws.cloudwatch.EventTarget(
                name,
                rule=rule.name,
                target_id="alarms",
                arn=topic.arn,
                input_transformer={"input_paths": failure.paths(), "input_template": failure.sentence()},
                opts=opts,
            )

    def _dashboard(self, args: MonitoringArgs, topic: aws.sns.Topic, log: aws.cloudwatch.LogGroup) -> None:
        scope = args.scope
        name, opts = self.child("dashboard")
        title = f"# {scope.owner}, {scope.environment}"
        shown = pulumi.Output.all(log.name, topic.name).apply(
            lambda it: json.dumps(dashboard.body(title, scope.region, it[0], it[1]))
        )
        aws.cloudwatch.Dashboard(
            name, dashboard_name=scope.name("platform", limit=255), dashboard_body=shown, opts=opts
        )

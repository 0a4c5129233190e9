"""Alarms over the audit trail's log."""

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from modelyard.component import Component
from modelyard.components.audit import policy
from modelyard.components.audit.settings import AuditSettings
from modelyard.components.audit.watch import WATCHED, Watched
from modelyard.naming import Scope, label


@dataclass(frozen=True, kw_only=True)
class AuditAlarmsArgs:
    """Wires of the alarms."""

    settings: AuditSettings
    scope: Scope
    account_id: pulumi.Input[str]
    log_key_arn: pulumi.Input[str]
    log_group: pulumi.Input[str]


class AuditAlarms(Component):
    """A metric and an alarm for each thing to watch, and a topic of their own: it is read by other people.

    Attributes:
        topic_arn: the topic.
    """

    token = "modelyard:platform:AuditAlarms"  # noqa: S105 - a type token

    def __init__(self, name: str, args: AuditAlarmsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        child, child_opts = self.child("topic")
        topic = aws.sns.Topic(
            child, name=args.scope.name("audit", limit=256), kms_master_key_id=args.log_key_arn, opts=child_opts
        )
        document = pulumi.Output.all(topic.arn, args.account_id).apply(lambda it: json.dumps(policy.alarm_topic(*it)))
        child, child_opts = self.child("topic-policy")
        aws.sns.TopicPolicy(child, arn=topic.arn, policy=document, opts=child_opts)
        for email in sorted(set(args.settings.emails)):
            child, child_opts = self.child(f"email-{label(email)}")
            aws.sns.TopicSubscription(child, topic=topic.arn, protocol="email", endpoint=email, opts=child_opts)
        for word, watched in WATCHED.items():
            self._watch(args, topic, word, watched)
        self.topic_arn = topic.arn
        self.register_outputs({"topicArn": self.topic_arn})

    def _watch(self, args: AuditAlarmsArgs, topic: aws.sns.Topic, word: str, watched: Watched) -> None:
        space = args.scope.name("audit", limit=255)
        name, opts = self.child(f"{word}-metric")
        aws.cloudwatch.LogMetricFilter(
            name,
            name=args.scope.name(word, limit=255),
            log_group_name=args.log_group,
            pattern=watched.pattern,
            metric_transformation={"name": word, "namespace": space, "value": "1"},
            opts=opts,
        )
        name, opts = self.child(word)
        aws.cloudwatch.MetricAlarm(
            name,
            name=args.scope.name("audit", word, limit=255),
            alarm_description=watched.description,
            namespace=space,
            metric_name=word,
            statistic="Sum",
            period=300,
            evaluation_periods=1,
            threshold=1,
            comparison_operator="GreaterThanOrEqualToThreshold",
            treat_missing_data="notBreaching",
            alarm_actions=[topic.arn],
            opts=opts,
        )

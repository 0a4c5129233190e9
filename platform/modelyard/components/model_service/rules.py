"""A rule of EventBridge that starts a pipeline: on a schedule, or when something has happened."""

import json
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from modelyard.component import Component
from modelyard.naming import Scope


@dataclass(frozen=True, kw_only=True)
class PipelineRuleArgs:
    """Wires of a rule; it has either a schedule or a pattern.

    Args:
        word: its own word in its name.
        description: what it does.
        pipeline_arn: the pipeline that it starts.
        role_arn: the role that EventBridge starts it with.
        schedule: when, as EventBridge has it.
        pattern: the events, as EventBridge has it.
    """

    scope: Scope
    word: str
    description: str
    pipeline_arn: pulumi.Input[str]
    role_arn: pulumi.Input[str]
    schedule: str = ""
    pattern: pulumi.Input[dict[str, Any]] | None = None


class PipelineRule(Component):
    """A rule of EventBridge with a pipeline as its target.

    Attributes:
        rule_name: the rule.
    """

    token = "modelyard:model:PipelineRule"  # noqa: S105 - a type token

    def __init__(self, name: str, args: PipelineRuleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        child, options = self.child("rule")
        pattern = pulumi.Output.from_input(args.pattern).apply(json.dumps) if args.pattern is not None else None
        rule = aws.cloudwatch.EventRule(
            child,
            name=args.scope.name(args.word, limit=64),
            description=args.description,
            schedule_expression=args.schedule or None,
            event_pattern=pattern,
            opts=options,
        )
        child, options = self.child("target")
        aws.cloudwatch.EventTarget(
            child,
            rule=rule.name,
            target_id="pipeline",
            arn=args.pipeline_arn,
            role_arn=args.role_arn,
            opts=options,
        )
        self.rule_name = rule.name
        self.register_outputs({"ruleName": self.rule_name})


def alarmed(alarm_names: list[str]) -> dict[str, Any]:
    """Match alarms that have just gone off; source: "Alarm events and EventBridge" in CloudWatch's user guide."""
    return {
        "source": ["aws.cloudwatch"],
        "detail-type": ["CloudWatch Alarm State Change"],
        "detail": {"alarmName": alarm_names, "state": {"value": ["ALARM"]}},
    }

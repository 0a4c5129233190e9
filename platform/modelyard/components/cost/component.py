"""Cost: a monthly budget, the tags that bills are split by, a stop for idle endpoints, and the reaper of branches."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from modelyard.component import Component
from modelyard.components.cost.idle_stop import IdleStop, IdleStopArgs
from modelyard.components.cost.reaper import Reaper, ReaperArgs
from modelyard.components.cost.settings import CostSettings
from modelyard.naming import Scope

ALLOCATION_TAGS = tuple(
    f"modelyard:{word}" for word in ("project", "environment", "branch", "owner", "expiry", "platform")
)


@dataclass(frozen=True, kw_only=True)
class CostArgs:
    """Wires of the budget, the stop and the reaper.

    Args:
        account_id: twelve digits.
        kms_key_arn: the key that encrypts their logs.
        alarm_topic_arn: who is told of what was spent.
        buckets: the platform's buckets that branches write to.
    """

    settings: CostSettings
    scope: Scope
    account_id: pulumi.Input[str]
    kms_key_arn: pulumi.Input[str]
    alarm_topic_arn: pulumi.Input[str]
    buckets: Sequence[pulumi.Input[str]] = ()


class Cost(Component):
    """A budget over the environment and all that stands on it, warned by what was spent and by what is forecast.

    Attributes:
        budget_name: its name.
    """

    token = "modelyard:platform:Cost"  # noqa: S105 - a type token

    def __init__(self, name: str, args: CostArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self.budget_name = self._budget(args).name
        for key in ALLOCATION_TAGS if args.settings.activate_tags else ():
            tag_name, tag_opts = self.child(f"tag-{key.partition(':')[2]}")
            aws.costexplorer.CostAllocationTag(tag_name, tag_key=key, status="Active", opts=tag_opts)
        if args.settings.idle_endpoint_hours:
            self._idle_stop(args)
        if args.settings.reaper.schedule:
            self._reaper(args)
        self.register_outputs({"budgetName": self.budget_name})

    def _budget(self, args: CostArgs) -> aws.budgets.Budget:
        thresholds = {"ACTUAL": args.settings.alert_percent, "FORECASTED": 100}
        name, opts = self.child("monthly")
        return aws.budgets.Budget(
            name,
            name=args.scope.name("monthly", limit=100),
            budget_type="COST",
            limit_amount=str(args.settings.monthly_limit_usd),
            limit_unit="USD",
            time_unit="MONTHLY",
            cost_filters=[{"name": "TagKeyValue", "values": [f"user:modelyard:platform${args.scope.environment}"]}],
            notifications=[
                {
                    "comparison_operator": "GREATER_THAN",
                    "notification_type": kind,
                    "threshold": threshold,
                    "threshold_type": "PERCENTAGE",
                    "subscriber_sns_topic_arns": [args.alarm_topic_arn],
                }
                for kind, threshold in thresholds.items()
            ],
            opts=opts,
        )

    def _idle_stop(self, args: CostArgs) -> None:
        wires = IdleStopArgs(
            idle_endpoint_hours=args.settings.idle_endpoint_hours,
            scope=args.scope,
            account_id=args.account_id,
            kms_key_arn=args.kms_key_arn,
            alarm_topic_arn=args.alarm_topic_arn,
        )
        name, opts = self.child("idle")
        IdleStop(name, wires, opts)

    def _reaper(self, args: CostArgs) -> None:
        wires = ReaperArgs(
            settings=args.settings.reaper,
            scope=args.scope,
            account_id=args.account_id,
            kms_key_arn=args.kms_key_arn,
            alarm_topic_arn=args.alarm_topic_arn,
            buckets=args.buckets,
        )
        name, opts = self.child("reaper")
        Reaper(name, wires, opts)

"""Cost: a monthly budget that warns by what was spent and by what is forecast."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from modelyard.component import Component
from modelyard.components.cost.settings import CostSettings
from modelyard.naming import Scope


@dataclass(frozen=True, kw_only=True)
class CostArgs:
    """Wires of the budget."""

    settings: CostSettings
    scope: Scope
    alarm_topic_arn: pulumi.Input[str]


class Cost(Component):
    """A budget over all that carries the environment's tag.

    Attributes:
        budget_name: its name.
    """

    token = "modelyard:platform:Cost"  # noqa: S105 - a type token

    def __init__(self, name: str, args: CostArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        thresholds = {"ACTUAL": args.settings.alert_percent, "FORECASTED": 100}
        budget_name, budget_opts = self.child("monthly")
        budget = aws.budgets.Budget(
            budget_name,
            name=args.scope.name("monthly", limit=100),
            budget_type="COST",
            limit_amount=str(args.settings.monthly_limit_usd),
            limit_unit="USD",
            time_unit="MONTHLY",
            cost_filters=[{"name": "TagKeyValue", "values": [f"user:modelyard:environment${args.scope.environment}"]}],
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
            opts=budget_opts,
        )
        self.budget_name = budget.name
        self.register_outputs({"budgetName": self.budget_name})

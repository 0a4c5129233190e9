"""Budgets through their whole life."""

from collections.abc import Callable
from typing import Any

import pytest

from modelyard.wire import Props


def plain(**inputs: Any) -> Callable[[Any], Props]:
    """Return inputs that need nothing else."""
    return lambda world: dict(inputs)


LOCAL_CASES = [
    (
        "aws:budgets/budget:Budget",
        plain(
            budgetType="COST",
            timeUnit="MONTHLY",
            limitAmount="100",
            limitUnit="USD",
            timePeriodStart="2026-01-01_00:00",
            costFilters=[{"name": "TagKeyValue", "values": ["user:Project$churn"]}],
            notifications=[
                {
                    "comparisonOperator": "GREATER_THAN",
                    "notificationType": "ACTUAL",
                    "threshold": 80,
                    "thresholdType": "PERCENTAGE",
                    "subscriberEmailAddresses": ["a@example.com"],
                }
            ],
            tags={"a": "1"},
        ),
        {"limitAmount": "200", "notifications": []},
        {"name": "another"},
    ),
]


@pytest.mark.parametrize("case", LOCAL_CASES, ids=lambda case: case[0].rpartition(":")[2])
def test_local_life(case: tuple[Any, ...], local_life: Any):
    local_life(*case)

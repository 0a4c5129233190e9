"""Limits of branch stacks: counts, quotas and what a month may cost, each refused with who holds what."""

from dataclasses import replace
from decimal import Decimal

import pytest
from previews.test_expiry import FIRST, named

from modelyard.cli.branching.costs import Budget
from modelyard.policies.plan import Planned
from modelyard.previews.limits import LimitError, check_counts, held, over_budget

BOB = replace(named("b"), owner="bob@example.com")


def test_there_is_room_below_the_limits():
    check_counts([], "ada@example.com", most=1, most_of_owner=1)
    check_counts([FIRST, BOB], "ada@example.com", most=3, most_of_owner=2)


def test_too_many_stacks():
    with pytest.raises(LimitError) as refused:
        check_counts([FIRST, BOB], "eve@example.com", most=2, most_of_owner=2)
    assert str(refused.value) == (
        "there are 2 branch stacks, and branch.max_stacks allows 2: "
        "ada@example.com has feature/a; bob@example.com has b"
    )
    assert refused.value.hint == "remove one: modelyard branch down 'feature/a'; or what is dead: modelyard branch reap"


def test_too_many_of_one_owner():
    with pytest.raises(LimitError) as refused:
        check_counts([FIRST, BOB], "bob@example.com", most=9, most_of_owner=1)
    assert str(refused.value) == (
        "bob@example.com has 1 branch stacks, and branch.max_stacks_per_owner allows 1: bob@example.com has b"
    )
    assert "branch down 'b'" in refused.value.hint


def test_who_holds_most_is_named_first():
    stacks = [BOB, FIRST, named("c"), replace(named("\u202ed"), owner="")]
    assert held(stacks) == "ada@example.com has feature/a, c; bob@example.com has b; somebody has \\u202ed"


def test_what_a_month_may_cost():
    assert over_budget(100, 100) == ""
    assert over_budget(100.006, 100).startswith(
        "this branch's stack would cost 100.01 US dollars a month, and branch.monthly_limit_usd allows 100\n"
    )


def endpoint(instances: int) -> Planned:
    variant = {"instanceType": "ml.m5.large", "initialInstanceCount": instances, "variantName": "main"}
    return Planned(
        type="aws:sagemaker/endpointConfiguration:EndpointConfiguration",
        name="churn-configuration",
        urn="urn:pulumi:b::churn::aws:sagemaker/endpointConfiguration:EndpointConfiguration::churn-configuration",
        inputs={"productionVariants": [variant]},
        stack="churn/b",
    )


def test_a_plan_is_held_to_it():
    cheap, dear = Budget(region="us-east-1", limit=90), Budget(region="us-east-1", limit=80)
    assert cheap.check([endpoint(1)]) == []
    (refused,) = dear.check([endpoint(1)])
    assert "would cost 83.95 US dollars a month" in refused.message
    assert Decimal(str(cheap.usd)) == Decimal("83.95")
    assert cheap.dearest == [("Endpoint configuration churn-configuration", pytest.approx(83.95))]
    assert Budget(region="us-east-1", limit=80).usd is None

"""Over random valid settings every program plans, names are within their limits, and a second plan is empty."""

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stacks.lab import Lab, touched
from stacks.limits import LIMITS, NAMELESS
from stacks.random_settings import TWO_ZONES, documents

EXAMPLES = int(os.environ.get("MODELYARD_EXAMPLES", "12"))
NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,30}", fullmatch=True)
RELAXED = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.function_scoped_fixture],
)
# Longest words everywhere: what is cut to a limit is cut here.
LONGEST = {"name": "a23456789-123456789z", "owner": "o" * 128}

pytestmark = pytest.mark.slow


def names(lab: Lab, environment: str) -> list[tuple[str, str]]:
    """Return the names that a plan gives, by type."""
    found = []
    for result in lab.plan(environment, pretending=True).values():
        for change in result.changes:
            if change.planned is not None and change.type.startswith("aws:") and change.type not in NAMELESS:
                value = change.planned.inputs[LIMITS[change.type].name]
                assert isinstance(value, str), change.name
                found.append((change.type, value))
    return found


@given(document=documents(), environment=NAMES)
@RELAXED
def test_every_program_plans_and_every_name_is_one_that_its_service_takes(lab: Lab, document, environment):
    lab.write(environment, document)
    wrong = [(type_, name) for type_, name in names(lab, environment) if not LIMITS[type_].allows(name)]
    assert wrong == []


def test_the_longest_names_are_cut_and_stay_apart(lab: Lab):
    plain, longest = "b", "environment-with-31-characters1"
    for environment in (plain, longest):
        lab.write(environment, LONGEST)
    assert len(longest) == 31
    found = names(lab, longest)
    assert [(type_, name) for type_, name in found if not LIMITS[type_].allows(name)] == []
    short = names(lab, plain)  # some names are unique within what they belong to, such as a rule's targets
    assert (len(found), len(set(found))) == (len(short), len(set(short)))


def test_a_region_with_too_few_zones_is_told(lab: Lab):
    lab.write("far", {"region": TWO_ZONES, "network": {"zones": 3}})
    [told, *_] = lab.plan("far", failing=True)["foundation"].diagnostics
    assert "network.zones: the region has 2 availability zones for this account, not 3" in told.message
    assert "-> set network.zones: 2, or another region" in told.message


@given(document=documents())
@settings(RELAXED, max_examples=max(EXAMPLES // 4, 2))
def test_a_second_plan_is_empty_and_nothing_is_left(lab: Lab, document):
    network = {name: value for name, value in document.get("network", {}).items() if name != "existing"}
    lab.write("random", {**document, "region": "us-east-1", "network": network})
    try:
        lab.up("random")
        assert touched(lab.plan("random")) == []
    finally:
        lab.destroy("random")
    assert lab.inventory() == []

"""Deployments that touch only some resources, replace some by force, or go on after an error."""

import pytest
from engine.lifecycle.differences import Difference, differs

from modelyard.engine.plan import Op

CHAIN = 'a = Thing("a", value="{0}")\nb = Thing("b", value=a.out)\nThing("c", value="{0}")'
THING = "urn:pulumi:dev::bench::fake:index:Thing::"


def test_only_targets_are_updated(bench):
    bench.up(CHAIN.format(1))
    result = bench.up(CHAIN.format(2), targets=(THING + "a",))
    assert (result.outcome, bench.calls) == ("succeeded", ["update a"])
    assert (bench.cloud["a-1"]["value"], bench.cloud["c-1"]["value"]) == ("2", "1")
    assert bench.resource("c")["inputs"] == {"value": "1"}


def test_the_rest_is_updated_by_the_next_up(bench):
    bench.up(CHAIN.format(1))
    bench.up(CHAIN.format(2), targets=(THING + "a",))
    result = bench.up()
    assert bench.ops(result) == {"a": Op.SAME, "b": Op.UPDATE, "c": Op.UPDATE}


def test_preview_of_targets(bench):
    bench.up(CHAIN.format(1))
    planned = bench.preview(CHAIN.format(2), targets=(THING + "a",))
    assert {name for name, op in bench.ops(planned).items() if op is not Op.SAME} == {"a"}


def test_dependents_of_targets_are_updated_if_asked_for(bench):
    bench.up(CHAIN.format(1))
    result = bench.up(CHAIN.format(2), targets=(THING + "a",), target_dependents=True)
    assert (result.outcome, bench.calls) == ("succeeded", ["update a", "update b"])


@pytest.mark.parametrize("pattern", ["**::a", "urn:pulumi:dev::bench::fake:index:*::a", "**Thing::a"])
def test_patterns_of_targets(bench, pattern):
    bench.up(CHAIN.format(1))
    bench.up(CHAIN.format(2), targets=(pattern,))
    assert bench.calls == ["update a"]


def test_two_targets(bench):
    bench.up(CHAIN.format(1))
    bench.up(CHAIN.format(2), targets=(THING + "a", THING + "c"))
    assert sorted(bench.calls) == ["update a", "update c"]


def test_only_targets_are_made(bench):
    result = bench.up('Thing("a")\nThing("b")', targets=(THING + "a",))
    assert (result.outcome, bench.calls, bench.things()) == ("succeeded", ["create a"], ["a"])


def test_a_target_that_needs_what_was_not_made_is_refused(bench):
    result = bench.up('a = Thing("a")\nThing("b", value=a.out)', targets=(THING + "b",))
    assert (result.outcome, bench.calls) == ("failed", [])


def test_only_targets_are_deleted(bench):
    bench.up('Thing("a")\nThing("b")')
    result = bench.up("", targets=(THING + "a",))
    assert (result.outcome, bench.calls, bench.things()) == ("succeeded", ["delete a"], ["b"])


def test_what_is_no_target_is_not_replaced(bench):
    program = 'Thing("a", fixed="{0}")\nThing("b", fixed="{0}")'
    bench.up(program.format(1))
    bench.up(program.format(2), targets=(THING + "b",))
    assert (bench.calls, sorted(bench.cloud)) == (["create b", "delete b"], ["a-1", "b-2"])


def test_destroy_of_a_target(bench):
    bench.up('Thing("a")\nThing("b")')
    result = bench.destroy(targets=(THING + "a",))
    assert (result.outcome, bench.calls, bench.things()) == ("succeeded", ["delete a"], ["b"])


def test_destroy_of_a_target_that_others_need_is_refused(bench):
    bench.up('a = Thing("a")\nThing("b", value=a.out)')
    result = bench.destroy(targets=(THING + "a",))
    assert (result.outcome, bench.calls, sorted(bench.cloud)) == ("failed", [], ["a-1", "b-1"])


def test_destroy_of_a_target_with_its_dependents(bench):
    bench.up('a = Thing("a")\nThing("b", value=a.out)\nThing("c")')
    result = bench.destroy(targets=(THING + "a",), target_dependents=True)
    assert (result.outcome, bench.calls, bench.things()) == ("succeeded", ["delete b", "delete a"], ["c"])


def test_refresh_of_a_target(bench):
    bench.up('Thing("a", value="1")\nThing("b", value="1")')
    bench.cloud["a-1"]["value"] = bench.cloud["b-1"]["value"] = "drifted"
    result = bench.refresh(targets=(THING + "a",))
    assert (result.outcome, bench.calls) == ("succeeded", ["read a"])
    assert (bench.resource("a")["inputs"], bench.resource("b")["inputs"]) == ({"value": "drifted"}, {"value": "1"})


@differs(Difference.WORDS)
def test_a_target_that_is_nothing(bench):
    bench.up('Thing("a")')
    result = bench.up('Thing("a", value="2")', targets=(THING + "never",))
    assert (bench.calls, result.outcome) == ([], "failed")


def test_a_child_as_a_target_does_not_touch_its_siblings(bench):
    program = 'g = Group("g")\nThing("a", Opts(parent=g), value="{0}")\nThing("b", Opts(parent=g), value="{0}")'
    bench.up(program.format(1))
    bench.up(program.format(2), targets=("**::a",))
    assert bench.calls == ["update a"]


def test_replace_by_force(bench):
    bench.up(CHAIN.format(1))
    result = bench.up(replace=(THING + "c",))
    assert bench.ops(result) == {"a": Op.SAME, "b": Op.SAME, "c": Op.REPLACE}
    assert bench.calls == ["create c", "delete c"]


def test_preview_of_a_replacement_by_force(bench):
    bench.up(CHAIN.format(1))
    planned = bench.preview(replace=(THING + "c",))
    assert (bench.ops(planned)["c"], bench.calls) == (Op.REPLACE, [])


def test_replace_by_force_reaches_dependents(bench):
    bench.up('a = Thing("a")\nThing("b", value=a.id)')
    result = bench.up(replace=(THING + "a",))
    assert bench.ops(result) == {"a": Op.REPLACE, "b": Op.UPDATE}
    assert bench.cloud["b-1"]["value"] == "a-2"


@differs(Difference.WORDS)
def test_replace_by_force_of_a_protected_resource_is_refused(bench):
    bench.up('Thing("a", Opts(protect=True))')
    assert (bench.up(replace=(THING + "a",)).outcome, bench.calls) == ("failed", [])


def test_after_an_error_independent_resources_go_on_if_asked_for(bench):
    program = """
    a = Thing("a", slow=0.1, fail="create")
    Thing("b", value=a.out)
    c = Thing("c", slow=0.3)
    Thing("d", value=c.out)
    """
    result = bench.up(program, continue_on_error=True)
    assert (result.outcome, sorted(bench.calls)) == ("failed", ["create a", "create c", "create d"])
    assert sorted(bench.things()) == ["c", "d"]


def test_after_an_error_deletions_go_on_if_asked_for(bench):
    bench.up('Thing("old")')
    result = bench.up('Thing("a", fail="create")', continue_on_error=True)
    assert (result.outcome, sorted(bench.calls), bench.cloud) == ("failed", ["create a", "delete old"], {})


def test_an_update_that_fails_leaves_its_dependents_alone(bench):
    program = 'a = Thing("a", value="{0}")\nThing("b", value=a.out)\nThing("c", value="{0}")'
    bench.up(program.format(1))
    bench.faults["update a"] = "not today"
    result = bench.up(program.format(2), continue_on_error=True)
    assert (result.outcome, sorted(bench.calls)) == ("failed", ["update a", "update c"])
    assert (bench.resource("b")["id"], bench.resource("c")["inputs"]) == ("b-1", {"value": "2"})


def test_a_destroy_goes_on_after_an_error_if_asked_for(bench):
    bench.up('a = Thing("a")\nb = Thing("b", value=a.out)\nThing("c", value=b.out)\nThing("d")')
    bench.faults["delete b"] = "still in use"
    result = bench.destroy(continue_on_error=True)
    assert (result.outcome, sorted(bench.calls)) == ("failed", ["delete b", "delete c", "delete d"])
    assert bench.things() == ["a", "b"]


def test_no_more_operations_at_once_than_allowed(bench):
    bench.up("for number in range(4):\n    Thing(f'a{number}', slow=0.2)", parallel=1)
    assert (bench.world.running, len(bench.cloud)) == (1, 4)


def test_operations_run_at_once(bench):
    bench.up("for number in range(4):\n    Thing(f'a{number}', slow=0.5)")
    assert bench.world.running > 1


def test_deletions_run_at_once(bench):
    bench.up("for number in range(4):\n    Thing(f'a{number}')")
    for made in bench.cloud.values():
        made["slow"] = 0.5
    bench.refresh()
    bench.world.running = 0
    bench.destroy()
    assert (bench.world.running > 1, bench.cloud) == (True, {})

"""Resources that must not be deleted: protected, retained, or gone with another."""

import pytest
from engine.lifecycle.differences import Difference, differs

from modelyard.engine.plan import Op

PROTECTED = 'a = Thing("a", Opts(protect={}), fixed="{}")\n'


@differs(Difference.WORDS)
def test_destroy_of_a_protected_resource_fails_and_says_so(bench):
    bench.up(PROTECTED.format(True, 1))
    result = bench.destroy()
    assert (result.outcome, bench.calls, list(bench.cloud)) == ("failed", [], ["a-1"])
    assert "protect" in bench.errors(result)["a"]


@differs(Difference.WORDS)
def test_a_protected_resource_keeps_what_it_needs(bench):
    bench.up('n = Thing("n")\na = Thing("a", Opts(protect=True), value=n.out)\nThing("free")\nThing("b", value=a.out)')
    result = bench.destroy()
    assert result.outcome == "failed"
    assert {"n-1", "a-1"} <= bench.cloud.keys()


def test_destroy_with_unprotect_takes_it(bench):
    bench.up(PROTECTED.format(True, 1))
    result = bench.destroy(unprotect=True)
    assert (result.outcome, bench.cloud, bench.resources()) == ("succeeded", {}, [])


@differs(Difference.WORDS)
def test_a_protected_resource_can_not_be_taken_out_of_the_program(bench):
    bench.up(PROTECTED.format(True, 1))
    result = bench.up("")
    assert (result.outcome, bench.calls, list(bench.cloud)) == ("failed", [], ["a-1"])
    assert "protect" in bench.errors(result)["a"]


@differs(Difference.WORDS)
def test_preview_tells_that_a_protected_resource_can_not_go(bench):
    bench.up(PROTECTED.format(True, 1))
    result = bench.preview("")
    assert (result.outcome, "protect" in bench.errors(result)["a"]) == ("failed", True)


@differs(Difference.WORDS)
def test_a_protected_resource_is_not_replaced(bench):
    bench.up(PROTECTED.format(True, 1))
    result = bench.up(PROTECTED.format(True, 2))
    assert (result.outcome, bench.calls, list(bench.cloud)) == ("failed", [], ["a-1"])
    assert "protect" in bench.errors(result)["a"]


def test_protection_is_lifted_and_the_resource_replaced_in_one_up(bench):
    bench.up(PROTECTED.format(True, 1))
    result = bench.up(PROTECTED.format(False, 2))
    assert (result.outcome, bench.calls) == ("succeeded", ["create a", "delete a"])


def test_protection_comes_and_goes_without_a_call(bench):
    bench.up(PROTECTED.format(False, 1))
    assert bench.ops(bench.up(PROTECTED.format(True, 1))) == {"a": Op.SAME}
    assert (bench.calls, bench.resource("a")["protect"]) == ([], True)
    bench.up(PROTECTED.format(False, 1))
    assert "protect" not in bench.resource("a")
    assert bench.destroy().outcome == "succeeded"


def test_a_protected_resource_is_still_updated(bench):
    bench.up('Thing("a", Opts(protect=True), value="1")')
    assert bench.ops(bench.up('Thing("a", Opts(protect=True), value="2")')) == {"a": Op.UPDATE}


def test_children_take_protection_from_their_parent(bench):
    program = (
        'g = Group("g", Opts(protect=True))\nThing("a", Opts(parent=g))\nThing("b", Opts(parent=g, protect=False))'
    )
    bench.up(program)
    assert (bench.resource("a")["protect"], "protect" in bench.resource("b")) == (True, False)


@differs(Difference.WORDS)
def test_a_protected_dependent_stops_a_replacement_that_deletes_first(bench):
    program = 'a = Thing("a", fixed_name="{}")\nThing("b", Opts(protect=True), fixed=a.id)'
    bench.up(program.format(1))
    result = bench.up(program.format(2))
    assert (result.outcome, bench.calls, sorted(bench.cloud)) == ("failed", [], ["a-1", "b-1"])


def test_retain_on_delete_keeps_it_in_the_cloud(bench):
    bench.up('Thing("a", Opts(retain_on_delete=True))')
    result = bench.destroy()
    assert (result.outcome, bench.calls, list(bench.cloud)) == ("succeeded", [], ["a-1"])
    assert bench.resources() == []


def test_retained_resources_that_are_replaced_stay_in_the_cloud(bench):
    program = 'Thing("a", Opts(retain_on_delete=True), fixed="{}")'
    bench.up(program.format(1))
    bench.up(program.format(2))
    assert (bench.calls, sorted(bench.cloud)) == (["create a"], ["a-1", "a-2"])


def test_retained_resources_that_are_deleted_first_stay_in_the_cloud(bench):
    program = 'Thing("a", Opts(retain_on_delete=True), fixed_name="{}")'
    bench.up(program.format(1))
    bench.up(program.format(2))
    assert (bench.calls, sorted(bench.cloud)) == (["create a"], ["a-1", "a-2"])


def test_children_take_retention_from_their_parent(bench):
    bench.up('g = Group("g", Opts(retain_on_delete=True))\nThing("a", Opts(parent=g))')
    assert bench.resource("a")["retainOnDelete"] is True
    bench.destroy()
    assert list(bench.cloud) == ["a-1"]


def test_deleted_with_leaves_the_deletion_to_another(bench):
    bench.up('a = Thing("a")\nThing("b", Opts(deleted_with=a))')
    assert bench.resource("b")["deletedWith"] == bench.resource("a")["urn"]
    result = bench.destroy()
    assert (result.outcome, bench.calls, bench.resources()) == ("succeeded", ["delete a"], [])


def test_deleted_with_a_resource_that_stays_deletes_it(bench):
    bench.up('a = Thing("a")\nThing("b", Opts(deleted_with=a))')
    bench.up('a = Thing("a")')
    assert bench.calls == ["delete b"]


def test_deleted_with_through_a_chain(bench):
    bench.up('a = Thing("a")\nb = Thing("b", Opts(deleted_with=a))\nThing("c", Opts(deleted_with=b))')
    bench.destroy()
    assert bench.calls == ["delete a"]


@pytest.mark.parametrize("forcing", ["fixed", "fixed_name"])
def test_deleted_with_a_resource_that_is_replaced_replaces_it_too(bench, forcing):
    program = 'a = Thing("a", {}="{}")\nThing("b", Opts(deleted_with=a))'
    bench.up(program.format(forcing, 1))
    result = bench.up(program.format(forcing, 2))
    assert bench.ops(result) == {"a": Op.REPLACE, "b": Op.REPLACE}
    assert bench.up().has_changes is False


def test_children_take_deleted_with_from_their_parent(bench):
    bench.up('a = Thing("a")\ng = Group("g", Opts(deleted_with=a))\nThing("b", Opts(parent=g))')
    assert bench.resource("b")["deletedWith"] == bench.resource("a")["urn"]

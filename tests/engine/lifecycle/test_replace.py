"""Resources that can't be changed in place."""

import pytest
from engine.lifecycle.differences import Difference, differs

from modelyard.engine.plan import Op


def replaced_by(result):
    return {change.name: set(change.replaced_by) for change in result.changes if change.op is Op.REPLACE}


def test_replacement_creates_before_it_deletes(bench):
    bench.up('Thing("a", fixed="1")')
    result = bench.up('Thing("a", fixed="2")')
    assert (bench.calls, bench.ops(result)) == (["create a", "delete a"], {"a": Op.REPLACE})
    assert replaced_by(result) == {"a": {"fixed"}}
    assert (list(bench.cloud), bench.resource("a")["id"]) == (["a-2"], "a-2")


def test_preview_of_a_replacement_says_why(bench):
    bench.up('Thing("a", fixed="1", note="1")')
    planned = bench.preview('Thing("a", fixed="2", note="2")')
    assert (bench.calls, bench.ops(planned), replaced_by(planned)) == ([], {"a": Op.REPLACE}, {"a": {"fixed"}})


def test_all_reasons_of_a_replacement_are_named(bench):
    bench.up('Thing("a", fixed="1", fixed_too="1")')
    assert replaced_by(bench.up('Thing("a", fixed="2", fixed_too="2")')) == {"a": {"fixed", "fixed_too"}}


def test_what_is_deleted_first_by_its_provider(bench):
    bench.up('Thing("a", fixed_name="1")')
    result = bench.up('Thing("a", fixed_name="2")')
    assert (bench.calls, bench.ops(result)) == (["delete a", "create a"], {"a": Op.REPLACE})


def test_what_is_deleted_first_by_the_programs_word(bench):
    program = 'Thing("a", Opts(delete_before_replace=True), fixed="{}")'
    bench.up(program.format(1))
    bench.up(program.format(2))
    assert bench.calls == ["delete a", "create a"]


def test_the_programs_word_against_deleting_first_wins(bench):
    program = 'Thing("a", Opts(delete_before_replace=False), fixed_name="{}")'
    bench.up(program.format(1))
    bench.up(program.format(2))
    assert bench.calls == ["create a", "delete a"]


def test_deleting_first_takes_along_what_must_be_replaced(bench):
    program = 'a = Thing("a", fixed_name="{}")\nThing("b", fixed=a.id)\nThing("c", value=a.id)'
    bench.up(program.format(1))
    result = bench.up(program.format(2))
    assert bench.calls[:2] == ["delete b", "delete a"]
    assert sorted(bench.calls[2:]) == ["create a", "create b", "update c"]
    assert bench.ops(result) == {"a": Op.REPLACE, "b": Op.REPLACE, "c": Op.UPDATE}
    assert bench.up().has_changes is False


def test_deleting_first_takes_along_a_whole_chain(bench):
    program = 'a = Thing("a", fixed_name="{}")\nb = Thing("b", fixed=a.id)\nThing("c", fixed=b.id)'
    bench.up(program.format(1))
    result = bench.up(program.format(2))
    assert bench.calls == ["delete c", "delete b", "delete a", "create a", "create b", "create c"]
    assert bench.ops(result) == {"a": Op.REPLACE, "b": Op.REPLACE, "c": Op.REPLACE}


def test_deleting_first_leaves_a_dependent_without_its_value(bench):
    program = 'a = Thing("a", fixed_name="{}")\nThing("b", Opts(depends_on=[a]), fixed="1")'
    bench.up(program.format(1))
    result = bench.up(program.format(2))
    assert (bench.calls, bench.ops(result)) == (["delete a", "create a"], {"a": Op.REPLACE, "b": Op.SAME})


def test_creating_first_replaces_dependents_by_their_new_values(bench):
    program = 'a = Thing("a", fixed="{}")\nb = Thing("b", fixed=a.id)\nThing("c", value=b.id)'
    bench.up(program.format(1))
    result = bench.up(program.format(2))
    assert bench.calls == ["create a", "create b", "update c", "delete b", "delete a"]
    assert bench.ops(result) == {"a": Op.REPLACE, "b": Op.REPLACE, "c": Op.UPDATE}


def test_preview_of_a_replacement_tells_of_its_dependents(bench):
    program = 'a = Thing("a", fixed="{}")\nThing("b", fixed=a.id)\nThing("c", value=a.id)'
    bench.up(program.format(1))
    assert bench.ops(bench.preview(program.format(2))) == {"a": Op.REPLACE, "b": Op.REPLACE, "c": Op.UPDATE}


def test_a_failed_create_of_a_replacement_keeps_the_old_one(bench):
    bench.up('Thing("a", fixed="1")')
    bench.faults["create a"] = "not today"
    result = bench.up('Thing("a", fixed="2")')
    assert (result.outcome, bench.errors(result)) == ("failed", {"a": "not today"})
    assert (bench.resource("a")["id"], list(bench.cloud)) == ("a-1", ["a-1"])
    bench.faults.clear()
    assert bench.ops(bench.up()) == {"a": Op.REPLACE}
    assert list(bench.cloud) == ["a-2"]


def test_a_replaced_resource_that_can_not_be_deleted_is_deleted_next_time(bench):
    bench.up('Thing("a", fixed="1")')
    bench.faults["delete a"] = "still in use"
    result = bench.up('Thing("a", fixed="2")')
    assert (result.outcome, bench.calls) == ("failed", ["create a", "delete a"])
    assert [(it["id"], it.get("delete", False)) for it in bench.resources() if it["type"] == "fake:index:Thing"] == [
        ("a-2", False),
        ("a-1", True),
    ]
    bench.faults.clear()
    result = bench.up()
    assert (result.outcome, bench.calls, list(bench.cloud)) == ("succeeded", ["delete a"], ["a-2"])


def test_a_replaced_resource_waits_for_its_deletion_while_its_successor_is_replaced(bench):
    bench.up('Thing("a", fixed="1")')
    bench.faults["delete a"] = "still in use"
    bench.up('Thing("a", fixed="2")')
    bench.up('Thing("a", fixed="3")')
    assert sorted(bench.cloud) == ["a-1", "a-2", "a-3"]
    bench.faults.clear()
    assert bench.up().outcome == "succeeded"
    assert list(bench.cloud) == ["a-3"]


def test_what_was_deleted_first_and_not_made_again_is_made_next_time(bench):
    bench.up('Thing("a", fixed_name="1")')
    bench.faults["create a"] = "not today"
    result = bench.up('Thing("a", fixed_name="2")')
    assert (result.outcome, bench.calls, bench.cloud) == ("failed", ["delete a", "create a"], {})
    assert bench.resource("a")["pendingReplacement"] is True
    bench.faults.clear()
    result = bench.up()
    assert (result.outcome, bench.calls, bench.ops(result)) == ("succeeded", ["create a"], {"a": Op.REPLACE})
    assert "pendingReplacement" not in bench.resource("a")


@differs(Difference.DELETED_TWICE)
def test_what_was_deleted_first_and_is_wanted_as_it_was_is_made_again(bench):
    bench.up('Thing("a", fixed_name="1")')
    bench.faults["create a"] = "not today"
    bench.up('Thing("a", fixed_name="2")')
    bench.faults.clear()
    result = bench.up('Thing("a", fixed_name="1")')
    assert (bench.calls[0], bench.ops(result), list(bench.cloud)) == ("create a", {"a": Op.REPLACE}, ["a-2"])


def test_what_was_deleted_first_and_is_not_wanted_any_more_is_forgotten(bench):
    bench.up('Thing("a", fixed_name="1")')
    bench.faults["create a"] = "not today"
    bench.up('Thing("a", fixed_name="2")')
    bench.faults.clear()
    result = bench.up("")
    assert (result.outcome, bench.calls, bench.things()) == ("succeeded", [], [])


def test_destroy_forgets_what_was_deleted_first(bench):
    bench.up('Thing("a", fixed_name="1")')
    bench.faults["create a"] = "not today"
    bench.up('Thing("a", fixed_name="2")')
    bench.faults.clear()
    result = bench.destroy()
    assert (result.outcome, bench.calls, bench.resources()) == ("succeeded", [], [])


@differs(Difference.DELETED_TWICE)
def test_a_chain_that_is_cut_short_goes_on_next_time(bench):
    program = 'a = Thing("a", fixed_name="{}")\nb = Thing("b", fixed=a.id)\nThing("c", fixed=b.id)'
    bench.up(program.format(1))
    bench.faults["create b"] = "not today"
    result = bench.up(program.format(2))
    assert result.outcome == "failed"
    assert bench.calls == ["delete c", "delete b", "delete a", "create a", "create b"]
    bench.faults.clear()
    result = bench.up()
    assert (result.outcome, bench.calls[:2]) == ("succeeded", ["create b", "create c"])
    assert sorted(bench.cloud) == ["a-2", "b-2", "c-2"]
    assert bench.up().has_changes is False


def test_a_deletion_of_a_chain_that_fails_stops_it(bench):
    program = 'a = Thing("a", fixed_name="{}")\nThing("b", fixed=a.id)'
    bench.up(program.format(1))
    bench.faults["delete b"] = "still in use"
    result = bench.up(program.format(2))
    assert (result.outcome, bench.calls) == ("failed", ["delete b"])
    assert sorted(bench.cloud) == ["a-1", "b-1"]


def test_a_replacement_that_is_half_made_is_kept(bench):
    bench.up('Thing("a", fixed="1")')
    result = bench.up('Thing("a", fixed="2", partial="create")')
    assert result.outcome == "failed"
    live = bench.resource("a")
    assert (live["id"], live["initErrors"]) == ("a-2", ["it is not ready"])
    result = bench.up('Thing("a", fixed="2", partial="create")')
    assert (result.outcome, bench.calls, list(bench.cloud)) == ("succeeded", ["update a", "delete a"], ["a-2"])


@differs(Difference.RANDOM)
def test_a_replaced_resource_gets_another_name(bench):
    bench.up('Thing("a", kind="Named", fixed="1")')
    first = bench.cloud["a-1"]["name"]
    bench.up('Thing("a", kind="Named", fixed="2")')
    assert bench.cloud["a-2"]["name"].startswith("a-")
    assert bench.cloud["a-2"]["name"] != first


@pytest.mark.parametrize("kind", ["Thing", "Detailed"])
def test_a_provider_says_which_input_forces_a_replacement(bench, kind):
    bench.up(f'Thing("a", kind="{kind}", fixed="1", value="1")')
    result = bench.up(f'Thing("a", kind="{kind}", fixed="2", value="2")')
    assert replaced_by(result) == {"a": {"fixed"}}


def test_a_type_that_changes_is_another_resource(bench):
    bench.up('Thing("a", value="1")')
    result = bench.up('Thing("a", kind="Detailed", value="1")')
    assert (result.outcome, bench.calls) == ("succeeded", ["create a", "delete a"])
    assert sorted(str(change.op) for change in result.changes if change.name == "a") == ["create", "delete"]


def test_outputs_of_a_replaced_resource_are_exported_anew(bench):
    program = 'a = Thing("a", fixed="{0}", value="{0}")\npulumi.export("id", a.id)\npulumi.export("out", a.out)'
    bench.up(program.format(1))
    assert bench.up(program.format(2)).outputs == {"id": "a-2", "out": "out-2"}

"""Resources that change in place."""

import pytest
from engine.lifecycle.differences import Difference, differs

from modelyard.engine.plan import Op


def changes(result):
    return {
        change.name: dict(change.changes)
        for change in result.changes
        if change.op.is_change and change.type.startswith("fake:")
    }


def test_changing_one_input_shows_exactly_that(bench):
    bench.up('Thing("a", tags={"x": "1", "y": "1"})\nThing("b")')
    result = bench.preview('Thing("a", tags={"x": "1", "y": "2"})\nThing("b")')
    assert bench.ops(result) == {"a": Op.UPDATE, "b": Op.SAME}
    assert changes(result) == {"a": {"tags.y": ("1", "2")}}
    assert changes(bench.up()) == {"a": {"tags.y": ("1", "2")}}


def test_inputs_that_come_and_go(bench):
    bench.up('Thing("a", x="1", y="1")')
    result = bench.up('Thing("a", y="1", z="1")')
    assert changes(result) == {"a": {"x": ("1", None), "z": (None, "1")}}
    assert bench.cloud["a-1"] == {"y": "1", "z": "1", "out": "out-"}


def test_items_of_a_list_that_change(bench):
    bench.up('Thing("a", items=[{"n": 1}, {"n": 2}])')
    result = bench.up('Thing("a", items=[{"n": 1}, {"n": 3}])')
    assert changes(result) == {"a": {"items[1].n": (2, 3)}}


def test_a_list_that_grows(bench):
    bench.up('Thing("a", items=[1])')
    assert changes(bench.up('Thing("a", items=[1, 2])')) == {"a": {"items": ([1], [1, 2])}}


def test_a_changed_output_reaches_what_uses_it(bench):
    program = 'a = Thing("a", value="{}")\nb = Thing("b", value=a.out)\npulumi.export("b", b.out)'
    bench.up(program.format(1))
    result = bench.up(program.format(2))
    assert (bench.calls, result.outputs) == (["update a", "update b"], {"b": "out-out-2"})


def test_an_update_that_changes_no_output_stops_there(bench):
    program = 'a = Thing("a", note="{}")\nThing("b", value=a.out)'
    bench.up(program.format(1))
    result = bench.up(program.format(2))
    assert (bench.calls, bench.ops(result)) == (["update a"], {"a": Op.UPDATE, "b": Op.SAME})


def test_preview_changes_nothing_and_says_what_up_does(bench):
    program = 'a = Thing("a", value="{}")\nThing("b", value=a.out)'
    bench.up(program.format(1))
    before = bench.export_state()
    planned = bench.preview(program.format(2))
    assert (bench.calls, bench.export_state(), bench.cloud["a-1"]["value"]) == ([], before, "1")
    assert bench.ops(planned)["a"] is Op.UPDATE
    assert bench.ops(bench.up())["a"] is Op.UPDATE


def test_a_failed_update_keeps_the_old_state(bench):
    bench.up('Thing("a", value="1")')
    bench.faults["update a"] = "not today"
    result = bench.up('Thing("a", value="2")')
    assert (result.outcome, bench.errors(result)) == ("failed", {"a": "not today"})
    assert bench.resource("a")["inputs"] == {"value": "1"}
    bench.faults.clear()
    assert bench.ops(bench.up()) == {"a": Op.UPDATE}
    assert bench.resource("a")["inputs"] == {"value": "2"}


def test_an_update_that_is_done_by_half_is_kept_and_tried_again(bench):
    bench.up('Thing("a", value="1")')
    result = bench.up('Thing("a", value="2", partial="update")')
    assert result.outcome == "failed"
    half = bench.resource("a")
    assert (half["inputs"], half["outputs"]["value"], half["initErrors"]) == ({"value": "1"}, "2", ["it is not ready"])
    result = bench.up('Thing("a", value="2")')
    assert (result.outcome, bench.ops(result)) == ("succeeded", {"a": Op.UPDATE})
    assert "initErrors" not in bench.resource("a")


def test_a_diff_that_breaks_fails_the_resource(bench):
    bench.up('Thing("a", value="1")')
    bench.faults["diff a"] = "no idea"
    result = bench.up('Thing("a", value="2")')
    assert (result.outcome, bench.calls) == ("failed", [])
    bench.faults.clear()
    assert bench.up().outcome == "succeeded"


def test_a_detailed_diff_is_an_update(bench):
    bench.up('Thing("a", kind="Detailed", tags={"x": "1"}, items=[1, 2])')
    result = bench.up('Thing("a", kind="Detailed", tags={"x": "2"}, items=[1])')
    assert bench.ops(result) == {"a": Op.UPDATE}
    assert bench.cloud["a-1"]["tags"] == {"x": "2"}


@pytest.mark.parametrize(("after", "op"), [('"1"', Op.SAME), ('"2"', Op.UPDATE)])
def test_where_a_provider_can_not_tell_the_engine_compares(bench, after, op):
    bench.up('Thing("a", kind="Vague", value="1")')
    result = bench.up(f'Thing("a", kind="Vague", value={after})')
    assert bench.ops(result) == {"a": op}


@differs(Difference.RANDOM)
def test_what_a_provider_names_keeps_its_name(bench):
    bench.up('Thing("a", kind="Named", value="1")')
    name = bench.cloud["a-1"]["name"]
    assert name.startswith("a-")
    result = bench.up('Thing("a", kind="Named", value="2")')
    assert bench.ops(result) == {"a": Op.UPDATE}
    assert bench.cloud["a-1"]["name"] == name


def test_times_say_when_a_resource_was_made_and_changed(bench):
    bench.up('Thing("a", value="1")\nThing("b")')
    first = {name: (bench.resource(name)["created"], bench.resource(name)["modified"]) for name in "ab"}
    bench.up('Thing("a", value="2")\nThing("b")')
    second = {name: (bench.resource(name)["created"], bench.resource(name)["modified"]) for name in "ab"}
    assert (second["b"], second["a"][0]) == (first["b"], first["a"][0])
    assert second["a"][1] > first["a"][1]


def test_a_resource_becomes_a_component_of_the_same_name(bench):
    bench.up('Thing("a")')
    result = bench.up('Group("a")')
    assert (result.outcome, bench.calls) == ("succeeded", ["delete a"])


def test_dependencies_that_change_alone_change_nothing_in_the_cloud(bench):
    bench.up('a = Thing("a")\nThing("b")')
    result = bench.up('a = Thing("a")\nThing("b", Opts(depends_on=[a]))')
    assert (bench.ops(result), bench.calls) == ({"a": Op.SAME, "b": Op.SAME}, [])
    assert bench.resource("b")["dependencies"] == [bench.resource("a")["urn"]]

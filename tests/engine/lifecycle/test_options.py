"""Options that change how a change is seen: what is ignored, and what forces a replacement."""

import pytest

from modelyard.engine.plan import Op


def test_ignored_changes_are_no_changes(bench):
    bench.up('Thing("a", value="1")')
    result = bench.up('Thing("a", Opts(ignore_changes=["value"]), value="2")')
    assert (bench.ops(result), bench.calls) == ({"a": Op.SAME}, [])
    assert bench.resource("a")["inputs"] == {"value": "1"}


def test_ignored_changes_leave_others_alone(bench):
    bench.up('Thing("a", value="1", note="1")')
    bench.up('Thing("a", Opts(ignore_changes=["value"]), value="2", note="2")')
    assert (bench.cloud["a-1"]["value"], bench.cloud["a-1"]["note"]) == ("1", "2")


@pytest.mark.parametrize(
    ("path", "left"),
    [
        ("tags.x", {"tags": {"x": "1", "y": "2"}, "items": [{"n": 2}, {"n": 2}]}),
        ('tags["y"]', {"tags": {"x": "2", "y": "1"}, "items": [{"n": 2}, {"n": 2}]}),
        ("tags.*", {"tags": {"x": "1", "y": "1"}, "items": [{"n": 2}, {"n": 2}]}),
        ("items[0].n", {"tags": {"x": "2", "y": "2"}, "items": [{"n": 1}, {"n": 2}]}),
        ("items[*].n", {"tags": {"x": "2", "y": "2"}, "items": [{"n": 1}, {"n": 1}]}),
        ("*", {"tags": {"x": "1", "y": "1"}, "items": [{"n": 1}, {"n": 1}]}),
    ],
)
def test_paths_of_ignored_changes(bench, path, left):
    program = (
        'Thing("a", Opts(ignore_changes=[{!r}]), tags={{"x": "{n}", "y": "{n}"}}, items=[{{"n": {n}}}, {{"n": {n}}}])'
    )
    bench.up(program.format(path, n=1))
    bench.up(program.format(path, n=2))
    assert bench.cloud["a-1"] == {**left, "out": "out-"}


def test_ignored_changes_do_not_hold_back_a_new_resource(bench):
    bench.up('Thing("a", Opts(ignore_changes=["value"]), value="1")')
    assert bench.cloud["a-1"]["value"] == "1"


def test_an_input_that_is_ignored_and_gone_stays(bench):
    bench.up('Thing("a", value="1")')
    result = bench.up('Thing("a", Opts(ignore_changes=["value"]))')
    assert (bench.ops(result), bench.resource("a")["inputs"]) == ({"a": Op.SAME}, {"value": "1"})


def test_an_input_that_is_ignored_and_new_stays_away(bench):
    bench.up('Thing("a")')
    result = bench.up('Thing("a", Opts(ignore_changes=["value"]), value="1")')
    assert (bench.ops(result), bench.resource("a").get("inputs", {})) == ({"a": Op.SAME}, {})


def test_ignored_changes_are_kept_in_the_state(bench):
    bench.up('Thing("a", Opts(ignore_changes=["value"]), value="1")')
    assert bench.resource("a")["ignoreChanges"] == ["value"]


@pytest.mark.parametrize(
    ("path", "op"), [("value", Op.REPLACE), ("*", Op.REPLACE), ("other", Op.UPDATE), ("value.inner", Op.UPDATE)]
)
def test_replace_on_changes(bench, path, op):
    program = 'Thing("a", Opts(replace_on_changes=["{}"]), value="{}")'
    bench.up(program.format(path, 1))
    assert bench.ops(bench.up(program.format(path, 2))) == {"a": op}


def test_replace_on_changes_of_a_nested_path(bench):
    program = 'Thing("a", Opts(replace_on_changes=["tags.x"]), kind="Detailed", tags={{"x": "{}", "y": "{}"}})'
    bench.up(program.format(1, 1))
    assert bench.ops(bench.up(program.format(1, 2))) == {"a": Op.UPDATE}
    assert bench.ops(bench.up(program.format(2, 2))) == {"a": Op.REPLACE}


def test_replace_on_changes_and_ignored_changes(bench):
    program = 'Thing("a", Opts(replace_on_changes=["value"], ignore_changes=["value"]), value="{}")'
    bench.up(program.format(1))
    assert bench.ops(bench.up(program.format(2))) == {"a": Op.SAME}


def test_replace_with_replaces_along(bench):
    program = 'a = Thing("a", fixed="{}")\nThing("b", Opts(replace_with=[a]))\nThing("c")'
    bench.up(program.format(1))
    result = bench.up(program.format(2))
    assert bench.ops(result) == {"a": Op.REPLACE, "b": Op.REPLACE, "c": Op.SAME}
    assert sorted(bench.cloud) == ["a-2", "b-2", "c-1"]
    assert bench.up().has_changes is False


def test_replace_with_leaves_an_update_alone(bench):
    program = 'a = Thing("a", value="{}")\nThing("b", Opts(replace_with=[a]))'
    bench.up(program.format(1))
    assert bench.ops(bench.up(program.format(2))) == {"a": Op.UPDATE, "b": Op.SAME}


def test_replace_with_is_kept_in_the_state(bench):
    bench.up('a = Thing("a")\nThing("b", Opts(replace_with=[a]))')
    assert bench.resource("b")["replaceWith"] == [bench.resource("a")["urn"]]


def test_a_replacement_trigger_replaces_when_it_changes(bench):
    program = 'Thing("a", Opts(replacement_trigger={!r}))'
    bench.up(program.format("1"))
    assert bench.ops(bench.up(program.format("1"))) == {"a": Op.SAME}
    assert bench.ops(bench.up(program.format("2"))) == {"a": Op.REPLACE}
    assert bench.ops(bench.up()) == {"a": Op.SAME}


def test_a_replacement_trigger_that_is_new_replaces_nothing(bench):
    bench.up('Thing("a")')
    result = bench.up('Thing("a", Opts(replacement_trigger="1"))')
    assert bench.ops(result) == {"a": Op.SAME}


def test_a_replacement_trigger_of_an_output(bench):
    program = 'a = Thing("a", value="{}")\nThing("b", Opts(replacement_trigger=a.out))'
    bench.up(program.format(1))
    assert bench.ops(bench.preview(program.format(2))) == {"a": Op.UPDATE, "b": Op.REPLACE}
    assert bench.ops(bench.up(program.format(2))) == {"a": Op.UPDATE, "b": Op.REPLACE}


def test_custom_timeouts_are_kept_and_change_nothing(bench):
    bench.up('Thing("a")')
    result = bench.up(
        'Thing("a", Opts(custom_timeouts=pulumi.CustomTimeouts(create="1m", update="1h30m", delete="5s")))'
    )
    assert (bench.ops(result), bench.calls) == ({"a": Op.SAME}, [])
    assert bench.resource("a")["customTimeouts"] == {"create": 60, "update": 5400, "delete": 5}


def test_additional_secret_outputs_are_encrypted(bench):
    bench.up('a = Thing("a", Opts(additional_secret_outputs=["out"]), value="canary-1")\npulumi.export("out", a.out)')
    assert "out-canary-1" not in str(bench.resources())
    assert bench.resource("a")["additionalSecretOutputs"] == ["out"]
    assert bench.up().has_changes is False

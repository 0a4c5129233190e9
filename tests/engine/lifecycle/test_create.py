"""Resources that come into being."""

import pytest
from engine.lifecycle.differences import Difference, differs

from modelyard.engine.base import Severity
from modelyard.engine.plan import Op

TWO = """
a = Thing("a", value="1")
b = Thing("b", value=a.out)
pulumi.export("b", b.out)
"""


def test_resources_are_made_in_the_order_of_their_values(bench):
    result = bench.up(TWO)
    assert (result.outcome, bench.calls, result.outputs) == ("succeeded", ["create a", "create b"], {"b": "out-out-1"})
    assert bench.ops(result) == {"a": Op.CREATE, "b": Op.CREATE}
    assert bench.cloud == {"a-1": {"value": "1", "out": "out-1"}, "b-1": {"value": "out-1", "out": "out-out-1"}}


def test_a_second_up_does_nothing(bench):
    bench.up(TWO)
    result = bench.up()
    assert (bench.calls, result.has_changes, bench.ops(result)) == ([], False, {"a": Op.SAME, "b": Op.SAME})


def test_the_state_says_what_was_made(bench):
    bench.up(TWO)
    made = bench.resource("b")
    assert (made["id"], made["custom"], made["inputs"]) == ("b-1", True, {"value": "out-1"})
    assert made["outputs"] == {"value": "out-1", "out": "out-out-1"}
    assert made["dependencies"] == [bench.resource("a")["urn"]]
    assert made["propertyDependencies"] == {"value": [bench.resource("a")["urn"]]}
    assert made["parent"] == "urn:pulumi:dev::bench::pulumi:pulumi:Stack::bench-dev"
    assert made["provider"].startswith("urn:pulumi:dev::bench::pulumi:providers:fake::default::")


def test_preview_of_a_new_stack_makes_nothing(bench):
    planned = bench.preview(TWO)
    assert (bench.ops(planned), bench.calls, bench.cloud) == ({"a": Op.CREATE, "b": Op.CREATE}, [], {})
    assert bench.resources() == []


def test_an_empty_program_leaves_nothing(bench):
    result = bench.up("")
    assert (result.outcome, bench.calls, result.outputs) == ("succeeded", [], {})
    assert bench.things() == []


def test_values_of_every_kind_arrive_and_stay(bench):
    program = """
    made = Thing("a", text="ü\\n✓", empty="", whole=3, part=2.5, big=2**53, yes=True, no=False,
        items=[1, "two", [], {}], deep={"x": {"y": [{"z": None}]}}, nothing=None)
    pulumi.export("whole", made.whole)
    """
    bench.up(program.replace("out: ", "out: "))
    assert bench.cloud["a-1"] == {
        "text": "ü\n✓",
        "empty": "",
        "whole": 3,
        "part": 2.5,
        "big": 2**53,
        "yes": True,
        "no": False,
        "items": [1, "two", [], {}],
        "deep": {"x": {"y": [{"z": None}]}},
        "out": "out-",
    }
    assert bench.up().has_changes is False


def test_an_input_that_the_provider_refuses_is_named(bench):
    result = bench.up('Thing("a", bad=1)')
    assert (result.outcome, bench.calls, list(bench.errors(result))) == ("failed", [], ["a"])
    assert "it is bad" in bench.errors(result)["a"]


def test_an_input_is_refused_in_a_preview_too(bench):
    result = bench.preview('Thing("a", bad=1)')
    assert (result.outcome, list(bench.errors(result))) == ("failed", ["a"])


def test_a_check_that_breaks_fails_the_resource(bench):
    result = bench.up('Thing("a", fail="check")')
    assert (result.outcome, bench.calls) == ("failed", [])
    assert any("a does not want to check" in text for text in bench.said(Severity.ERROR))


def test_a_failed_create_keeps_what_was_made_and_the_next_up_goes_on(bench):
    program = 'a = Thing("a")\nb = Thing("b", value=a.out)\nThing("c", value=b.out)'
    bench.faults["create b"] = "not today"
    result = bench.up(program)
    assert (result.outcome, bench.calls) == ("failed", ["create a", "create b"])
    assert bench.errors(result) == {"b": "not today"}
    assert bench.things() == ["a"]
    bench.faults.clear()
    result = bench.up()
    assert bench.ops(result) == {"a": Op.SAME, "b": Op.CREATE, "c": Op.CREATE}
    assert bench.calls == ["create b", "create c"]


def test_what_is_half_made_is_kept_and_updated_next_time(bench):
    result = bench.up('Thing("a", value="1", partial="create")')
    assert (result.outcome, bench.calls) == ("failed", ["create a"])
    made = bench.resource("a")
    assert (made["id"], made["initErrors"]) == ("a-1", ["it is not ready"])
    result = bench.up('Thing("a", value="1", partial="create")')
    assert (result.outcome, bench.ops(result), bench.calls) == ("succeeded", {"a": Op.UPDATE}, ["update a"])
    assert "initErrors" not in bench.resource("a")


def test_what_needs_a_half_made_resource_is_not_made(bench):
    bench.up('a = Thing("a", partial="create")\nThing("b", value=a.out)')
    assert bench.calls == ["create a"]
    assert bench.things() == ["a"]


@differs(Difference.WORDS)
def test_two_resources_of_one_name_are_refused(bench):
    result = bench.up('a = Thing("a")\nThing("a", value=a.out)')
    assert result.outcome == "failed"
    assert bench.things() == ["a"]


def test_one_name_for_two_types_is_fine(bench):
    result = bench.up('a = Thing("a")\nThing("a", Opts(depends_on=[a]), kind="Detailed")')
    assert (result.outcome, sorted(bench.cloud)) == ("succeeded", ["a-1", "a-2"])


def test_names_with_odd_characters(bench):
    result = bench.up('Thing("a b/c:d::e")\nThing("ü$x")')
    assert result.outcome == "succeeded"
    assert sorted(bench.cloud) == ["a b/c:d::e-1", "ü$x-1"]
    assert bench.up().has_changes is False


@differs(Difference.WORDS)
def test_an_unknown_provider_is_named(bench):
    result = bench.up('pulumi.CustomResource("gcp:x:Y", "y", {})')
    assert result.outcome == "failed"
    assert any("gcp" in text for text in bench.said(Severity.ERROR))


@pytest.mark.slow
def test_a_thousand_resources(bench):
    program = "for number in range(1000):\n    Thing(f'a{number}', value=str(number))"
    result = bench.up(program)
    assert (result.outcome, len(bench.cloud)) == ("succeeded", 1000)
    assert bench.up().has_changes is False
    assert (bench.destroy().outcome, bench.cloud) == ("succeeded", {})

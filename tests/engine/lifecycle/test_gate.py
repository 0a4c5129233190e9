"""What is asked before the first change of an `up`, and what is told of every resource."""

import pytest
from engine.lifecycle.differences import Difference, differs

from modelyard import wire
from modelyard.engine.base import Diagnostic, Severity, StepDone

REFUSED = Diagnostic(Severity.ERROR, "a is not wanted\n  -> take it out", "urn:pulumi:dev::bench::fake:index:Thing::a")
PROGRAM = 'a = Thing("a", value="{}", kept=["x"])\nb = Thing("b", value=a.out, opts=Opts(protect=True))'


def test_a_refusal_changes_nothing(bench):
    bench.gate = lambda: [REFUSED]
    result = bench.up(PROGRAM.format(1))
    assert (result.outcome, result.changes, bench.calls, bench.cloud) == ("failed", (), [], {})
    assert result.diagnostics == (REFUSED,)
    assert [it for it in bench.events if it in (REFUSED,) or not isinstance(it, Diagnostic)] == [REFUSED]
    assert bench.things() == []


@differs(Difference.ASKED)
def test_a_refusal_of_a_change_leaves_the_state_as_it_was(bench):
    bench.up(PROGRAM.format(1))
    before = bench.export_state()["deployment"].get("resources")
    bench.gate = lambda: [REFUSED]
    result = bench.up(PROGRAM.format(2))
    assert (result.outcome, bench.calls) == ("failed", [])
    assert bench.export_state()["deployment"].get("resources") == before
    bench.gate = None
    assert bench.up().outcome == "succeeded"


def test_a_warning_is_told_and_lets_go_on(bench):
    bench.gate = lambda: [Diagnostic(Severity.WARNING, "mind the gap")]
    result = bench.up(PROGRAM.format(1))
    assert (result.outcome, bench.calls) == ("succeeded", ["create a", "create b"])
    assert [it.message for it in result.diagnostics] == ["mind the gap"]


def told(changes):
    return {
        it.name: (dict(it.planned.inputs), it.planned.protect)
        for it in changes
        if it.planned is not None and it.type.startswith("fake:")
    }


def test_every_step_tells_the_whole_resource(bench):
    planned = told(bench.preview(PROGRAM.format(1)).changes)
    assert planned == {
        "a": ({"value": "1", "kept": ["x"]}, False),
        "b": ({"value": wire.UNKNOWN}, True),
    }
    bench.up()
    same = {"a": ({"value": "1", "kept": ["x"]}, False), "b": ({"value": "out-1"}, True)}
    assert told(bench.up().changes) == same
    assert told(it.change for it in bench.events if isinstance(it, StepDone)) == same
    changed = told(bench.up(PROGRAM.format(2)).changes)
    assert changed == {"a": ({"value": "2", "kept": ["x"]}, False), "b": ({"value": "out-2"}, True)}


@pytest.mark.parametrize("kind", ["replaced", "deleted"])
def test_what_is_replaced_tells_what_comes_and_what_is_deleted_tells_nothing(bench, kind):
    bench.up('Thing("a", fixed="1")\nThing("b")')
    result = bench.up('Thing("a", fixed="2")\nThing("b")' if kind == "replaced" else 'Thing("b")')
    assert told(result.changes) == (
        {"a": ({"fixed": "2"}, False), "b": ({}, False)} if kind == "replaced" else {"b": ({}, False)}
    )

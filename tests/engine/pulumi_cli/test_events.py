"""The CLI's engine events as our changes."""

import json
from typing import Any

import pytest

from modelyard import wire
from modelyard.engine.base import Change, Diagnostic, Severity, StepDone, StepStarted
from modelyard.engine.plan import Op
from modelyard.engine.pulumi_cli.events import Tail, Translator, values

ROOT = "urn:pulumi:dev::p::pulumi:pulumi:Stack::p-dev"
SECRET = {wire.SIGNATURE_KEY: wire.SECRET_SIGNATURE, "ciphertext": "[secret]"}


def urn(name: str) -> str:
    return f"urn:pulumi:dev::p::fake:index:Thing::{name}"


def state(name: str, inputs: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    return {"urn": urn(name), "custom": True, "id": "", "parent": ROOT, "inputs": inputs or {}, **fields}


def step(op: str, name: str, **fields: Any) -> dict[str, Any]:
    return {"metadata": {"op": op, "urn": urn(name), "type": "fake:index:Thing", "old": None, "new": None, **fields}}


class Sink:
    def __init__(self, verb: str = "up") -> None:
        self.events: list[Any] = []
        self.translator = Translator(self.events.append, verb)

    def take(self, **event: Any) -> None:
        self.translator.take(event)

    def done(self) -> list[tuple[str, Op, str]]:
        return [(it.change.name, it.change.op, it.change.error) for it in self.events if isinstance(it, StepDone)]


def test_a_step_starts_and_ends():
    sink = Sink()
    old, new = state("a", {"x": 1, "pw": SECRET}, id="i"), state("a", {"x": 2.0, "pw": SECRET})
    sink.take(resourcePreEvent=step("update", "a", old=old, new=new, diffs=["x", "pw"]))
    sink.take(resOutputsEvent=step("update", "a", old=old, new={**new, "id": "i"}, diffs=["x", "pw"]))
    started, done = sink.events
    assert started == StepStarted(
        Change(
            op=Op.UPDATE,
            urn=urn("a"),
            type="fake:index:Thing",
            name="a",
            parent=ROOT,
            id="i",
            changes={"pw": ("[secret]", "[secret]"), "x": (1, 2)},
        )
    )
    assert isinstance(done, StepDone)
    assert (done.change.op, done.change.id, list(done.change.changes)) == (Op.UPDATE, "i", ["pw", "x"])
    assert done.change.seconds > 0
    assert sink.translator.changes == [done.change]


@pytest.mark.parametrize(
    "order",
    [("create-replacement", "replace", "delete-replaced"), ("delete-replaced", "replace", "create-replacement")],
)
def test_a_replacement_is_one_change(order):
    sink = Sink()
    old, new = state("a", {"fixed": 1}, id="old"), state("a", {"fixed": 2}, id="new")
    for op in order:
        for kind in ("resourcePreEvent", "resOutputsEvent"):
            sink.take(**{kind: step(op, "a", old=old, new=None if op == "delete-replaced" else new, keys=["fixed"])})
    assert sink.done() == [("a", Op.REPLACE, "")]
    [change] = sink.translator.changes
    assert (change.replaced_by, change.changes, change.id) == (("fixed",), {"fixed": (1, 2)}, "new")
    assert sum(isinstance(it, StepStarted) for it in sink.events) == 1


def test_a_preview_starts_nothing():
    sink = Sink()
    for kind in ("resourcePreEvent", "resOutputsEvent"):
        unknown = state("a", id=wire.UNKNOWN_STRING)
        sink.take(**{kind: {**step("create", "a", new=unknown), "planning": True}})
    assert sink.done() == [("a", Op.CREATE, "")]
    assert sink.translator.changes[0].id == ""
    assert not any(isinstance(it, StepStarted) for it in sink.events)


def test_a_component_is_done_when_it_begins_and_only_once():
    sink = Sink()
    component = state("a", custom=False)
    sink.take(resourcePreEvent=step("create", "a", new=component))
    sink.take(resOutputsEvent=step("create", "a", new=component))
    sink.take(resOutputsEvent=step("create", "a", new=component))
    assert sink.done() == [("a", Op.CREATE, "")]


def test_a_failed_step_has_the_error_that_was_said_before():
    sink = Sink()
    sink.take(resourcePreEvent=step("create", "a", new=state("a")))
    sink.take(diagnosticEvent={"urn": urn("a"), "severity": "error", "message": "no room\n"})
    sink.take(resOpFailedEvent=step("create", "a", new=state("a")))
    sink.take(diagnosticEvent={"severity": "error", "message": "update failed\n"})
    sink.take(summaryEvent={"result": "failed"})
    assert sink.done() == [("a", Op.CREATE, "no room")]
    assert sink.translator.diagnostics == []
    assert sink.translator.result == "failed"


def test_the_second_half_of_a_replacement_is_told_when_it_fails():
    sink = Sink()
    sink.take(resourcePreEvent=step("delete-replaced", "a", old=state("a", id="old")))
    sink.take(diagnosticEvent={"urn": urn("a"), "severity": "error", "message": "still used"})
    sink.take(resOpFailedEvent=step("delete-replaced", "a", old=state("a", id="old")))
    assert sink.done() == [("a", Op.DELETE, "still used")]


def test_what_was_refused_before_its_step_is_a_diagnostic():
    sink = Sink()
    for message in ("bad", "worse"):
        sink.take(diagnosticEvent={"urn": urn("a"), "severity": "error", "message": message})
    assert sink.events == []
    sink.translator.close()
    said = [Diagnostic(Severity.ERROR, message, urn("a")) for message in ("bad", "worse")]
    assert sink.events == sink.translator.diagnostics == said


def test_a_refresh_tells_what_differs_in_inputs_alone():
    sink = Sink("refresh")
    for name, old, new, op in (
        ("same", {"x": 1}, {"x": 1}, "update"),
        ("drift", {"x": 1}, {"x": 2}, "update"),
        ("gone", {"x": 1}, None, "delete"),
    ):
        before, after = state(name, old, id="i"), None if new is None else state(name, new, id="i")
        sink.take(resourcePreEvent=step("refresh", name, old=before, new=before))
        sink.take(resOutputsEvent=step(op, name, old=before, new=after))
    assert sink.done() == [("same", Op.SAME, ""), ("drift", Op.REFRESH, ""), ("gone", Op.DELETE, "")]
    assert sink.translator.changes[1].changes == {"x": (1, 2)}


def test_a_destroy_does_not_list_what_it_leaves_alone():
    sink = Sink("destroy")
    for kind in ("resourcePreEvent", "resOutputsEvent"):
        sink.take(**{kind: step("same", "a", old=state("a"), new=state("a"))})
    assert sink.done() == []


def test_what_a_stopped_program_prints_is_not_shown():
    sink = Sink()
    sink.take(diagnosticEvent={"severity": "info", "message": "hello\n\n"})
    sink.take(diagnosticEvent={"severity": "warning", "message": "careful\n"})
    sink.take(summaryEvent={"result": "failed"})
    sink.take(diagnosticEvent={"severity": "info#err", "message": "KeyboardInterrupt\n"})
    assert sink.events == [Diagnostic(Severity.INFO, "hello"), Diagnostic(Severity.WARNING, "careful")]
    assert sink.translator.diagnostics == [Diagnostic(Severity.WARNING, "careful")]


def test_the_roots_outputs_are_the_programs():
    sink = Sink()
    outputs = {"n": 3.0, "url": wire.UNKNOWN_STRING, "pw": SECRET}
    root = {"urn": ROOT, "inputs": {}, "outputs": outputs, "parent": "", "id": ""}
    event = {"op": "create", "urn": ROOT, "type": "pulumi:pulumi:Stack", "old": None, "new": root}
    sink.take(resOutputsEvent={"metadata": event})
    found = sink.translator.outputs
    assert (found["n"], found["url"], type(found["pw"])) == (3, wire.UNKNOWN, wire.Secret)
    assert values({"deep": [{"pw": SECRET}]}) == {"deep": [{"pw": wire.Secret(wire.UNKNOWN)}]}


def test_a_log_is_read_line_by_line_while_it_is_written(tmp_path):
    taken: list[Any] = []
    tail = Tail(tmp_path / "log", taken.append)
    tail.read()
    with (tmp_path / "log").open("w") as log:
        log.write(json.dumps({"sequence": 1}) + '\n{"sequ')
        log.flush()
        tail.read()
        assert taken == [{"sequence": 1}]
        log.write('ence": 2}\n')
    tail.read()
    tail.close()
    assert taken == [{"sequence": 1}, {"sequence": 2}]

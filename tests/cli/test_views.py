"""What people see of a deployment: the live tree, differences, and the event log."""

import io
import json

import pytest
from rich.console import Console

from modelyard.cli import diffs
from modelyard.cli.deployment_view import _tree as final_tree
from modelyard.cli.event_log import EventLog
from modelyard.cli.live_tree import LiveTree
from modelyard.engine.base import Change, Deployment, Diagnostic, Result, Severity, StepDone, StepStarted
from modelyard.engine.plan import Op

ROOT = "urn:pulumi:dev::p::pulumi:pulumi:Stack::p-dev"
GROUP = "urn:pulumi:dev::p::m:index:Group::g"


def change(name, op=Op.CREATE, parent=GROUP, **more):
    urn = f"urn:pulumi:dev::p::m:index:Group$aws:s3/bucket:Bucket::{name}"
    return Change(op=op, urn=urn, type="aws:s3/bucket:Bucket", name=name, parent=parent, **more)


def group(op=Op.CREATE):
    return Change(op=op, urn=GROUP, type="m:index:Group", name="g", parent=ROOT)


def root(op=Op.SAME):
    return Change(op=op, urn=ROOT, type="pulumi:pulumi:Stack", name="p-dev")


def drawn(tree, width=80, height=24):
    out = io.StringIO()
    Console(file=out, width=width, height=height, color_system=None).print(tree)
    return [line.rstrip() for line in out.getvalue().splitlines()]


@pytest.fixture
def live():
    now = [0.0]
    tree = LiveTree("up p/dev", clock=lambda: now[0])
    tree.now = now
    return tree


def test_what_runs_has_a_spinner_and_its_time_and_what_has_ended_its_own(live):
    for event in (StepDone(root()), StepDone(group()), StepStarted(change("a")), StepStarted(change("b"))):
        live.take(event)
    live.now[0] = 1.5
    live.take(StepDone(change("a", seconds=1.2)))
    assert drawn(live) == [
        "up p/dev  2 done, 1 running, 1 unchanged  1.5 s",
        "└── + g created m:index:Group",
        "    ├── + a created 1.2 s aws:s3:Bucket",
        "    └── ⠴ b create 1.5 s aws:s3:Bucket",
    ]


def test_a_failure_stays_with_its_reason(live):
    live.take(StepStarted(change("a")))
    live.take(StepDone(change("a", error="no room")))
    assert drawn(live)[1:] == ["└── g m:index:Group", "    └── x a no room"]


@pytest.mark.parametrize(("width", "height"), [(80, 24), (160, 50), (30, 10), (20, 5)])
def test_a_screen_is_never_too_small(live, width, height):
    live.take(StepDone(group()))
    for number in range(60):
        live.take(StepStarted(change(f"resource-with-a-long-name-{number}")))
    for number in range(40):
        live.take(StepDone(change(f"resource-with-a-long-name-{number}", error="broke" if number == 7 else "")))
    lines = drawn(live, width, height)
    assert len(lines) < height
    assert max(map(len, lines)) <= width
    assert lines[0].startswith("up p/dev")


def test_what_fails_is_shown_before_what_runs_and_what_has_ended(live):
    for number in range(30):
        live.take(StepStarted(change(f"r{number}")))
    live.take(StepDone(change("r29", error="broke")))
    live.take(StepDone(change("r28")))
    lines = drawn(live, height=8)
    assert lines[0] == "up p/dev  1 done, 28 running, 1 failed, 26 not shown  0.0 s"
    assert [line.split()[-1] for line in lines[2:]] == ["aws:s3:Bucket"] * 3 + ["broke"]


def test_the_final_tree_tells_what_was_done_and_why(live):
    changes = [
        root(),
        group(Op.SAME),
        change("same", Op.SAME),
        change("b", Op.REPLACE, changes={"bucket": ("x", "y")}, replaced_by=("bucket",), seconds=2.0),
        change("c", Op.UPDATE, error="no room"),
        change("d", Op.DELETE, seconds=0.3),
    ]
    assert drawn(final_tree("p/dev", changes, done=True, full=False)) == [
        "p/dev",
        "└── g m:index:Group",
        "    ├── +- b aws:s3:Bucket replaced 2.0 s",
        "    │   └── bucket: x -> y (forces the replacement)",
        "    ├── x c aws:s3:Bucket update: no room",
        "    └── - d aws:s3:Bucket deleted 0.3 s",
    ]


def test_deletions_that_come_before_their_parents_stand_below_them():
    changes = [change("a", Op.DELETE), group(Op.DELETE), root(Op.DELETE)]
    lines = drawn(final_tree("p/dev", changes, done=False, full=False))
    assert lines == ["p/dev", "└── - g m:index:Group delete", "    └── - a aws:s3:Bucket delete"]


POLICY = {"Version": "1", "Statement": [{"Action": "s3:Get*", "Resource": "*"}]}
OTHER = {"Version": "1", "Statement": [{"Action": "s3:Put*", "Resource": "*"}, {"Action": "s3:List"}]}


def listed(change, *, full=False):
    return [(it.mark, it.path, it.old, it.new, it.forces) for it in diffs.lines(change, full=full)]


def test_a_json_document_is_looked_into():
    step = change("a", Op.UPDATE, changes={"policy": (json.dumps(POLICY), json.dumps(OTHER))})
    assert listed(step) == [
        ("~", "policy (JSON) Statement[0].Action", "s3:Get*", "s3:Put*", False),
        ("+", "policy (JSON) Statement[1]", "none", '{"Action": "s3:List"}', False),
    ]


def test_a_list_is_compared_element_by_element():
    step = change("a", Op.UPDATE, changes={"ids": (["a", "b", "c"], ["a", "c", "d"])})
    assert listed(step) == [("-", "ids[1]", "b", "none", False), ("+", "ids[2]", "none", "d", False)]


def test_what_forces_the_replacement_is_marked_and_named_even_if_no_input_says_so():
    step = change("a", Op.REPLACE, changes={"tags.x": ("1", "2"), "name": ("a", "b")}, replaced_by=("name", "provider"))
    assert listed(step) == [
        ("~", "tags.x", "1", "2", False),
        ("~", "name", "a", "b", True),
        ("~", "provider", "", "", True),
    ]


def test_long_values_are_cut_unless_all_is_wanted():
    step = change("a", Op.UPDATE, changes={"text": ("x" * 100, "y")})
    assert listed(step)[0][2] == "x" * 59 + "…"
    assert listed(step, full=True)[0][2] == "x" * 100


def test_all_inputs_of_what_is_made_or_deleted_are_shown_if_wanted():
    inputs = {"name": "a", "tags": {"k": "v"}, "rules": [{"days": 1}], "key": "[secret]", "__defaults": []}
    made, gone = change("a", inputs=inputs), change("a", Op.DELETE, inputs=inputs)
    assert listed(made) == []
    assert listed(made, full=True) == [
        ("+", "key", "", "[secret]", False),
        ("+", "name", "", "a", False),
        ("+", "rules[0].days", "", "1", False),
        ("+", "tags.k", "", "v", False),
    ]
    assert [line[:3] for line in listed(gone, full=True)][1] == ("-", "name", "a")


def test_the_event_log_has_pulumis_shape():
    out = io.StringIO()
    log = EventLog(out)
    log.start(Deployment(project="p", stack="dev", program=None, state=None, config={"aws:region": "us-east-1"}))
    log.event(StepStarted(change("a")), planning=False)
    log.event(StepDone(change("a", id="id-a", inputs={"x": "[secret]"})), planning=False)
    log.event(StepDone(change("b", Op.REPLACE, changes={"n": (1, 2)}, replaced_by=("n",), error="no")), planning=False)
    log.event(Diagnostic(Severity.DEBUG, "noise"), planning=False)
    log.event(Diagnostic(Severity.WARNING, "careful", "urn"), planning=False)
    log.end(Result(verb="up", outcome="failed", changes=(change("a"),), outputs={}, seconds=1.6))
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    kinds = [next(key for key in line if key.endswith("Event")) for line in lines]
    assert kinds == [
        "preludeEvent",
        "resourcePreEvent",
        "resOutputsEvent",
        "diagnosticEvent",
        "resOpFailedEvent",
        "diagnosticEvent",
        "summaryEvent",
    ]
    assert [line["sequence"] for line in lines] == list(range(1, 8))
    made = lines[2]["resOutputsEvent"]["metadata"]
    assert (made["op"], made["old"], made["new"]["id"], made["new"]["inputs"]) == (
        "create",
        None,
        "id-a",
        {"x": "[secret]"},
    )
    failed = lines[4]["resOpFailedEvent"]["metadata"]
    assert (failed["keys"], failed["diffs"]) == (["n"], ["n"])
    assert failed["detailedDiff"] == {"n": {"diffKind": "update-replace", "inputDiff": True}}
    assert lines[5]["diagnosticEvent"] == {
        "urn": "urn",
        "message": "careful\n",
        "color": "never",
        "severity": "warning",
    }
    assert lines[6]["summaryEvent"] == {
        "maybeCorrupt": False,
        "durationSeconds": 2,
        "resourceChanges": {"create": 1},
        "PolicyPacks": {},
        "isPreview": False,
        "result": "failed",
    }

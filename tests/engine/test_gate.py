"""When the embedded engine asks its gate: once, before the first change of any kind, and never without one."""

import pytest

from modelyard.engine.base import Diagnostic, Severity

START = 'a = Thing("a", value="1")\ng = Group("g")\npulumi.export("x", a.out)\n'


class Gate:
    """Counts how often it is asked."""

    def __init__(self, *answers: Diagnostic) -> None:
        self.answers, self.asked = answers, 0

    def __call__(self):
        self.asked += 1
        return self.answers


NO = Diagnostic(Severity.ERROR, "no")


def state(bench):
    """Return the resources that the state holds, by URN."""
    return {it["urn"]: it for it in bench.resources()}


def test_nothing_is_asked_when_nothing_changes(bench):
    bench.up(START)
    bench.gate = gate = Gate(NO)
    assert bench.up().outcome == "succeeded"
    assert bench.preview().outcome == bench.refresh().outcome == "succeeded"
    assert gate.asked == 0


def test_it_is_asked_once_for_many_changes(bench):
    bench.gate = gate = Gate()
    many = "for i in range(20): Thing(f't{i}')"
    assert bench.up(START + many).outcome == "succeeded"
    assert gate.asked == 1


CHANGES = {
    "a creation": START + 'Thing("b")',
    "a component": START + 'Group("h")',
    "an update": START.replace('value="1"', 'value="2"'),
    "a replacement": START.replace('value="1"', 'value="1", fixed="2"'),
    "a deletion": 'g = Group("g")\n',
    "an option": START.replace('value="1"', 'value="1", opts=Opts(protect=True)'),
    "an output": START.replace('"x", a.out', '"x", "other"'),
    "another name": START.replace('"a", value="1"', '"b", value="1", opts=Opts(aliases=[Alias(name="a")])'),
    "an import": START + 'Thing("c", opts=Opts(import_="c-9"), value="1")',
    "a provider": START + 'Fake("p")',
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_kind_of_change_is_asked_about_before_it_is_made(bench, change):
    bench.up(START)
    bench.world.cloud["c-9"] = {"value": "1", "out": "out-1"}
    before, cloud = state(bench), dict(bench.cloud)
    bench.gate = gate = Gate(NO)
    result = bench.up(CHANGES[change])
    assert (result.outcome, gate.asked, [it.message for it in result.diagnostics]) == ("failed", 1, ["no"])
    assert [it for it in result.changes if it.op.is_change] == []
    assert (bench.calls, bench.cloud, state(bench)) == ([], cloud, before)
    bench.gate = gate = Gate()
    assert bench.up().outcome == "succeeded"
    assert gate.asked == 1


def test_a_stack_without_resources_is_asked_about_before_its_program_starts(bench):
    mark = bench.folder / "started"
    bench.gate = gate = Gate(NO)
    assert bench.up(f"open({str(mark)!r}, 'w').close()\n" + START).outcome == "failed"
    assert (gate.asked, mark.exists()) == (1, False)
    bench.gate = None
    assert bench.up().outcome == "succeeded"
    assert mark.exists()


def test_a_refresh_before_waits_for_the_answer(bench):
    bench.up(START)
    bench.cloud["a-1"]["value"] = "drifted"
    before = state(bench)
    bench.gate = Gate(NO)
    assert bench.up(refresh=True).outcome == "failed"
    assert state(bench) == before


def test_a_destroy_asks_nothing(bench):
    bench.up(START)
    bench.gate = gate = Gate(NO)
    assert bench.destroy().outcome == "succeeded"
    assert (gate.asked, bench.cloud) == (0, {})

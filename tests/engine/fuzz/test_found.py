"""What the machine has found, each as the shortest scenario that shows it."""

import pytest
from engine.fuzz import invariants as inv
from engine.fuzz.cloud import CallFault
from engine.fuzz.disk import DiskFault
from engine.fuzz.ground import new_subject
from engine.fuzz.programs import Spec, changed
from engine.fuzz.subject import Plan

from modelyard.engine.base import Options
from modelyard.engine.embedded.state.store import StackStore

WITHIN = (Spec("outer", "Plain"), Spec("inner", "Plain", within="outer"))


@pytest.fixture
def subject(tmp_path):
    return new_subject(folder=tmp_path)


def test_a_replaced_provider_stays_as_long_as_something_that_it_made_does(subject):
    subject.program = (Spec("p", "Provider"), Spec("a", "Plain", provider="p"))
    subject.operate("up")
    subject.program = changed(subject.program, "p", fixed=1)
    limited = subject.operate("up", options=Options(parallel=1, targets=("**::p",)))
    inv.i3_valid(limited.after)
    assert [(it.name, it.delete) for it in limited.after if it.is_provider] == [("p", False), ("p", True)]
    whole = subject.operate("up")
    assert (whole.result.outcome, [(it.verb, it.id) for it in whole.calls]) == (
        "succeeded",
        [("create", "plain-2"), ("delete", "plain-1")],
    )
    assert [it.name for it in whole.after if it.is_provider] == ["p"]


def test_what_is_within_something_protected_stays_in_the_state(subject):
    subject.program = changed(WITHIN, "outer", protect=True)
    subject.operate("up")
    report = subject.operate("destroy")
    assert [it.name for it in report.after if it.custom and not it.is_provider] == ["outer", "inner"]
    inv.i1_no_orphan(subject, set())


@pytest.mark.parametrize("fault", [CallFault.FAIL_BEFORE, CallFault.KILL_BEFORE, CallFault.KILL_AFTER])
def test_what_is_within_something_stays_in_the_state_until_that_is_gone(subject, fault):
    subject.program = WITHIN
    subject.operate("up")
    subject.operate("destroy", Plan(calls={0: fault}))
    inv.i1_no_orphan(subject, set())
    report = subject.operate("destroy")
    assert (report.result.outcome, report.after, [it for it in subject.cloud.objects.values() if it.urn]) == (
        "succeeded",
        [],
        [],
    )


def test_what_is_within_something_that_what_it_needs_needs_is_deleted_by_a_call(subject):
    """`inner` is in `outer` and needs `middle`, which needs `outer`: it can't wait until `outer` is gone."""
    subject.program = (
        Spec("outer", "Plain"),
        Spec("middle", "Plain", ref="outer", protect=True),
        Spec("inner", "Plain", within="outer", ref="middle"),
    )
    subject.operate("up")
    report = subject.operate("destroy")
    assert [(it.verb, it.id) for it in report.calls] == [("delete", "plain-3")]
    inv.i1_no_orphan(subject, set())


def test_what_is_within_something_goes_by_one_call(subject):
    subject.program = (*WITHIN, Spec("innermost", "Plain", within="inner"))
    subject.operate("up")
    report = subject.operate("destroy")
    assert [(it.verb, it.id) for it in report.calls] == [("delete", "plain-1")]
    gone = [it.name for it in report.result.changes]
    assert gone == ["outer", "innermost", "inner", "default", "fuzz-dev"] or gone[:3] == ["innermost", "inner", "outer"]


@pytest.mark.parametrize("place", range(12))
def test_a_full_disk_is_told_and_not_a_traceback(subject, place):
    subject.program = WITHIN
    report = subject.operate("up", Plan(disk={place: DiskFault.FULL_FROM_HERE}))
    assert report.error is not None and report.error.hint.startswith("make room on the disk")
    assert subject.operate("up").succeeded


class WriterBetween(StackStore):
    """A reader between whose readings somebody else writes the state."""

    def _backup_serial(self):
        if not hasattr(self, "met"):
            self.met = True
            with StackStore(self.folder, self.project, self.stack).writing():
                pass
        return super()._backup_serial()


def test_a_reader_is_not_told_of_damage_when_somebody_writes_meanwhile(subject):
    subject.program = WITHIN
    subject.operate("up")
    store = WriterBetween(subject.state, "fuzz", "dev")
    assert [it.urn for it in store.snapshot.resources] == [it.urn for it in subject.resources()]

"""I15: cycles, duplicate URNs, 0 and 1,000 resources: a clear outcome."""

import pytest
from engine.fuzz import invariants as inv
from engine.fuzz.ground import new_subject
from engine.fuzz.host import Host
from engine.fuzz.programs import Spec
from engine.fuzz.subject import Subject

from modelyard.engine.embedded.engine import EmbeddedEngine

MANY = 1000


class Circular(Host):
    """Says that each resource depends on the one that comes after it."""

    def _request(self, spec):
        request = super()._request(spec)
        request.dependencies.append("urn:pulumi:dev::fuzz::cloud:index:Plain::b")
        return request


@pytest.fixture
def subject(tmp_path) -> Subject:
    return new_subject(folder=tmp_path)


def test_no_resources(subject):
    assert subject.operate("up").succeeded
    assert subject.operate("destroy").succeeded
    assert subject.resources() == []


def test_two_of_one_name(subject):
    subject.program = (Spec("a", "Plain"), Spec("a", "Plain", value=1))
    report = subject.operate("up")
    [problem] = report.result.diagnostics
    assert report.result.outcome == "failed"
    assert "Duplicate resource URN" in problem.message or "two resources have the name 'a'" in problem.message
    inv.i3_valid(report.after)
    inv.i1_no_orphan(subject, set())


def test_a_circle(subject):
    subject.make_engine = lambda host, disk: EmbeddedEngine(Circular(host.program), disk=disk)
    subject.program = (Spec("a", "Plain"), Spec("b", "Plain"))
    report = subject.operate("up")
    inv.i3_valid(report.after)
    inv.i1_no_orphan(subject, set())
    assert report.result.outcome == "failed"
    [problem] = report.result.diagnostics
    assert (
        "::a needs urn:pulumi:dev::fuzz::cloud:index:Plain::b, which the program has not registered" in problem.message
    )
    assert report.calls == []


@pytest.mark.slow
def test_a_thousand(subject):
    subject.program = tuple(Spec(f"r{place}", "Plain", ref=f"r{place // 2}" if place else "") for place in range(MANY))
    up = subject.operate("up")
    assert (up.succeeded, len(up.calls)) == (True, MANY)
    inv.i4_quiet(subject.operate("up"))
    down = subject.operate("destroy")
    assert (down.succeeded, len(down.calls), down.after) == (True, MANY, [])

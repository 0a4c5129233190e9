"""What the machine stands on: a stack, how an operation is carried out, and what is checked after each."""

import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from engine.fuzz import invariants as inv
from engine.fuzz import programs as edit
from engine.fuzz.cloud import Cloud, Object
from engine.fuzz.disk import FaultyDisk
from engine.fuzz.programs import Program, Spec
from engine.fuzz.subject import FINE, PROJECT, STACK, Plan, Report, Subject, Work
from hypothesis import note
from hypothesis.stateful import RuleBasedStateMachine

from modelyard.engine.base import Event, Options
from modelyard.engine.embedded.edits import editing
from modelyard.engine.embedded.edits.editor import edit as edit_state
from modelyard.engine.embedded.engine import EmbeddedEngine
from modelyard.engine.embedded.state import checkpoint
from modelyard.engine.embedded.state.crypt import PassphraseCrypter
from modelyard.engine.embedded.state.resource import ROOT_TYPE
from modelyard.engine.embedded.state.store import StackStore

FOREIGN = {
    it.id: it
    for it in (
        Object("theirs-1", "cloud:index:Plain", "", {"value": 77, "fixed": 0, "fixed_first": 0}),
        Object(
            "theirs-2", "cloud:index:Tagged", "", {"value": 0, "fixed": 0, "fixed_first": 0, "tagsAll": {"stack": "x"}}
        ),
    )
}


@cache
def salt() -> str:
    """Return a salt for the passphrase of these tests, made once: each one takes a quarter of a second."""
    with tempfile.TemporaryDirectory() as folder:
        crypter = PassphraseCrypter(Path(folder))
        crypter.encrypt("")
        return crypter.salt


def new_subject(folder: Path | None = None, **factories: Any) -> Subject:
    """Make a stack that the Pulumi CLI has initialised, in a cloud that has objects of others."""
    subject = Subject(folder or Path(tempfile.mkdtemp(prefix="fuzz-")), cloud=Cloud(dict(FOREIGN)), **factories)
    latest = {
        "manifest": checkpoint.manifest(),
        "secrets_providers": {"type": "passphrase", "state": {"salt": salt()}},
    }
    path = subject.store().path
    path.parent.mkdir(parents=True)
    path.write_bytes(checkpoint.dump(latest, PROJECT, STACK, 0).rpartition(b',\n"modelyard"')[0] + b"}")
    return subject


class Ground(RuleBasedStateMachine):
    """A stack whose operations are checked, and a program whose parts can be picked."""

    factories: dict[str, Any] = {}  # noqa: RUF012 - replaced by subclasses, never changed

    def __init__(self) -> None:
        super().__init__()
        self.subject = new_subject(**self.factories)
        self.released: set[str] = set()
        self.violations: list[AssertionError] = []
        self.drifted = False
        self.watched = False
        self.names = 0

    @property
    def program(self) -> Program:
        """Return the program of the moment."""
        return self.subject.program

    @program.setter
    def program(self, program: Program) -> None:
        self.subject.program = program

    def _operate(self, operation: str | Work, plan: Plan, options: Options | None = None, **more: Any) -> Report:
        if self.watched and operation in ("up", "destroy"):
            more |= {"watch": self._watch, "sink": self._sink}
        report = self.subject.operate(operation, plan, options, **more)
        note(f"{report.verb}: {_summary(report)}")
        self._check(report, plan)
        return report

    def _check(self, report: Report, plan: Plan) -> None:
        subject = self.subject
        if self.violations:
            raise self.violations[0]
        kept = {it.id for it in report.after}
        self.released |= subject.cloud.denied
        self.released |= {it.id for it in report.before if it.retain_on_delete and it.id not in kept}
        retained = {it.urn for it in report.begun if it.retain_on_delete}
        self.released |= {it.id for it in subject.cloud.objects.values() if it.urn in retained and it.id not in kept}
        self.released -= kept
        for gone in self.released & subject.cloud.objects.keys():  # else they would be taken for what is looked for
            subject.cloud.remove(gone)
        if report.options.targets or report.hit:  # gone with what it was in, or by a call that said it failed
            self.drifted = self.drifted or inv.phantoms(subject, report.after) != []
        assert report.error is None or report.hit, report.error
        assert report.error is None or report.error.hint, report.error
        inv.i3_valid(report.after)
        inv.i1_no_orphan(subject, self.released)
        inv.i5_own_only(subject, FOREIGN)
        inv.i6_failure_stops_only_dependents(subject, report)
        inv.i10_order_of_replacement(report, subject.program)
        inv.i10_alias_keeps(report, subject.program)
        inv.i12_backed_up(subject, report)
        inv.i14_no_secret(subject, report)

    def _watch(self, disk: FaultyDisk, verb: str, urn: str, known: str) -> None:
        self._assert(inv.i5_intent_before_call, self.subject, disk, verb, urn)
        self._assert(inv.i11_one_writer, self.subject)

    def _sink(self, disk: FaultyDisk, event: Event) -> None:
        self._assert(inv.i5_result_before_success, self.subject, disk, event)

    def _assert(self, check: Any, *arguments: Any) -> None:
        """Keep what an engine would take for a provider's failure."""
        try:
            check(*arguments)
        except AssertionError as error:
            self.violations.append(error)

    def _unprotect(self) -> None:
        self.program = tuple(replace(spec, protect=False) for spec in self.program)
        self._edit("unprotect", lambda latest: editing.unprotect(latest, None), FINE)
        assert not any(it.protect for it in self.subject.resources())

    def _edit(self, name: str, change: Any, plan: Plan) -> Report:
        def work(_: EmbeddedEngine, store: StackStore) -> None:
            edit_state(store, change, name)

        work.__name__ = name
        return self._operate(work, plan)

    def _let_go(self, ids: set[str]) -> None:
        """Forget objects on purpose; their names are free for others, as if somebody else had removed them."""
        for gone in ids & self.subject.cloud.objects.keys() - FOREIGN.keys():
            self.subject.cloud.remove(gone)

    def _compare_with_fresh(self) -> None:
        fresh = new_subject()
        try:
            fresh.program = self.program
            report = fresh.operate("up")
            assert report.succeeded, report
            ignoring = {spec.name for spec in self.program if spec.ignore}
            inv.i4_converged(self.subject, fresh, edit.dependents(self.program, ignoring))
        finally:
            fresh.remove()

    def _picked(self, pick: int) -> Spec:
        return self.program[pick % len(self.program)]

    def _linked(self, spec: Spec, key: str, pick: int, before: Program | None = None) -> Spec:
        others = self.program if before is None else before
        wanted = {"parent": ("Group",), "provider": ("Provider",)}.get(key, ("Plain", "Tagged", "Named"))
        fitting = [it for it in others if it.kind in wanted and not (key == "within" and (it.retain or it.external))]
        if not fitting or spec.external or (not spec.custom and key != "parent") or (key == "within" and spec.within):
            return spec
        name = fitting[pick % len(fitting)].name
        if key in ("depends_on", "replace_with"):
            return replace(spec, **{key: tuple(dict.fromkeys((*getattr(spec, key), name)))})
        return replace(spec, **{key: name})


def _summary(report: Report) -> str:
    outcome = report.result.outcome if report.result else "killed" if report.killed else f"error {report.error}"
    changes = (
        [f"{it.op} {it.name}{' FAILED ' + it.error if it.error else ''}" for it in report.result.changes]
        if report.result
        else []
    )
    calls = [f"{it.verb} {it.urn.rsplit('::', 1)[-1]}={it.id}{'' if it.done else '!'}" for it in report.calls]
    state = [
        f"{it.name}={it.id}{'-D' if it.delete else ''}{'-P' if it.pending_replacement else ''}"
        for it in report.after
        if it.type != ROOT_TYPE
    ]
    problems = [it.message for it in report.result.diagnostics] if report.result else []
    return f"{outcome} {changes} calls {calls} state {state} {problems}"

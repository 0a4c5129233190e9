"""A machine that takes one stack through random operations, each with random faults, and checks the invariants.

After every operation, and after every death of the process that carried it out, all of `invariants` that can be told
then hold. When a sequence ends, faults stop, and the stack has to become what the same program makes from scratch.
"""

import json
import os
import shutil
from dataclasses import replace
from typing import Any

import pytest
from engine.fuzz import invariants as inv
from engine.fuzz import plans
from engine.fuzz import programs as edit
from engine.fuzz.ground import FOREIGN, Ground
from engine.fuzz.host import CANARY, Host
from engine.fuzz.life import Life
from engine.fuzz.programs import Spec
from engine.fuzz.subject import FINE, PROJECT, STACK, Plan
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from modelyard import wire
from modelyard.engine.base import Options
from modelyard.engine.embedded.edits import editing
from modelyard.engine.embedded.engine import EmbeddedEngine
from modelyard.engine.embedded.state import checkpoint
from modelyard.engine.embedded.state.resource import ROOT_TYPE
from modelyard.engine.embedded.state.store import StackStore
from modelyard.errors import StateError

MAX_RESOURCES = 8


class StackMachine(Ground):
    """Operations on one stack, in any order."""

    def teardown(self) -> None:
        try:
            self.settle()
        finally:
            self.subject.remove()

    # -- the program ---------------------------------------------------------------------------------------------

    @initialize(additions=st.lists(plans.additions, max_size=5), watched=st.booleans())
    def begin(self, additions: list[dict[str, Any]], watched: bool) -> None:
        self.watched = watched
        for addition in additions:
            self.add(addition)

    @precondition(lambda self: len(self.program) < MAX_RESOURCES)
    @rule(addition=plans.additions)
    def add(self, addition: dict[str, Any]) -> None:
        spec = Spec(f"r{self.names}", addition["kind"])
        self.names += 1
        for key, pick in addition["links"].items():
            spec = self._linked(spec, key, pick)
        self.program = (*self.program, _optioned(spec, addition["options"]))

    @precondition(lambda self: self.program)
    @rule(pick=plans.picks)
    def remove(self, pick: int) -> None:
        self.program = edit.without(self.program, self._picked(pick).name)

    @precondition(lambda self: self.program)
    @rule(pick=plans.picks, change=plans.changes)
    def change(self, pick: int, change: dict[str, Any]) -> None:
        spec = self._picked(pick)
        steps = {key: getattr(spec, key) + 1 for key in ("value", "fixed", "fixed_first", "trigger") if key in change}
        new = _optioned(spec, {**change, **steps})
        self.program = tuple(new if it.name == spec.name else it for it in self.program)

    @precondition(lambda self: self.program)
    @rule(
        pick=plans.picks, key=st.sampled_from(["ref", "fixed_ref", "out_of", "depends_on", "provider"]), to=plans.picks
    )
    def link(self, pick: int, key: str, to: int) -> None:
        place = pick % len(self.program)
        spec = self._linked(self.program[place], key, to, self.program[:place])
        self.program = (*self.program[:place], spec, *self.program[place + 1 :])

    @precondition(lambda self: self.program)
    @rule(pick=plans.picks)
    def rename(self, pick: int) -> None:
        self.program = edit.renamed(self.program, self._picked(pick).name, f"r{self.names}")
        self.names += 1

    @precondition(lambda self: self.program)
    @rule(pick=plans.picks, to=plans.picks)
    def move(self, pick: int, to: int) -> None:
        place = pick % len(self.program)
        spec = self.program[place]
        groups = [it.name for it in self.program[:place] if it.kind == "Group"]
        parent = [*groups, ""][to % (len(groups) + 1)]
        if spec.kind not in ("Group", "Provider") and parent != spec.parent:
            self.program = edit.moved(self.program, spec.name, parent)

    @precondition(lambda self: len(self.program) < MAX_RESOURCES)
    @rule()
    def read_theirs(self) -> None:
        self.program = (*self.program, Spec(f"r{self.names}", "Plain", external="theirs-1"))
        self.names += 1

    # -- operations ----------------------------------------------------------------------------------------------

    @rule(plan=plans.plans, go_on=st.booleans(), refresh=st.booleans())
    def up(self, plan: Plan, go_on: bool, refresh: bool) -> None:
        self._operate("up", plan, Options(parallel=1, continue_on_error=go_on, refresh=refresh))

    @rule(plan=plans.deaths)
    def die_in_up(self, plan: Plan) -> None:
        self._operate("up", plan, Options(parallel=1))

    @rule(plan=plans.plans, parallel=st.integers(2, 4))
    def up_side_by_side(self, plan: Plan, parallel: int) -> None:
        self._operate("up", plan, Options(parallel=parallel), width=4)

    @precondition(lambda self: self.program)
    @rule(
        plan=plans.plans, chosen=st.lists(plans.picks, min_size=1, max_size=3), replaced=st.booleans(), also=plans.picks
    )
    def up_targets(self, plan: Plan, chosen: list[int], replaced: bool, also: int) -> None:
        self.change(also, {"value": 1})
        targets = tuple(sorted({f"**::{self._picked(pick).name}" for pick in chosen}))
        before = dict(self.subject.cloud.objects)
        report = self._operate("up", plan, Options(parallel=1, targets=targets, replace=targets if replaced else ()))
        inv.i8_rest_unchanged(self.subject, report, before)

    @rule()
    def preview_and_up(self) -> None:
        before = self.subject.files()
        preview = self._operate("preview", FINE)
        inv.i7_preview_changes_nothing(preview, before, self.subject.files())
        interrupted = self.subject.snapshot().pending
        up = self._operate("up", FINE)
        if preview.succeeded and up.succeeded and not interrupted and not self.drifted:
            inv.i7_up_does_what_preview_said(self.subject, preview, up)

    @rule(plan=plans.plans, verb=st.sampled_from(["up", "destroy", "refresh"]))
    def preview(self, plan: Plan, verb: str) -> None:
        before = self.subject.files()
        quiet = Plan(calls=plan.calls)
        report = self._operate("preview", quiet, verb=verb)
        inv.i7_preview_changes_nothing(report, before, self.subject.files())

    @rule(plan=plans.plans)
    def refresh(self, plan: Plan) -> None:
        report = self._operate("refresh", plan)
        inv.i2_no_phantom(self.subject, report)
        assert report.calls == []
        if report.succeeded and not report.hit:
            self.drifted = False

    @rule(plan=plans.plans)
    def destroy(self, plan: Plan) -> None:
        report = self._operate("destroy", plan)
        inv.i9_deletes_in_order(report)

    @precondition(lambda self: self.program)
    @rule(pick=plans.picks)
    def destroy_around_what_is_protected(self, pick: int) -> None:
        kept = self._picked(pick)
        self.program = tuple(replace(it, protect=it.protect or it.name == kept.name) for it in self.program)
        self._operate("up", FINE)
        report = self._operate("destroy", FINE)
        inv.i9_deletes_in_order(report)

    @rule()
    def destroy_all(self) -> None:
        self._unprotect()
        if self.drifted:
            self._operate("refresh", FINE)
        report = self._operate("destroy", FINE, unprotect=True)  # what a kill cut short may be protected still
        inv.i9_destroyed(self.subject, report)

    @rule(pick=plans.picks, gone=st.booleans())
    def drift(self, pick: int, gone: bool) -> None:
        known = inv.covered(self.subject.snapshot())  # what a killed process made and nobody knows is left alone
        mine = [it for it in self.subject.cloud.objects.values() if it.urn and it.id in known]
        if not mine:
            return
        chosen = mine[pick % len(mine)]
        self.drifted = True
        if gone:
            self.subject.cloud.remove(chosen.id)
        else:
            self.subject.cloud.objects[chosen.id] = replace(chosen, props={**chosen.props, "value": 99})

    @rule(pick=plans.picks, plan=plans.plans)
    def delete_from_state(self, pick: int, plan: Plan) -> None:
        before = self.subject.snapshot()
        if not before.resources or before.pending or any(it.delete for it in before.resources):
            return
        chosen = before.resources[pick % len(before.resources)]

        def change(latest: Any) -> Any:
            return editing.delete(latest, [chosen.urn], dependents=True, force=True)

        known = {it.id for it in before.resources} - self.released - FOREIGN.keys()
        self.released |= known
        report = self._edit("state delete", change, plan)
        self.released -= known
        if not report.hit:
            assert chosen.urn not in {it.urn for it in report.after}
        kept = {it.id for it in report.after}
        self._let_go(known - kept)

    @rule(pick=plans.picks, plan=plans.plans)
    def rename_in_state(self, pick: int, plan: Plan) -> None:
        live = [it for it in self.subject.resources() if not it.delete and it.type != ROOT_TYPE]
        if not live or len({it.urn for it in self.subject.resources()}) != len(self.subject.resources()):
            return
        chosen, new = live[pick % len(live)], f"r{self.names}"
        self.names += 1
        report = self._edit("state rename", lambda latest: editing.rename(latest, chosen.urn, new), plan)
        names = [it.name for it in report.after]
        assert (new in names) != (chosen.name in names)
        if new in names and chosen.name in {spec.name for spec in self.program}:
            renamed = edit.renamed(self.program, chosen.name, new)
            self.program = tuple(replace(spec, formerly=()) if spec.name == new else spec for spec in renamed)

    @rule(plan=plans.plans)
    def export_and_import(self, plan: Plan) -> None:
        exported: list[Any] = []

        def work(engine: EmbeddedEngine, _: StackStore) -> None:
            exported.append(engine.export_state(self.subject.deployment()))
            engine.import_state(self.subject.deployment(), exported[0])

        work.__name__ = "export and import"
        report = self._operate(work, plan)
        assert report.after == report.before
        assert CANARY not in json.dumps(exported)

    @rule(damage=plans.damages, place=st.integers(0, 2**16))
    def damage(self, damage: str, place: int) -> None:
        """Damage the checkpoint: it is refused with the backup named, and the backup brings the state back."""
        store = self.subject.store()
        if store.journal_path.exists() or not store.backup.exists():
            return
        before, whole = self.subject.resources(), store.path.read_bytes()
        if store.backup.read_bytes() != whole:  # there was no room for it, which has been told
            return
        damaged = damaged_by(damage, whole, place)
        store.path.write_bytes(damaged)
        if damaged == whole:
            return
        self.subject.cloud.begin(Life(), {})
        engine = EmbeddedEngine(Host(self.program))
        with pytest.raises(StateError) as error:
            engine.up(self.subject.deployment(), lambda _: None)
        inv.i12_damage_is_refused(self.subject, error.value, damaged)
        shutil.copy(store.backup, store.path)  # what the hint says
        assert self.subject.resources() == before

    @precondition(lambda self: any(wire.has_secret(it.inputs) for it in self.subject.resources()))
    @rule()
    def wrong_key(self) -> None:
        """Come with another passphrase: an error, and nothing is touched."""
        files, own = self.subject.files(), os.environ["PULUMI_CONFIG_PASSPHRASE"]
        os.environ["PULUMI_CONFIG_PASSPHRASE"] = "another"
        try:
            with pytest.raises(StateError, match="passphrase") as error:
                EmbeddedEngine(Host(self.program)).up(self.subject.deployment(), lambda _: None)
        finally:
            os.environ["PULUMI_CONFIG_PASSPHRASE"] = own
        assert error.value.hint
        assert _lasting(self.subject.files()) == _lasting(files)

    @rule()
    def settle(self) -> None:
        """Let faults stop: two ups reach the state of a from-scratch one, and a third finds nothing to do."""
        self._unprotect()
        if self.drifted:
            report = self._operate("refresh", FINE)
            assert report.succeeded, report
            self.drifted = False
        report = self._operate("up", FINE)
        if not report.succeeded:
            report = self._operate("up", FINE)
        assert report.succeeded, report
        self._compare_with_fresh()
        inv.i4_quiet(self._operate("up", FINE))


def _lasting(files: dict[str, bytes]) -> dict[str, bytes]:
    """Leave out locks, and what killed writers left."""
    return {name: data for name, data in files.items() if "lock" not in name and not name.endswith(".tmp")}


def damaged_by(damage: str, whole: bytes, place: int) -> bytes:
    """Return a file as it is after some damage."""
    at = place % len(whole)
    if damage == "cut short":
        return whole[:at]
    if damage == "bit flipped":
        return whole[:at] + bytes([whole[at] ^ (1 << place % 8)]) + whole[at + 1 :]
    if damage == "another stack's":
        latest = {"manifest": checkpoint.manifest()}
        return checkpoint.dump(latest, PROJECT, "prod", 9)
    if damage == "older":
        latest = json.loads(whole)["checkpoint"]["latest"]
        return checkpoint.dump(latest, PROJECT, STACK, 1)
    return whole.replace(b'"version":3', b'"version":9', 1).replace(b'"version":4', b'"version":9', 1)


def _optioned(spec: Spec, options: dict[str, Any]) -> Spec:
    """Change a resource where that makes sense for one of its kind."""
    if spec.external:
        return spec
    if spec.kind == "Group":
        options = {}
    if spec.kind == "Provider":
        options = {key: value for key, value in options.items() if key in ("value", "fixed")}
    if spec.kind == "Named":  # a name that is kept could not be taken again
        options = {key: value for key, value in options.items() if key != "retain"}
    return replace(spec, **options)

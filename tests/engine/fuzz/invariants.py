"""The invariants of the embedded engine, I1 to I15 of its contract, each as a function that asserts it.

Those that need processes of their own, I11 and I13, are in `test_processes.py`; I15 is in `test_extremes.py`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from engine.fuzz.cloud import stack_of
from engine.fuzz.disk import FaultyDisk
from engine.fuzz.host import CANARY
from engine.fuzz.programs import Program, dependents
from engine.fuzz.subject import STACK, Report, Subject

from modelyard import wire
from modelyard.engine.base import Event, Severity, StepDone
from modelyard.engine.embedded.state.resource import ROOT_TYPE, Resource, split_provider
from modelyard.engine.embedded.state.snapshot import Snapshot
from modelyard.engine.plan import Op
from modelyard.errors import StateError

PENDING = {"create": "creating", "update": "updating", "delete": "deleting"}


def i1_no_orphan(subject: Subject, released: set[str]) -> None:
    """No orphan: every cloud object tagged to the stack is in state or covered by a pending intent.

    Args:
        subject: the stack.
        released: objects that the stack let go of because somebody wanted it to.
    """
    snapshot = subject.snapshot()
    known = {it.id for it in snapshot.resources}
    intended = {it.resource.urn for it in snapshot.pending if it.kind == "creating"}
    orphans = [
        it
        for it in subject.cloud.objects.values()
        if it.urn and it.id not in known | released and it.urn not in intended
    ]
    assert orphans == []


def i2_no_phantom(subject: Subject, report: Report) -> None:
    """No phantom after refresh: what the state says is there is there."""
    if report.verb == "refresh" and report.succeeded and not report.hit and not report.options.targets:
        assert phantoms(subject, report.after) == []


def i3_valid(resources: Iterable[Resource]) -> None:
    """The snapshot is valid: providers, parents and dependencies precede users, one live entry per URN."""
    seen: set[str] = set()
    live: set[str] = set()
    providers: set[tuple[str, str]] = set()
    for it in resources:
        assert it.needs() <= seen, f"{it.urn} needs {sorted(it.needs() - seen)}, which does not precede it"
        if it.provider:
            assert split_provider(it.provider) in providers, f"{it.urn} has no provider {it.provider}"
        if not it.delete:
            assert it.urn not in live, f"{it.urn} is live twice"
            live.add(it.urn)
        assert it.id or not it.custom, f"{it.urn} has no id"
        seen.add(it.urn)
        if it.is_provider:
            providers.add((it.urn, it.id))


def i4_converged(subject: Subject, fresh: Subject, excused: set[str]) -> None:
    """Convergence: the state is that of a from-scratch `up`; the cloud too.

    Args:
        subject: the stack, all of whose faults have stopped.
        fresh: a stack that was made from scratch by the same program.
        excused: resources whose inputs stay as they were because their program wants so.
    """
    found, wanted = normal(subject, excused), normal(fresh, excused)
    for name in wanted["objects"].keys() | found["objects"].keys():
        ours, theirs = found["objects"].get(name), wanted["objects"].get(name)
        assert ours == theirs, f"{name}: {ours}, from scratch {theirs}"
    assert found["state"].keys() == wanted["state"].keys()
    for urn, resource in wanted["state"].items():
        assert {key: it for key, it in found["state"][urn].items() if it != resource[key]} == {}, (urn, resource)


def i4_quiet(report: Report) -> None:
    """Convergence: the next `up` makes no mutating call."""
    assert report.calls == []
    assert report.result is not None
    assert [change for change in report.result.changes if change.op.is_change] == []


def i5_intent_before_call(subject: Subject, disk: FaultyDisk, verb: str, urn: str) -> None:
    """Intent before call: whatever becomes of this process now, the state knows that the call may have been made."""
    with subject.as_after_power_cut(disk) as folder:
        pending = subject.snapshot(folder).pending
    assert (PENDING[verb], urn) in {(it.kind, it.resource.urn) for it in pending}


def i5_result_before_success(subject: Subject, disk: FaultyDisk, event: Event) -> None:
    """Result before success: what is reported as done stays done, whatever becomes of this process now."""
    if not isinstance(event, StepDone) or event.change.error or event.change.op in (Op.SAME, Op.READ, Op.REFRESH):
        return
    change = event.change
    with subject.as_after_power_cut(disk) as folder:
        snapshot = subject.snapshot(folder)
    live = {it.urn: it.id for it in snapshot.resources if not it.delete}
    if change.op is Op.DELETE:
        assert live.get(change.urn) != change.id or not change.id
    elif change.id:
        assert live.get(change.urn) == change.id


def i5_own_only(subject: Subject, foreign: Mapping[str, Any]) -> None:
    """A create adopts only by own tag: what somebody else made is as it was, and no resource of ours."""
    assert {it.id: it for it in subject.cloud.objects.values() if not it.urn} == foreign
    assert [it for it in subject.resources() if it.id in foreign and not it.external and not it.import_id] == []


def i6_failure_stops_only_dependents(subject: Subject, report: Report) -> None:
    """A failure stops only dependents: the rest of a deployment that goes on is done, and no dependent was tried."""
    if report.result is None or report.result.outcome == "cancelled":
        return
    refused = [it for it in report.result.diagnostics if it.severity is Severity.ERROR]  # not a step: all stops
    if report.verb != "up" or not report.options.continue_on_error or refused:
        return
    failed = {it.urn for it in report.result.changes if it.error and it.op is not Op.DELETE}
    urns = urns_of(subject.program, report.after) | urns_of(subject.program, report.before)
    names = {name for name, urn in urns.items() if urn in failed}
    stopped = dependents(subject.program, names)
    done = {it.urn for it in report.result.changes}
    for spec in subject.program:
        if spec.name not in stopped:
            assert any(it.endswith(f"::{spec.name}") for it in done), f"{spec.name} was not tried"
    tried = [call for call in report.calls if call.verb != "delete" and _name(call.urn) in stopped - names]
    assert tried == []


def i7_preview_changes_nothing(report: Report, before: Mapping[str, bytes], after: Mapping[str, bytes]) -> None:
    """Preview: no mutating call, state byte-identical."""
    assert report.calls == []
    assert before == after


def i7_up_does_what_preview_said(subject: Subject, preview: Report, up: Report) -> None:
    """Preview: a later `up` does what it said; where a value was not known yet, it may do less."""
    assert preview.result is not None and up.result is not None
    planned = {it.urn: it.op for it in preview.result.changes}
    done = {it.urn: it.op for it in up.result.changes}
    assert planned.keys() == done.keys()
    moving = {_name(urn) for urn, op in planned.items() if op.is_change}
    order = [Op.SAME, Op.UPDATE, Op.REPLACE]
    for urn, op in planned.items():
        if op in order and done[urn] in order and _depends(subject.program, _name(urn), moving):
            assert order.index(done[urn]) <= order.index(op), urn
        else:
            assert done[urn] is op, urn


def i8_rest_unchanged(subject: Subject, report: Report, objects: Mapping[str, Any]) -> None:
    """A targeted run leaves the rest unchanged, in the state and in the cloud."""
    if not report.options.targets:
        return
    chosen = {_name(urn) for urn in report.options.targets}
    others = [it for it in report.before if it.custom and not it.is_provider and not it.delete]
    after = {it.id: it for it in report.after}
    for old in others:
        if old.name in chosen or _adopted_name(subject.program, old.name) & chosen:
            continue
        assert old.id in after, f"{old.urn} is gone"
        kept = after[old.id]
        if kept.pending_replacement:  # it had to go before a target that deletes first, as with the CLI
            continue
        assert (kept.inputs, kept.outputs, kept.delete) == (old.inputs, old.outputs, old.delete)
        if not old.deleted_with:  # that goes with something which may be a target
            assert subject.cloud.objects.get(old.id) == objects.get(old.id)


def i9_deletes_in_order(report: Report) -> None:
    """Destroy: reverse order, honours protect and retain."""
    if report.verb != "destroy":
        return
    gone: set[str] = set()
    by_id = {it.id: it for it in report.before if it.custom}
    for call in report.calls:
        assert call.verb == "delete"
        if call.id not in by_id:  # a killed process made it, and this one has found it
            continue
        entry = by_id[call.id]
        assert not entry.retain_on_delete, f"{entry.urn} was to be retained"
        assert not entry.protect or entry.delete, f"{entry.urn} is protected"
        left = [it for it in report.before if _is_object(it) and it.id not in gone and not it.retain_on_delete]
        users = [it.urn for it in left if entry.urn in it.needs() and it.deleted_with == "" and not entry.delete]
        users = [urn for urn in users if urn != entry.urn]
        assert users == [], f"{entry.urn} was deleted before {users}"
        if call.done:
            gone.add(call.id)


def i9_destroyed(subject: Subject, report: Report) -> None:
    """Destroy: resumable, so that nothing is left once nothing fails."""
    assert report.succeeded, report.result or report.error
    assert [it for it in report.after if not it.protect] == []


def i10_order_of_replacement(report: Report, program: Program) -> None:
    """Both orders of replacement: a successor comes before the old one goes, but where it is to be the other way."""
    if report.verb != "up" or report.hit or report.options.targets:
        return
    old = {it.urn: it for it in report.before if it.custom and not it.delete and not it.pending_replacement}
    first = {spec.name for spec in program if spec.delete_first}
    moved_first = any(it.inputs.get("fixed_first") != spec.fixed_first for it in old.values() for spec in program)
    for urn, entry in old.items():
        verbs = [call.verb for call in report.calls if call.urn == urn and (call.verb, call.id) != ("delete", "")]
        deleted = [place for place, call in enumerate(report.calls) if (call.verb, call.id) == ("delete", entry.id)]
        created = [place for place, call in enumerate(report.calls) if (call.verb, call.urn) == ("create", urn)]
        if not deleted or not created:
            continue
        if entry.name in first:
            assert deleted[0] < created[0], (urn, verbs)
        elif not first and not moved_first:
            assert created[0] < deleted[0], (urn, verbs)


def i10_alias_keeps(report: Report, program: Program) -> None:
    """What a program calls by another name, with an alias, is not deleted for it."""
    groups = {"", *(spec.name for spec in program)}
    former = {(spec.type, it.name) for spec in program for it in spec.formerly if it.parent in groups}
    if report.verb == "up" and report.result is not None and not report.options.targets:
        lost = [it for it in report.result.changes if it.op is Op.DELETE and (it.type, it.name) in former]
        assert lost == []


def i11_one_writer(subject: Subject) -> None:
    """Lock: while one process changes the stack, another can't, and says so."""
    refused: StateError | None = None
    try:
        with subject.store().locked():
            pass
    except StateError as error:
        refused = error
    assert refused is not None
    assert refused.hint


def i12_backed_up(subject: Subject, report: Report) -> None:
    """Durability: a deployment that ended well leaves a backup that is the state, and no journal."""
    store = subject.store()
    if report.verb in ("up", "destroy", "refresh") and not report.hit:
        assert store.backup.exists()
        assert store.backup.read_bytes() == store.path.read_bytes()
        assert not store.journal_path.exists()


def i12_damage_is_refused(subject: Subject, error: StateError, damaged: bytes) -> None:
    """Durability: a damaged file is refused with the backup named, and left as it is."""
    store = subject.store()
    assert str(store.backup) in error.hint
    assert str(store.path) in f"{error}"
    assert store.path.read_bytes() == damaged


def i14_no_secret(subject: Subject, report: Report) -> None:
    """A secret canary appears nowhere: state, backups, history, journals, temporary files, events, errors."""
    canary = CANARY.encode()
    leaks = [name for name, data in subject.files().items() if canary in data]
    assert leaks == []
    assert CANARY not in report.said()


def phantoms(subject: Subject, resources: Iterable[Resource]) -> list[Resource]:
    """List the resources that are said to be in the cloud and are not."""
    return [it for it in resources if _is_object(it) and it.id not in subject.cloud.objects]


def normal(subject: Subject, excused: set[str]) -> dict[str, Any]:
    """Return a stack's state and objects, without what no two stacks have in common: ids, names and times."""
    resources = subject.resources()
    names = {it.id: f"<{it.urn}>" for it in resources if it.id and not it.external}
    called = {it.id: it.name for it in resources}
    state = {}
    for it in resources:
        kept = replace(it, created="", modified="", id=names.get(it.id, it.id), import_id="")
        drop = {"value", "out", "made_of"} if it.name in excused else set()
        state[it.urn] = {
            **_renamed(kept.__dict__, names),
            "inputs": _renamed(_reduced(it.inputs, drop), names),
            "outputs": {} if it.type == ROOT_TYPE and excused else _renamed(_reduced(it.outputs, drop), names),
            "delete": it.delete,
        }
    objects = {
        names[it.id]: _renamed(_reduced(it.props, {"value", "made_of"} if called[it.id] in excused else set()), names)
        for it in subject.cloud.objects.values()
        if it.id in names
    }
    return {"state": state, "objects": objects}


def urns_of(program: Program, resources: Iterable[Resource]) -> dict[str, str]:
    """Map the names of a program's resources to their URNs in a state."""
    names = {spec.name: spec.type for spec in program}
    return {it.name: it.urn for it in resources if names.get(it.name) == it.type and not it.delete}


def covered(snapshot: Snapshot) -> set[str]:
    """Return the ids that a state knows."""
    return {it.id for it in snapshot.resources if it.id}


def _is_object(resource: Resource) -> bool:
    """Tell whether the cloud should have it."""
    mine = resource.custom and not resource.external and not resource.is_provider
    return mine and not resource.pending_replacement and stack_of(resource.urn) == STACK


def _name(urn: str) -> str:
    return urn.rsplit("::", 1)[-1]


def _adopted_name(program: Program, old: str) -> set[str]:
    return {spec.name for spec in program if any(former.name == old for former in spec.formerly)}


def _depends(program: Program, name: str, moving: set[str]) -> bool:
    """Tell whether a resource needs another one that moves."""
    return any(name in dependents(program, {other}) for other in moving - {name})


def _reduced(props: Mapping[str, Any], drop: set[str]) -> dict[str, Any]:
    return {key: value for key, value in props.items() if key not in drop}


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    def other(part: Any) -> Any:
        if isinstance(part, str):
            for found, name in names.items():
                part = name if part == found else re.sub(rf":{re.escape(found)}(?!\d)", f":{name}", part)
        return part

    if isinstance(value, wire.Secret):
        return wire.Secret(_renamed(value.value, names))
    return wire.walk(value, other)

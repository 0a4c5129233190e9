"""What happens when a program registers a resource: find the old one, check, compare, decide.

Decisions are made one at a time, in `run.planning`; what was decided is carried out beside other steps.
"""

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import IntEnum

from modelyard import wire
from modelyard.engine import plan
from modelyard.engine.base import Severity
from modelyard.engine.embedded.providers.packages import INTERNAL
from modelyard.engine.embedded.providers.plugin import Plugin
from modelyard.engine.embedded.providers.providercalls import ProviderCallError
from modelyard.engine.embedded.requests.goals import Goal
from modelyard.engine.embedded.run import Run, describe, now
from modelyard.engine.embedded.state.resource import Resource
from modelyard.engine.embedded.steps import carrying as steps
from modelyard.engine.embedded.steps import imports, limits
from modelyard.engine.embedded.steps.aliases import previous_urns
from modelyard.engine.plan import Decision, Op, Situation
from modelyard.errors import DeploymentError

Work = Callable[[], Resource]


class Outcome(IntEnum):
    """What came of a registration, in the numbers of `pulumirpc.Result`; older SDKs have no name for the last."""

    SUCCESS = 0
    FAIL = 1
    SKIP = 2


@dataclass(frozen=True)
class Registered:
    """What a program is told of a resource.

    Args:
        resource: as it now is; in a preview its id is empty when it is not known yet.
        outcome: whether it succeeded; anything else only while a deployment goes on after an error.
        unknown: whether its outputs are not to be known, because it is not one of those that may be created.
    """

    resource: Resource
    outcome: Outcome = Outcome.SUCCESS
    unknown: bool = False


def register(run: Run, goal: Goal) -> Registered:
    """Bring one resource to what the program wants, or plan it.

    Raises:
        DeploymentError: it is not valid, or its provider failed.
    """
    wanted = goal.resource
    with run.planning:
        if wanted.urn in run.seen:
            raise DeploymentError(
                f"two resources have the name {wanted.name!r} and the type {wanted.type}: {wanted.urn}",
                hint="give one of them another name",
            )
        run.seen.add(wanted.urn)
        if wanted.urn in run.condemned:  # on its way out with something that is replaced
            run.condemned[wanted.urn].wait()
        old = _previous(run, goal)
        if wanted.needs() & run.unfinished:
            run.unfinished.add(wanted.urn)
            return Registered(wanted, Outcome.SKIP)
        if not run.targets.include(wanted):
            return _left_alone(run, wanted, old)
        limits.refuse_needing_uncreated(run, wanted)
        limits.keep_needed(run, wanted)
        _refuse_needing_unregistered(run, wanted)
        work = _planned(run, goal, old)
    try:
        return Registered(work())
    except DeploymentError:
        if wanted.urn not in run.unfinished or not goal.reports_results:
            raise
        return Registered(wanted, Outcome.FAIL)


def _previous(run: Run, goal: Goal) -> Resource | None:
    """Find the resource in the state, and give it its new name there if it is found under an alias."""
    urn = goal.resource.urn
    claimed = set(run.renamed.values())
    for found in previous_urns(run.deployment, goal, run.renamed):
        if found == urn and (kept := limits.kept(run, urn)):
            return kept
        if found != urn and found in claimed:
            _refuse_taken(run, urn, found)
        if not (old := run.snapshot.before(found)):
            continue
        if found != urn:
            _refuse_taken(run, urn, found)
            run.seen.add(found)
            run.admit()
            run.renamed[urn] = found
            run.record(run.snapshot.rename(found, urn))
            return run.snapshot.before(urn)
        return old
    return None


def _refuse_needing_unregistered(run: Run, wanted: Resource) -> None:
    """Refuse what needs something that comes later or never, such as itself by way of others."""
    for urn in sorted(wanted.needs() - run.seen):
        if run.snapshot.current(urn) is None or run.snapshot.before(urn) is not None:
            raise DeploymentError(
                f"{wanted.urn} needs {urn}, which the program has not registered before it",
                hint="register it first, or take the dependency away",
            )


def _refuse_taken(run: Run, urn: str, alias: str) -> None:
    if alias in run.seen:
        raise DeploymentError(
            f"{urn} has the alias {alias}, which is a resource of this program already",
            hint="take the alias away, or give one of them another name",
        )


def _left_alone(run: Run, wanted: Resource, old: Resource | None) -> Registered:
    """Leave a resource as it is, for it is not one of those that the deployment is limited to."""
    if old is None:
        run.not_created.add(wanted.urn)
        return Registered(wanted, unknown=True)
    kept = limits.keep(run, old)
    run.done(describe(Op.SAME, kept))
    return Registered(kept)


def _planned(run: Run, goal: Goal, old: Resource | None) -> Work:
    """Decide what to do with a resource."""
    wanted = goal.resource
    if wanted.is_provider:
        made = _register_provider(run, wanted, old)
        return lambda: made
    if not wanted.custom:
        return _component(run, wanted, old)
    if imports.is_import(wanted, old):
        run.admit()
        return lambda: _imported(run, goal, old)
    return _custom(run, goal, old)


def _component(run: Run, wanted: Resource, old: Resource | None) -> Work:
    if old is not None and old.custom:
        run.admit()
        return lambda: steps.supersede(run, wanted, old)
    changes = plan.compare(old.inputs, wanted.inputs) if old else {}
    op = Op.CREATE if old is None else Op.UPDATE if changes else Op.SAME
    run.admit(op)
    made = replace(wanted, created=now(), modified=now())
    if old is not None:
        made = replace(
            made, outputs=old.outputs, created=old.created, modified=made.modified if changes else old.modified
        )
    run.record(run.snapshot.end(None, put=made, drop=steps.index(run, old)), durable=False)
    run.done(describe(op, made, changes=changes))
    return lambda: made


def _register_provider(run: Run, wanted: Resource, old: Resource | None) -> Resource:
    made = replace(wanted, id=str(uuid.uuid4()), created=now(), modified=now())
    try:
        made = replace(made, inputs=run.plugins.check_config(made, old))
    except ProviderCallError as error:
        _refuse(run, made, error)
        raise
    made = replace(made, outputs={key: value for key, value in made.inputs.items() if key != INTERNAL})
    changes = plan.compare(old.inputs, made.inputs) if old else {}
    reasons = run.plugins.configure(made).diff_config(old).replaces if old and changes else ()
    if old and run.replace_targets.named(wanted.urn):
        reasons = ("id", *reasons)
    op = Op.CREATE if old is None else Op.REPLACE if reasons else Op.UPDATE if changes else Op.SAME
    run.admit(op)
    index = steps.index(run, old)
    if old is None or index is None or reasons:
        mark = None if old is None or index is None else (index, replace(old, delete=True))
        run.record(run.snapshot.end(None, put=made, mark=mark))
    else:
        made = replace(made, id=old.id, created=old.created, modified=now() if changes else old.modified)
        run.record(run.snapshot.end(None, put=made, drop=index), durable=bool(changes))
    run.replaced |= {made.urn} if reasons else set()
    run.done(describe(op, made, changes=changes, replaced_by=reasons))
    run.plugins.configure(made)
    return made


def _refuse(run: Run, wanted: Resource, error: ProviderCallError) -> None:
    run.say(Severity.ERROR, str(error), wanted.urn)
    run.stopping.set()


def _custom(run: Run, goal: Goal, old: Resource | None, *, imported: bool = False) -> Work:
    wanted, plugin = goal.resource, run.plugins.of(goal.resource.provider)
    if old is not None and old.external:  # somebody else's, which the program only read so far: ours is another
        checked = _checked(run, goal, plugin, None, old)
        ours = replace(wanted, inputs=checked)
        change = describe(Op.REPLACE, wanted, becomes=ours, changes=plan.compare(old.inputs, checked))
        run.admit()
        return lambda: steps.create(run, ours, change, plugin, old)
    try:
        comparable = None if old is None or old.pending_replacement or _is_to_be_replaced(run, wanted, old) else old
        checked = _checked(run, goal, plugin, comparable, old)
        decision = plan.decide(_situation(run, plugin, goal, checked, old))
        if decision.op is Op.REPLACE and comparable is not None:
            checked = _checked(run, goal, plugin, None, old)
        if decision.op is Op.REPLACE and old is not None:
            _refuse_replacement(run, wanted, old, decision)
    except ProviderCallError as error:
        _refuse(run, wanted, error)
        raise
    new = replace(wanted, inputs=checked)
    run.admit(decision.op)
    if old is None:
        return lambda: steps.create(run, new, describe(Op.CREATE, new), plugin, None)
    changes = plan.compare(old.inputs, checked) if decision.op.is_change else {}
    change = describe(decision.op, old, becomes=new, changes=changes, replaced_by=decision.replaced_by)
    if decision.op is Op.SAME:
        same = steps.same(run, new, old, silent=imported)
        return lambda: same
    if decision.op is Op.UPDATE:
        return lambda: steps.update(run, new, old, change, plugin)
    run.replaced.add(wanted.urn)
    return steps.replacement_of(run, new, old, decision, change)


def _imported(run: Run, goal: Goal, old: Resource | None) -> Resource:
    """Take an existing resource in, then bring it to what the program wants."""
    plugin = run.plugins.of(goal.resource.provider)
    imported = imports.take_in(run, goal.resource, plugin, old)
    with run.planning:
        work = _custom(run, goal, imported, imported=True)
    return work()


def _checked(run: Run, goal: Goal, plugin: Plugin, old: Resource | None, replaced: Resource | None) -> wire.Props:
    """Check inputs; the seed of automatic names is the same for the same resource, and another for its successor."""
    wanted = goal.resource
    inputs = plan.ignore(wanted.inputs, old.inputs, wanted.ignore_changes) if old else wanted.inputs
    seed = hashlib.sha256(f"{wanted.urn} {replaced.id if replaced else ''}".encode()).digest()
    proposal = run.autonaming.proposal(wanted.urn, seed)
    old_inputs = wire.reveal(old.inputs) if old else None
    checked = plugin.check(replace(wanted, inputs=inputs), old_inputs, seed, proposal)
    return dict(wire.keep_secrets(inputs, checked))


def _situation(run: Run, plugin: Plugin, goal: Goal, checked: wire.Props, old: Resource | None) -> Situation:
    if old is None:
        return Situation(exists=False)
    forced = _forced(run, plugin, goal.resource, old)
    proposal = run.autonaming.proposal(goal.resource.urn, b"")
    return Situation(
        exists=True,
        pending_replacement=old.pending_replacement,
        fallen=run.fallen.get(goal.resource.urn),
        failed_init=bool(old.init_errors),
        forced=forced,
        difference=plan.Difference(changed=True) if forced else plugin.diff(old, checked, goal.resource.ignore_changes),
        replace_on_changes=goal.resource.replace_on_changes,
        delete_before_replace=True if proposal and proposal.delete_first else goal.delete_before_replace,
    )


def _is_to_be_replaced(run: Run, wanted: Resource, old: Resource) -> bool:
    """Tell whether the user wants another one in its place, whatever it is like."""
    return old.taint or run.replace_targets.named(wanted.urn)


def _forced(run: Run, plugin: Plugin, wanted: Resource, old: Resource) -> tuple[str, ...]:
    """List the reasons to replace a resource that its own inputs have no part in."""
    if not run.preview and wire.has_unknown(wanted.replacement_trigger):
        raise ProviderCallError("its replacement trigger is not known: make it of what is known before a deployment")
    found = {
        "id": _is_to_be_replaced(run, wanted, old),
        "replaceWith": bool(run.replaced & set(wanted.replace_with)),
        "deletedWith": wanted.deleted_with in run.replaced,
        "provider": _provider_replaced(run, plugin, wanted, old),
        "replacementTrigger": plan.triggers(old.replacement_trigger, wanted.replacement_trigger),
    }
    return tuple(reason for reason, holds in found.items() if holds)[:1]


def _provider_replaced(run: Run, plugin: Plugin, wanted: Resource, old: Resource) -> bool:
    """Tell whether a resource's provider is another, or is configured in a way that needs another resource."""
    if old.provider == wanted.provider:
        return False
    if not old.provider:
        return True
    before = run.provider(old.provider)
    return before is None or bool(plugin.diff_config(before).replaces)


def _refuse_replacement(run: Run, wanted: Resource, old: Resource, decision: Decision) -> None:
    """Refuse to replace what is protected, or what the program names by its id; a preview goes on."""
    reasons = ", ".join(decision.replaced_by) or "an earlier deployment deleted it"
    problem = ""
    if old.protect and wanted.protect:
        problem = (
            f"it is protected and would have to be replaced ({reasons} changed): "
            "take the change back, or the protection out of the program or the settings"
        )
    elif wanted.import_id and not old.pending_replacement:
        problem = (
            f"it is imported and would have to be replaced ({reasons} changed): take its import_ out of the program"
        )
    if problem and not run.preview:
        raise ProviderCallError(problem)
    if problem:
        severity = Severity.ERROR if old.protect and wanted.protect else Severity.WARNING
        run.say(severity, f"{wanted.name} ({wanted.type}): {problem}", wanted.urn)

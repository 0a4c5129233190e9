"""What happens when a program registers a resource: find the old one, check, compare, decide, carry out."""

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from modelyard import wire
from modelyard.engine import plan
from modelyard.engine.base import Change
from modelyard.engine.embedded import replacement
from modelyard.engine.embedded.plugins import Plugin, ProviderCallError
from modelyard.engine.embedded.run import Run, describe, now
from modelyard.engine.embedded.state import Resource
from modelyard.engine.plan import Decision, Op, Situation
from modelyard.errors import DeploymentError


@dataclass(frozen=True, kw_only=True)
class Goal:
    """A resource as the program wants it.

    Args:
        resource: what to make of it; without id and outputs.
        aliases: URNs it may have had.
        delete_before_replace: the program's word on the order of a replacement, if any.
    """

    resource: Resource
    aliases: tuple[str, ...] = ()
    delete_before_replace: bool | None = None


def register(run: Run, goal: Goal) -> Resource:
    """Bring one resource to what the program wants, or plan it.

    Returns:
        The resource as it now is; in a preview its id is empty when it is not known yet.

    Raises:
        DeploymentError: it is not valid, or its provider failed.
    """
    wanted = goal.resource
    if wanted.urn in run.seen:
        raise DeploymentError(
            f"two resources have the name {wanted.name!r} and the type {wanted.type}",
            hint="give one of them another name",
        )
    run.seen.add(wanted.urn)
    old = _previous(run, goal)
    if wanted.is_provider:
        return _register_provider(run, wanted, old)
    if not wanted.custom:
        return _register_component(run, wanted, old)
    return _register_custom(run, goal, old)


def _previous(run: Run, goal: Goal) -> Resource | None:
    for urn in (goal.resource.urn, *goal.aliases):
        if old := run.snapshot.before(urn):
            run.seen.add(urn)
            if urn != goal.resource.urn:
                run.record(run.snapshot.rename(urn, goal.resource.urn))
                return run.snapshot.before(goal.resource.urn)
            return old
    return None


def _register_component(run: Run, wanted: Resource, old: Resource | None) -> Resource:
    if old is not None:
        wanted = replace(wanted, outputs=old.outputs, created=old.created, modified=old.modified)
    op = Op.CREATE if old is None else Op.SAME
    stamped = wanted if old else replace(wanted, created=now(), modified=now())
    run.record(run.snapshot.end(None, put=stamped, drop=_index(run, old)), durable=False)
    run.done(describe(op, stamped))
    return stamped


def _register_provider(run: Run, wanted: Resource, old: Resource | None) -> Resource:
    changes = plan.compare(old.inputs, wanted.inputs) if old else {}
    made = replace(wanted, id=str(uuid.uuid4()), outputs=wanted.inputs, created=now(), modified=now())
    reasons = run.plugins.configure(made).diff_config(old).replaces if old and changes else ()
    op = Op.CREATE if old is None else Op.REPLACE if reasons else Op.UPDATE if changes else Op.SAME
    index = _index(run, old)
    if old is None or index is None or reasons:
        mark = None if old is None or index is None else (index, replace(old, delete=True))
        run.record(run.snapshot.end(None, put=made, mark=mark))
    else:
        made = replace(made, id=old.id, created=old.created, modified=now() if changes else old.modified)
        run.record(run.snapshot.end(None, put=made, drop=index), durable=bool(changes))
    run.plugins.configure(made)
    run.done(describe(op, made, changes=changes, replaced_by=reasons))
    return made


def _register_custom(run: Run, goal: Goal, old: Resource | None) -> Resource:
    wanted, plugin = goal.resource, run.plugins.of(goal.resource.provider)
    if old is not None and old.external:  # somebody else's, which the program only read so far: ours is another
        run.record(run.snapshot.end(None, drop=_index(run, old)))
        old = None
    try:
        checked = _check(plugin, wanted, None if old is None or old.pending_replacement else old, old)
        decision = plan.decide(_situation(run, plugin, goal, checked, old))
        if decision.op is Op.REPLACE and not (old and old.pending_replacement):
            checked = _check(plugin, wanted, None, old)
        if decision.op is Op.REPLACE and old is not None and old.protect and wanted.protect:
            raise ProviderCallError(
                f"it is protected and would have to be replaced ({', '.join(decision.replaced_by)} changed): "
                "take the change back, or the protection out of the program or the settings"
            )
        new = replace(wanted, inputs=checked)
        changes = plan.compare(old.inputs, checked) if old and decision.op.is_change else {}
    except ProviderCallError as error:
        run.fail(describe(Op.CREATE if old is None else Op.UPDATE, wanted, error=str(error)))
        raise
    if old is None:
        return _create(run, new, describe(Op.CREATE, new), plugin, None)
    change = describe(decision.op, old, changes=changes, replaced_by=decision.replaced_by)
    if decision.op is Op.SAME:
        return _same(run, new, old)
    if decision.op is Op.UPDATE:
        return _update(run, new, old, change, plugin)
    return _replace(run, new, old, decision, change)


def _check(plugin: Plugin, wanted: Resource, old: Resource | None, replaced: Resource | None) -> wire.Props:
    """Check inputs; the seed of automatic names is the same for the same resource, and another for its successor."""
    inputs = plan.ignore(wanted.inputs, old.inputs, wanted.ignore_changes) if old else wanted.inputs
    seed = hashlib.sha256(f"{wanted.urn} {replaced.id if replaced else ''}".encode()).digest()
    checked = plugin.check(replace(wanted, inputs=inputs), wire.reveal(old.inputs) if old else None, seed)
    return dict(keep_secrets(inputs, checked))


def _situation(run: Run, plugin: Plugin, goal: Goal, checked: wire.Props, old: Resource | None) -> Situation:
    if old is None:
        return Situation(exists=False)
    return Situation(
        exists=True,
        pending_replacement=old.pending_replacement,
        failed_init=bool(old.init_errors),
        provider_changed=_provider_replaced(run, plugin, goal.resource, old),
        difference=plugin.diff(old, checked),
        replace_on_changes=goal.resource.replace_on_changes,
        delete_before_replace=goal.delete_before_replace,
    )


def _provider_replaced(run: Run, plugin: Plugin, wanted: Resource, old: Resource) -> bool:
    """Tell whether a resource's provider is another, or is configured in a way that needs another resource."""
    if not old.provider or old.provider == wanted.provider:
        return False
    before = run.provider(old.provider)
    return before is None or bool(plugin.diff_config(before).replaces)


def _same(run: Run, new: Resource, old: Resource) -> Resource:
    kept = _with_outputs(replace(new, id=old.id, created=old.created, modified=old.modified), old.outputs)
    run.record(run.snapshot.end(None, put=kept, drop=_index(run, old)), durable=False)
    run.done(describe(Op.SAME, kept))
    return kept


def _create(run: Run, new: Resource, change: Change, plugin: Plugin, old: Resource | None) -> Resource:
    """Create; an old resource given here is dropped if it is only pending, and marked for deletion otherwise."""

    def work() -> Resource:
        number = run.call("creating", new)
        try:
            made_id, outputs = plugin.create(new, preview=run.preview)
        except ProviderCallError as error:
            _half_made(run, new, error, number, _index(run, old) if old and old.pending_replacement else None)
            raise
        made = _with_outputs(replace(new, id=made_id, created=now(), modified=now()), outputs)
        _superseding(run, number, made, old)
        return made

    return _carried(run.carry_out(change, work))


def _superseding(run: Run, number: int | None, made: Resource, old: Resource | None) -> None:
    index = _index(run, old)
    if old is None or index is None:
        run.record(run.snapshot.end(number, put=made))
    elif old.pending_replacement:
        run.record(run.snapshot.end(number, put=made, drop=index))
    else:
        run.record(run.snapshot.end(number, put=made, mark=(index, replace(old, delete=True))))


def _half_made(run: Run, new: Resource, error: ProviderCallError, number: int | None, drop: int | None = None) -> None:
    """Keep what a failed call has made all the same; the next deployment updates it."""
    if error.id:
        made = replace(new, id=error.id, init_errors=(str(error),), created=new.created or now(), modified=now())
        run.record(run.snapshot.end(number, put=_with_outputs(made, error.properties), drop=drop))
    else:
        run.settle(number)


def _update(run: Run, new: Resource, old: Resource, change: Change, plugin: Plugin) -> Resource:
    def work() -> Resource:
        number = run.call("updating", replace(new, id=old.id, outputs=old.outputs))
        try:
            outputs = plugin.update(old, new, preview=run.preview)
        except ProviderCallError as error:
            _half_made(run, replace(new, id=old.id, created=old.created), error, number, _index(run, old))
            raise
        if run.preview:
            outputs = {**old.outputs, **outputs}
        made = _with_outputs(replace(new, id=old.id, created=old.created, modified=now()), outputs)
        run.record(run.snapshot.end(number, put=made, drop=_index(run, old)))
        return made

    return _carried(run.carry_out(change, work))


def _replace(run: Run, new: Resource, old: Resource, decision: Decision, change: Change) -> Resource:
    plugin = run.plugins.of(new.provider)
    if decision.delete_first and not old.pending_replacement:
        replacement.delete_first(run, old)
        old = replace(old, pending_replacement=True)
    return _create(run, new, replace(change, id=""), plugin, old)


def _with_outputs(resource: Resource, outputs: Mapping[str, Any]) -> Resource:
    marked = keep_secrets(resource.inputs, dict(outputs))
    for key in resource.additional_secret_outputs:
        if key in marked and not isinstance(marked[key], wire.Secret):
            marked[key] = wire.Secret(marked[key])
    return replace(resource, outputs=marked)


def keep_secrets(known: Any, value: Any) -> Any:
    """Wrap again, wherever the known value was a secret, what came back plain from a provider."""
    if isinstance(value, wire.Secret):
        return value
    if isinstance(known, wire.Secret):
        return wire.Secret(value)
    if isinstance(known, Mapping) and isinstance(value, Mapping):
        return {key: keep_secrets(known.get(key), item) for key, item in value.items()}
    if isinstance(known, list) and isinstance(value, list) and len(known) == len(value):
        return [keep_secrets(before, after) for before, after in zip(known, value, strict=True)]
    return value


def _index(run: Run, old: Resource | None) -> int | None:
    return None if old is None else run.snapshot.index(old.urn)


def _carried(resource: Any) -> Resource:
    assert isinstance(resource, Resource)  # noqa: S101 - what `work` returned
    return resource

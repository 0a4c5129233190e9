"""Carrying out what was decided for one resource: provider call, record, report."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from modelyard import wire
from modelyard.engine.base import Change
from modelyard.engine.embedded.providers.plugin import Plugin
from modelyard.engine.embedded.providers.providercalls import ProviderCallError
from modelyard.engine.embedded.run import Run, describe, now
from modelyard.engine.embedded.state.resource import Resource
from modelyard.engine.embedded.steps import adoption, replacement
from modelyard.engine.plan import Decision, Op
from modelyard.errors import DeploymentError
from modelyard.wire import keep_secrets


def same(run: Run, new: Resource, old: Resource, *, silent: bool = False) -> Resource:
    """Keep a resource that needs nothing done.

    Args:
        run: the deployment.
        new: what the program wants; its options may be others.
        old: the resource as it is.
        silent: whether it has been reported already.
    """
    kept = with_outputs(replace(new, id=old.id, created=old.created, modified=old.modified), old.outputs)
    record = run.snapshot.keep(old.urn) if kept == old and index(run, old) is not None else None
    if record is None:
        run.admit()
    run.record(record or run.snapshot.end(None, put=kept, drop=index(run, old)), durable=False)
    if not silent:
        run.done(describe(Op.SAME, kept))
    return kept


def create(run: Run, new: Resource, change: Change, plugin: Plugin, old: Resource | None) -> Resource:
    """Create; an old resource given here is dropped if it is only pending, and marked for deletion otherwise.

    Raises:
        DeploymentError: the provider failed; it has been reported.
    """

    def work() -> Resource:
        number = run.call("creating", new)
        try:
            made_id, outputs = plugin.create(new, preview=run.preview)
        except ProviderCallError as error:
            _after_failed_create(run, new, error, number, old)
            raise
        made = with_outputs(replace(new, id=made_id, created=now(), modified=now()), outputs)
        _superseding(run, number, made, old)
        return made

    return _carried(run.carry_out(change, work))


def update(run: Run, new: Resource, old: Resource, change: Change, plugin: Plugin) -> Resource:
    """Change a resource in place.

    Raises:
        DeploymentError: the provider failed; it has been reported.
    """

    def work() -> Resource:
        number = run.call("updating", replace(new, id=old.id, outputs=old.outputs))
        try:
            outputs = plugin.update(old, new, preview=run.preview)
        except ProviderCallError as error:
            half = replace(new, id=old.id, inputs=old.inputs, created=old.created)  # what it lacks is still to be done
            _half_made(run, half, error, number, replace(old, pending_replacement=True))
            raise
        made = with_outputs(replace(new, id=old.id, created=old.created, modified=now()), outputs)
        run.record(run.snapshot.end(number, put=made, drop=index(run, old)))
        return made

    return _carried(run.carry_out(change, work))


def replacement_of(
    run: Run, new: Resource, old: Resource, decision: Decision, change: Change
) -> Callable[[], Resource]:
    """Return what makes a successor; what has to be deleted before is decided now."""
    plugin = run.plugins.of(new.provider)
    change = replace(change, id="")
    if not decision.delete_first or old.pending_replacement:
        return lambda: create(run, new, change, plugin, old)
    doomed = replacement.condemn(run, old)

    def work() -> Resource:
        replacement.delete(run, doomed)
        return create(run, new, change, plugin, replace(old, pending_replacement=True))

    return work


def supersede(run: Run, new: Resource, old: Resource) -> Resource:
    """Put a component in the place of a custom resource of the same name, which is deleted in its turn."""
    made = replace(new, created=now(), modified=now())
    run.replaced.add(made.urn)
    _superseding(run, None, made, old)
    run.done(describe(Op.REPLACE, made, replaced_by=("provider",)))
    return made


def _superseding(run: Run, number: int | None, made: Resource, old: Resource | None) -> None:
    place = index(run, old)
    if old is None:
        run.record(run.snapshot.end(number, put=made))
    elif old.pending_replacement:
        run.record(run.snapshot.end(number, put=made, drop=place))
    elif place is None:  # it was kept for something that needs it before its own turn came
        run.record(run.snapshot.end(number, put=made, retire=replace(old, delete=True)))
    else:
        run.record(run.snapshot.end(number, put=made, mark=(place, replace(old, delete=True))))


def _after_failed_create(
    run: Run, new: Resource, error: ProviderCallError, number: int | None, old: Resource | None
) -> None:
    """Keep what was made though the call failed; as long as that can't be found out, so does the call's intent."""
    if number is not None and not error.id:
        try:
            found = adoption.made_all_the_same(run, new)
        except DeploymentError:
            return
        if found is not None:
            error.id, error.properties = found.id, found.outputs
    _half_made(run, new, error, number, old)


def _half_made(run: Run, new: Resource, error: ProviderCallError, number: int | None, old: Resource | None) -> None:
    """Keep what a failed call has made all the same, in the old one's place; the next deployment updates it."""
    if error.id:
        made = replace(new, id=error.id, init_errors=error.reasons, created=new.created or now(), modified=now())
        _superseding(run, number, with_outputs(made, error.properties), old)
    else:
        run.settle(number)


def with_outputs(resource: Resource, outputs: Mapping[str, Any]) -> Resource:
    """Return a resource with outputs, in which what was secret among its inputs, or is to be, is secret."""
    marked = keep_secrets(resource.inputs, dict(outputs))
    for key in resource.additional_secret_outputs:
        if key in marked and not isinstance(marked[key], wire.Secret):
            marked[key] = wire.Secret(marked[key])
    return replace(resource, outputs=marked)


def index(run: Run, old: Resource | None) -> int | None:
    """Return the place of an old resource, if it still has one."""
    return None if old is None else run.snapshot.index(old.urn)


def _carried(resource: Any) -> Resource:
    assert isinstance(resource, Resource)  # noqa: S101 - what `work` returned
    return resource

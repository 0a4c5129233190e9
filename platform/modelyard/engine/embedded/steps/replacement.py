"""Replacing a resource that has to go before its successor comes, and with it all that can't outlive it."""

import threading
from collections.abc import Iterable
from dataclasses import replace

from modelyard import wire
from modelyard.engine import plan
from modelyard.engine.embedded.requests.hooks import Moment
from modelyard.engine.embedded.run import Run, describe
from modelyard.engine.embedded.state.resource import Resource
from modelyard.engine.plan import Op
from modelyard.errors import DeploymentError


def condemn(run: Run, old: Resource) -> list[Resource]:
    """List what has to be deleted for a resource's successor, in order: what has to be replaced along with it, and it.

    Raises:
        DeploymentError: something of it is protected.
    """
    doomed = [*_falling_with(run, old), old]
    for resource in doomed[:-1]:
        if resource.protect:
            raise DeploymentError(
                f"{resource.urn} is protected and would have to be deleted to replace {old.name!r}",
                hint="remove its protection in the program first",
            )
    run.deleting |= {resource.urn for resource in doomed}
    run.condemned |= {resource.urn: threading.Event() for resource in doomed}
    return doomed


def delete(run: Run, doomed: Iterable[Resource]) -> None:
    """Delete resources one after the other; the state remembers to make them anew.

    Raises:
        DeploymentError: a deletion failed.
    """
    waiting = list(doomed)
    try:
        for resource in waiting:
            _delete(run, resource)
            run.condemned[resource.urn].set()
    finally:
        for resource in waiting:
            run.condemned[resource.urn].set()


def falls_with(run: Run, dependent: Resource, causes: Iterable[str]) -> tuple[str, ...] | None:
    """Return the inputs that force a resource's replacement when others are replaced; none if it can stay."""
    gone = set(causes)
    if not dependent.custom or dependent.external or dependent.pending_replacement:
        return None
    if dependent.provider_urn in gone or dependent.deleted_with in gone or gone & set(dependent.replace_with):
        return ()
    affected = [key for key, urns in dependent.property_dependencies.items() if gone & set(urns)]
    if not affected or dependent.is_provider:
        return None
    unknown = {**dependent.inputs, **dict.fromkeys(affected, wire.UNKNOWN)}
    difference = run.plugin(dependent).diff(dependent, unknown)
    situation = plan.Situation(exists=True, difference=difference, replace_on_changes=dependent.replace_on_changes)
    decision = plan.decide(situation)
    return decision.replaced_by if decision.op is Op.REPLACE else None


def _falling_with(run: Run, old: Resource) -> list[Resource]:
    """List what has to be replaced along with a resource, dependents of dependents first."""
    gone = {old.urn}
    found: list[Resource] = []
    for item in run.snapshot.resources:  # dependencies come first
        waiting = item.urn not in run.seen and item.urn not in run.deleting and not item.delete
        reasons = falls_with(run, item, gone) if waiting and item.needs() & gone else None
        if reasons is not None:
            gone.add(item.urn)
            found.append(item)
            run.fallen[item.urn] = reasons
    return found[::-1]


def _delete(run: Run, resource: Resource) -> None:
    index = run.snapshot.index(resource.urn)
    moment = Moment(verb="delete", old=resource)
    number = run.call("deleting", resource)
    try:
        run.plugins.hooks.before(moment)
        if not run.preview and not resource.retain_on_delete and resource.deleted_with not in run.deleting:
            run.plugin(resource).delete(resource)
    except DeploymentError as error:
        run.settle(number)
        run.fail(describe(Op.DELETE, resource, error=str(error)))
        raise
    run.plugins.hooks.after(moment)
    if index is not None:
        run.record(run.snapshot.end(number, mark=(index, replace(resource, pending_replacement=True))))

"""Replacing a resource that has to go before its successor comes, and with it all that can't outlive it."""

from dataclasses import replace

from modelyard import wire
from modelyard.engine.embedded.plugins import ProviderCallError
from modelyard.engine.embedded.run import Run, describe
from modelyard.engine.embedded.state import Resource
from modelyard.engine.plan import Op
from modelyard.errors import DeploymentError


def delete_first(run: Run, old: Resource) -> None:
    """Delete a resource and the dependents that its replacement replaces; the state remembers to make them anew.

    Raises:
        DeploymentError: a deletion failed, or a resource is protected.
    """
    doomed = [*_doomed(run, old), old]
    for resource in doomed:
        if resource.protect:
            raise DeploymentError(
                f"{resource.urn} is protected and would have to be deleted to replace {old.name!r}",
                hint="remove its protection in the program first",
            )
    for resource in doomed:
        _delete(run, resource)


def _doomed(run: Run, old: Resource) -> list[Resource]:
    """List the dependents that have to be replaced along, dependents of dependents first."""
    found: dict[str, Resource] = {}
    queue = [old]
    while queue:
        cause = queue.pop()
        for dependent in run.snapshot.dependents(cause.urn):
            if dependent.urn not in found and dependent.urn not in run.seen and _falls_with(run, dependent, cause):
                found[dependent.urn] = dependent
                queue.append(dependent)
    order = {item.urn: place for place, item in enumerate(run.snapshot.resources)}
    return sorted(found.values(), key=lambda item: -order[item.urn])


def _falls_with(run: Run, dependent: Resource, cause: Resource) -> bool:
    if not dependent.custom or dependent.is_provider or dependent.external or dependent.pending_replacement:
        return False
    affected = [key for key, urns in dependent.property_dependencies.items() if cause.urn in urns]
    if not affected:
        return False
    unknown = {**dependent.inputs, **dict.fromkeys(affected, wire.UNKNOWN)}
    return bool(run.plugin(dependent).diff(dependent, unknown).replaces)


def _delete(run: Run, resource: Resource) -> None:
    index = run.snapshot.index(resource.urn)
    number = run.call("deleting", resource)
    try:
        if not run.preview and not resource.retain_on_delete:
            run.plugin(resource).delete(resource)
    except ProviderCallError as error:
        run.settle(number)
        run.fail(describe(Op.DELETE, resource, error=str(error)))
        raise
    if index is not None:
        run.record(run.snapshot.end(number, mark=(index, replace(resource, pending_replacement=True))))

"""Deleting what a program no longer has: dependents before what they need, each failure stopping only what it must."""

from collections.abc import Callable
from dataclasses import replace

from modelyard.engine.base import Change
from modelyard.engine.embedded.run import Run, describe
from modelyard.engine.embedded.state import Resource
from modelyard.engine.plan import Op
from modelyard.errors import DeploymentError


def delete_leftovers(run: Run, *, unprotect: bool = False) -> None:
    """Delete every old resource that the program did not register, and those that were replaced.

    Args:
        run: the deployment; for `destroy`, one whose program registered nothing.
        unprotect: whether protected resources go too.
    """
    kept: set[str] = set()  # what must stay because something that needs it could not go
    for index in range(len(run.snapshot.old) - 1, -1, -1):
        resource = run.snapshot.old[index]
        if resource is None or (not resource.delete and resource.urn in run.seen):
            continue
        if run.cancelled:
            return
        if resource.urn in kept or not _delete(run, index, resource, unprotect=unprotect):
            kept |= resource.needs()


def _delete(run: Run, index: int, resource: Resource, *, unprotect: bool) -> bool:
    replaced = resource.delete
    change = describe(Op.DELETE, resource)
    if resource.protect and not unprotect and not replaced:
        message = "it is protected: remove the protection from the program, or from the state, and try again"
        run.done(describe(Op.DELETE, resource, error=message))
        run.failed = True
        return False

    def work() -> Resource:
        number = run.call("deleting", resource) if _is_ours(run, resource) else None
        try:
            if number is not None:
                run.plugin(resource).delete(resource)
        except DeploymentError:
            run.settle(number)
            raise
        run.record(run.snapshot.end(number, drop=index))
        return resource

    try:
        if replaced or resource.external:
            _unreported(run, change, work)
        else:
            run.carry_out(change, work)
    except DeploymentError:
        return False
    return True


def _unreported(run: Run, change: Change, work: Callable[[], Resource]) -> None:
    """Carry out the second half of a replacement, which was reported as one step; a failure is reported still."""
    try:
        work()
    except DeploymentError as error:
        run.fail(replace(change, error=str(error)))
        raise


def _is_ours(run: Run, resource: Resource) -> bool:
    """Tell whether the provider has to delete it."""
    if not resource.custom or resource.external or resource.is_provider or resource.pending_replacement:
        return False
    gone_with = resource.deleted_with and run.snapshot.current(resource.deleted_with)
    going = bool(gone_with) and resource.deleted_with not in run.seen
    return not (resource.retain_on_delete or going)

"""Making the state what the cloud says."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from modelyard import wire
from modelyard.engine.base import Severity
from modelyard.engine.embedded.providers.providercalls import ProviderCallError
from modelyard.engine.embedded.run import Run, describe, now
from modelyard.engine.embedded.state.resource import STACK_REFERENCE_TYPE, Resource
from modelyard.engine.embedded.steps.limits import refuse_unknown_targets
from modelyard.engine.plan import Op, compare
from modelyard.errors import DeploymentError
from modelyard.wire import keep_secrets


@dataclass(frozen=True)
class _Found:
    """What the cloud says of one resource: nothing if it is gone, or else why it could not be read."""

    live: Resource | None = None
    error: str = ""


def refresh(run: Run) -> None:
    """Read all resources anew; what has vanished is dropped, and nothing but the state changes."""

    def keep(index: int, live: Resource) -> None:
        run.seen.add(live.urn)
        run.record(run.snapshot.end(None, put=live, drop=index), durable=False)

    if not refuse_unknown_targets(run):
        _refresh(run, keep)


def refresh_before(run: Run) -> None:
    """Read all resources anew before a program runs, or a destroy begins."""
    _refresh(run, lambda index, live: run.record(run.snapshot.end(None, mark=(index, live)), durable=False))


def _refresh(run: Run, keep: Callable[[int, Resource], None]) -> None:
    places = [(index, it) for index, it in enumerate(run.snapshot.old) if it is not None and not it.delete]
    with ThreadPoolExecutor(max_workers=max(run.deployment.options.parallel, 1)) as pool:
        for (index, resource), found in zip(places, pool.map(lambda it: _read(run, it[1]), places), strict=True):
            _take(run, index, resource, found, keep)


def _read(run: Run, resource: Resource) -> _Found:
    readable = resource.custom and not resource.is_provider and resource.type != STACK_REFERENCE_TYPE
    if not readable or run.cancelled or not run.targets.include(resource):
        return _Found(resource)
    try:
        found, outputs, inputs = run.plugin(resource).read(resource)
    except ProviderCallError as error:
        if not error.id:
            return _Found(resource, str(error))
        reasons = "".join(f"\n* {reason}" for reason in error.reasons)
        run.say(Severity.WARNING, f"{resource.name} ({resource.type}) is not in order:{reasons}", resource.urn)
        live = _live(resource, error.id, error.properties, {})
        return _Found(replace(live, init_errors=error.reasons))
    except DeploymentError as error:
        return _Found(resource, str(error))
    return _Found(replace(_live(resource, found, outputs, inputs), init_errors=())) if found else _Found()


def _live(resource: Resource, found: str, outputs: wire.Props, inputs: wire.Props) -> Resource:
    known = dict(keep_secrets(resource.inputs, inputs)) if inputs else resource.inputs
    return replace(resource, id=found, inputs=known, outputs=dict(keep_secrets(resource.outputs, outputs)))


def _take(run: Run, index: int, resource: Resource, found: _Found, keep: Callable[[int, Resource], None]) -> None:
    if found.live is None:
        run.record(run.snapshot.end(None, drop=index))
        if not resource.external:  # somebody else's, which only the next read would miss
            run.done(describe(Op.DELETE, resource))
        return
    if found.live is resource:
        keep(index, resource)
        if found.error:
            run.fail(describe(Op.REFRESH, resource, error=found.error))
        return
    changes = compare(wire.reveal(resource.inputs), wire.reveal(found.live.inputs))  # the rest is the cloud's own doing
    keep(index, replace(found.live, modified=now() if changes else resource.modified))
    if not resource.external:
        run.done(describe(Op.REFRESH if changes else Op.SAME, resource, changes=changes))

"""Finding out what calls did that a killed deployment never saw the end of.

A create that was cut short may have made its resource. It is looked for among the resources of its type that no stack
has: one whose properties are all as they were asked for; or else one that has the name or all the tags that were asked
for and could become it in place. The next comparison sets what is not set yet.
"""

from dataclasses import replace

from modelyard import wire
from modelyard.engine.base import Severity
from modelyard.engine.embedded.providers.plugin import Plugin
from modelyard.engine.embedded.providers.providercalls import ProviderCallError
from modelyard.engine.embedded.run import Run, now
from modelyard.engine.embedded.state.resource import Resource
from modelyard.engine.embedded.state.store import stacks
from modelyard.errors import DeploymentError


def settle_interrupted(run: Run) -> None:
    """Deal with every call that an earlier deployment began and never ended, before anything new begins.

    An update is done again by the next comparison, a deletion by the next deletion; only a create needs finding out.

    Raises:
        DeploymentError: it can't be found out now.
    """
    for pending in list(run.snapshot.interrupted):
        resource = pending.resource
        try:
            found = _find(run, resource) if pending.kind == "creating" else None
        except ProviderCallError as error:
            raise DeploymentError(
                f"whether {resource.name!r} ({resource.type}) was made before a kill can't be found out: {error}",
                hint="type the same again; nothing was changed",
            ) from error
        outcome = f"; it was made ({found.id}) and is kept" if found else ""
        run.say(
            Severity.WARNING,
            f"an earlier deployment was interrupted while {pending.kind} {resource.name!r} ({resource.type}){outcome}",
            resource.urn,
        )
        if found is not None:
            run.record(run.snapshot.adopt(found))
        run.record(run.snapshot.settle(pending))


def made_all_the_same(run: Run, wanted: Resource) -> Resource | None:
    """Find what a create made that answered with an error and no id, such as one that timed out.

    It must be all as asked for and have the stack's own tags, for one that has only the name may be why the create
    failed; while others of its type are being made, it could be theirs, and nothing is taken.

    Raises:
        DeploymentError: its provider could list, but failed.
    """
    others = [it for it in run.snapshot.pending if it.kind == "creating" and it.resource.type == wanted.type]
    if len(others) > 1 or not wire.reveal(wanted.inputs).get("tagsAll"):
        return None
    return next((it for it in _candidates(run, wanted) if _equals(it, wanted) and it.outputs.get("tagsAll")), None)


def _find(run: Run, wanted: Resource) -> Resource | None:
    """Find a resource that is as wanted, or that has its name or tags and could become it in place.

    Raises:
        DeploymentError: its provider could list, but failed.
    """
    live = _candidates(run, wanted)
    exact = [it for it in live if _equals(it, wanted)]
    begun = (it for it in live if _is_ours(it, wanted) and not run.plugin(it).diff(it, wanted.inputs).replaces)
    return exact[0] if exact else next(begun, None)


def _candidates(run: Run, wanted: Resource) -> list[Resource]:
    """Read all resources of a type that no stack has; none if the provider can't list, which leaves it to the user.

    Raises:
        DeploymentError: the provider could list, but failed.
    """
    known = [run.snapshot, *(it.snapshot for it in stacks(run.store.folder) if it.path != run.store.path)]
    taken = {item.id for snapshot in known for item in snapshot.resources if item.type == wanted.type}
    if run.provider(wanted.provider) is None:
        return []
    try:
        plugin = run.plugin(wanted)
        live = [_read(plugin, wanted, found) for found in plugin.list(wanted) if found not in taken]
    except ProviderCallError as error:
        if error.unimplemented:
            return []
        raise
    return [it for it in live if it is not None]


def _read(plugin: Plugin, wanted: Resource, found: str) -> Resource | None:
    real_id, outputs, inputs = plugin.read(replace(wanted, id=found, outputs={}, inputs={}))
    live = replace(wanted, id=real_id, inputs=inputs, outputs=outputs, created=now(), modified=now())
    return live if real_id else None


def _equals(live: Resource, wanted: Resource) -> bool:
    """Tell whether all that was asked for is there."""
    asked, found = wire.reveal(wanted.inputs), wire.reveal(live.outputs)
    return all(found[key] == value for key, value in asked.items() if key in found)


def _is_ours(live: Resource, wanted: Resource) -> bool:
    """Tell whether it is what was asked for though not all is set yet: it has the stack's own tags, or the name."""
    asked, found = wire.reveal(wanted.inputs), wire.reveal(live.outputs)
    if asked.get("tagsAll") and found.get("tagsAll"):
        return bool(found["tagsAll"] == asked["tagsAll"])
    return live.id in asked.values()

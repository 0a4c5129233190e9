"""Finding out what calls did that a killed deployment never saw the end of.

A create that was cut short may have made its resource. It is looked for among the resources of its type that no stack
has: one whose properties are all as they were asked for; or else one that has the name or all the tags that were asked
for and could become it in place. The next comparison sets what is not set yet.
"""

from dataclasses import replace

from modelyard import wire
from modelyard.engine.base import Severity
from modelyard.engine.embedded.plugin import Plugin
from modelyard.engine.embedded.run import Run, now
from modelyard.engine.embedded.snapshot import Pending
from modelyard.engine.embedded.state import Resource
from modelyard.engine.embedded.store import stacks
from modelyard.errors import DeploymentError


def settle_interrupted(run: Run) -> None:
    """Deal with every call that an earlier deployment began and never ended, before anything new begins.

    An update is done again by the next comparison, a deletion by the next deletion; only a create needs finding out.
    """
    for pending in list(run.snapshot.interrupted):
        resource = pending.resource
        found = _find(run, pending) if pending.kind == "creating" else None
        outcome = f"; it was made ({found.id}) and is kept" if found else ""
        run.say(
            Severity.WARNING,
            f"an earlier deployment was interrupted while {pending.kind} {resource.name!r} ({resource.type}){outcome}",
            resource.urn,
        )
        if found is not None:
            run.record(run.snapshot.adopt(found))
        run.record(run.snapshot.settle(pending))


def _find(run: Run, pending: Pending) -> Resource | None:
    wanted = pending.resource
    known = [run.snapshot, *(it.snapshot for it in stacks(run.store.folder) if it.path != run.store.path)]
    taken = {item.id for snapshot in known for item in snapshot.resources if item.type == wanted.type}
    try:
        plugin = run.plugin(wanted)
        candidates = [found for found in plugin.list(wanted.type) if found not in taken]
        live = [it for it in (_read(plugin, wanted, found) for found in candidates) if it is not None]
        exact = [it for it in live if _equals(it, wanted)]
        begun = [it for it in live if _is_ours(it, wanted) and not plugin.diff(it, wanted.inputs).replaces]
    except DeploymentError:
        return None  # a provider that can't list leaves it to the user, who has been told
    return next(iter(exact + begun), None)


def _read(plugin: Plugin, wanted: Resource, found: str) -> Resource | None:
    real_id, outputs, inputs = plugin.read(replace(wanted, id=found, outputs={}, inputs={}))
    live = replace(wanted, id=real_id, inputs=inputs, outputs=outputs, created=now(), modified=now())
    return live if real_id else None


def _equals(live: Resource, wanted: Resource) -> bool:
    """Tell whether all that was asked for is there."""
    asked = wire.reveal(wanted.inputs)
    return all(live.outputs[key] == value for key, value in asked.items() if key in live.outputs)


def _is_ours(live: Resource, wanted: Resource) -> bool:
    """Tell whether it is what was asked for though not all is set yet: it has the stack's own tags, or the name."""
    asked = wire.reveal(wanted.inputs)
    tags = asked.get("tagsAll")
    return (bool(tags) and live.outputs.get("tagsAll") == tags) or live.id in asked.values()

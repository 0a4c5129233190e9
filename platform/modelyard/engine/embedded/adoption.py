"""Finding out what calls did that a killed deployment never saw the end of.

A create that was cut short may have made its resource. It is looked for among the resources of its type that no stack's
entry has: one whose properties are all as they were asked for, tags of the stack included, is that resource.
"""

from modelyard import wire
from modelyard.engine.base import Severity
from modelyard.engine.embedded.plugins import Plugin
from modelyard.engine.embedded.run import Run, now
from modelyard.engine.embedded.snapshot import Pending
from modelyard.engine.embedded.state import Resource
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
    taken = {item.id for item in run.snapshot.resources if item.type == wanted.type}
    try:
        plugin = run.plugin(wanted)
        candidates = [found for found in plugin.list(wanted.type) if found not in taken]
        return next((it for it in (_read(plugin, wanted, found) for found in candidates) if it is not None), None)
    except DeploymentError:
        return None  # a provider that can't list leaves it to the user, who has been told


def _read(plugin: Plugin, wanted: Resource, found: str) -> Resource | None:
    live = Resource(**{**wanted.__dict__, "id": found, "outputs": {}})
    real_id, outputs, _ = plugin.read(live)
    asked = wire.reveal(wanted.inputs)
    if not real_id or any(outputs.get(key) != value for key, value in asked.items() if key in outputs):
        return None
    return Resource(**{**live.__dict__, "id": real_id, "outputs": outputs, "created": now(), "modified": now()})

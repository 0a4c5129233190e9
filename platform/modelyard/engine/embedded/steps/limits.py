"""What a deployment that is limited to some resources does about the others, so that the state stays whole."""

from modelyard.engine.base import Severity
from modelyard.engine.embedded.run import Run
from modelyard.engine.embedded.state.resource import Resource
from modelyard.errors import DeploymentError

_ANY = "**::"  # what the command line writes before a plain name


def kept(run: Run, urn: str) -> Resource | None:
    """Return a resource that was kept for another's sake before the program registered it."""
    return run.snapshot.current(urn) if run.targets.limited and run.snapshot.before(urn) is None else None


def keep(run: Run, old: Resource) -> Resource:
    """Keep a resource as it is, and before it all that it needs, for the state puts dependencies first."""
    if run.snapshot.before(old.urn) is not None:
        keep_needed(run, old)
        run.record(run.snapshot.keep(old.urn), durable=False)
    return old


def keep_needed(run: Run, resource: Resource) -> None:
    """Keep what a resource needs and the program has not registered so far."""
    if not run.targets.limited:
        return
    for urn in sorted(resource.needs()):
        if needed := run.snapshot.before(urn):
            keep(run, needed)


def refuse_needing_uncreated(run: Run, wanted: Resource) -> None:
    """Refuse what needs a resource that the limit keeps from being created; a preview tells all of them.

    Raises:
        DeploymentError: it does.
    """
    for urn in sorted(wanted.needs() & run.not_created):
        message = f"{wanted.urn} needs {urn}, which has to be created and is not among the targets"
        if not run.preview:
            raise DeploymentError(message, hint=f"add --target '{urn}'")
        run.say(Severity.ERROR, message, wanted.urn)
        run.not_created.discard(urn)


def refuse_unknown_targets(run: Run) -> bool:
    """Say of each target that names nothing in the state or the program that it does; tells whether there is one."""
    known = {resource.urn for resource in run.snapshot.resources} | run.seen | run.not_created
    unknown = [target for target in run.deployment.options.targets if not _finds(target, known)]
    for target in unknown:
        name = target.removeprefix(_ANY)
        run.say(Severity.ERROR, f"there is no resource {name} in the state or in the program, so it can't be a target")
    return bool(unknown)


def _finds(target: str, known: set[str]) -> bool:
    """Tell whether a URN, or a plain name, is known; any other pattern may match nothing."""
    name = target.removeprefix(_ANY)
    if "*" in name:
        return True
    return any(urn.endswith(f"::{name}") for urn in known) if target.startswith(_ANY) else target in known

"""Reading resources that somebody else manages, as `.get` and the option `id` ask for."""

from dataclasses import replace

from modelyard import wire
from modelyard.engine.embedded.run import Run, describe, now, told
from modelyard.engine.embedded.state.resource import Resource
from modelyard.engine.embedded.steps.carrying import with_outputs
from modelyard.engine.plan import Op
from modelyard.errors import DeploymentError


def read(run: Run, wanted: Resource) -> Resource:
    """Read a resource; one that was this stack's own until now is given up, if it is the same, or deleted in its turn.

    Args:
        run: the deployment.
        wanted: the resource with its id, which is unknown when something that gives it is yet to be made.

    Raises:
        DeploymentError: there is no such resource, or its provider failed.
    """
    with run.planning:
        run.seen.add(wanted.urn)
        old, index = run.snapshot.before(wanted.urn), run.snapshot.index(wanted.urn)
    made = _stamped(_unknown(wanted) if wanted.id in wire.UNKNOWN_STRINGS else _read(run, wanted), old)
    if old is not None and index is not None and not old.external and old.id != made.id:
        run.replaced.add(wanted.urn)
        run.record(run.snapshot.end(None, put=made, mark=(index, replace(old, delete=True))))
        run.done(describe(Op.REPLACE, made))
    else:
        run.record(run.snapshot.end(None, put=made, drop=index), durable=old is not None and not old.external)
        run.done(describe(Op.READ, made))
    return made


def _unknown(wanted: Resource) -> Resource:
    """Return a resource of which nothing is known so far, as happens in previews."""
    return replace(wanted, id="")


def _stamped(made: Resource, old: Resource | None) -> Resource:
    """Keep when something that the state had before came in, and when it was another last."""
    if old is None:
        return made
    same = (made.id, made.outputs) == (old.id, old.outputs)
    return replace(made, created=old.created, modified=old.modified if same else now())


def _read(run: Run, wanted: Resource) -> Resource:
    """Read a resource; one that can't be read is reported as a step that failed."""
    try:
        return _found(run, wanted)
    except DeploymentError as error:
        run.fail(describe(Op.READ, wanted, error=told(error)))
        raise


def _found(run: Run, wanted: Resource) -> Resource:
    found, outputs, _ = run.plugins.of(wanted.provider).read(wanted)
    if not found:
        raise DeploymentError(
            f"there is no {wanted.type} with the id {wanted.id!r}", hint="mend the id, or make the resource first"
        )
    return with_outputs(replace(wanted, id=found), outputs)

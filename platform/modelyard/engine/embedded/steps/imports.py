"""Taking in resources that exist already, as the option `import_` asks for."""

from dataclasses import replace

from modelyard.engine.embedded.providers.plugin import Plugin
from modelyard.engine.embedded.run import Run, describe, now
from modelyard.engine.embedded.state.resource import Resource
from modelyard.engine.embedded.steps.carrying import index, with_outputs
from modelyard.engine.plan import Op
from modelyard.errors import DeploymentError
from modelyard.wire import keep_secrets


def is_import(wanted: Resource, old: Resource | None) -> bool:
    """Tell whether a resource has to be taken in: the program names its id, and the state knows it under no such."""
    if not wanted.import_id:
        return False
    return old is None or old.external or (old.import_id or old.id) != wanted.import_id


def take_in(run: Run, wanted: Resource, plugin: Plugin, old: Resource | None) -> Resource:
    """Read an existing resource into the state; one that has its name there already is deleted in its turn.

    Raises:
        DeploymentError: there is no such resource, or its provider can't import; it has been reported.
    """

    def work() -> Resource:
        found, outputs, inputs = plugin.read(replace(wanted, id=wanted.import_id, inputs={}))
        if not found:
            raise DeploymentError(f"there is no {wanted.type} with the id {wanted.import_id!r} to import")
        if not inputs:
            raise DeploymentError(f"the provider of {wanted.type} can't import")
        live = replace(
            wanted, id=found, inputs=dict(keep_secrets(wanted.inputs, inputs)), created=now(), modified=now()
        )
        live = with_outputs(live, outputs)
        place = index(run, old)
        mark = None if old is None or place is None else (place, replace(old, delete=True))
        run.record(run.snapshot.end(None, put=live, mark=mark))
        return live

    result = run.carry_out(describe(Op.IMPORT, replace(wanted, id=wanted.import_id)), work)
    assert isinstance(result, Resource)  # noqa: S101 - what `work` returned
    return result

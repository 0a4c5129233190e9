"""Reading what a program asks for into what the engine works with."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from modelyard import wire
from modelyard.engine.base import Deployment
from modelyard.engine.embedded.assets import with_hashes
from modelyard.engine.embedded.goals import Alias, Goal
from modelyard.engine.embedded.plugins import timeouts
from modelyard.engine.embedded.run import Run, describe, now
from modelyard.engine.embedded.state import PROVIDER_PREFIX, Resource, make_urn
from modelyard.engine.plan import Op
from modelyard.errors import DeploymentError

_UNSUPPORTED = {
    "remote": "construct remote components",
    "state_migrations": "run state migrations",
    "transforms": "run transforms of the engine's kind (the option transforms)",
}


def refuse_unsupported(request: Any) -> None:
    """Refuse what would otherwise be silently left out.

    Raises:
        DeploymentError: the program uses something that only the Pulumi CLI does so far.
    """
    for name, what in _UNSUPPORTED.items():
        if getattr(request, name):
            raise DeploymentError(
                f"{request.type} {request.name!r}: the embedded engine can't {what} yet",
                hint="run this program with 'pulumi up'",
            )


def goal(deployment: Deployment, request: Any) -> Goal:
    """Read a registration."""
    inputs = with_hashes(wire.from_struct(request.object), deployment.program)
    is_provider = request.type.startswith(PROVIDER_PREFIX)
    resource = Resource(
        urn=make_urn(deployment.stack, deployment.project, request.parent, request.type, request.name),
        type=request.type,
        custom=request.custom,
        inputs=provider_inputs(inputs, request.version) if is_provider else inputs,
        parent=request.parent,
        dependencies=tuple(sorted(set(request.dependencies))),
        property_dependencies={
            key: tuple(sorted(set(value.urns)))
            for key, value in sorted(request.propertyDependencies.items())
            if value.urns
        },
        protect=request.protect,
        retain_on_delete=request.retainOnDelete,
        deleted_with=request.deletedWith,
        additional_secret_outputs=tuple(request.additionalSecretOutputs),
        ignore_changes=tuple(request.ignoreChanges),
        replace_on_changes=tuple(request.replaceOnChanges),
        custom_timeouts=timeouts(request.customTimeouts),
        import_id=request.importId,
        replace_with=tuple(sorted(set(request.replace_with))),
        replacement_trigger=wire.from_value(request.replacement_trigger) if _has_trigger(request) else None,
    )
    return Goal(
        resource=resource,
        aliases=(*(Alias(urn=urn) for urn in request.aliasURNs), *map(_alias, request.aliases)),
        delete_before_replace=request.deleteBeforeReplace if request.deleteBeforeReplaceDefined else None,
        reports_results=request.supportsResultReporting,
    )


def _has_trigger(request: Any) -> bool:
    return bool(request.HasField("replacement_trigger"))


def _alias(message: Any) -> Alias:
    if message.WhichOneof("alias") == "urn":
        return Alias(urn=message.urn)
    spec = message.spec
    return Alias(
        name=spec.name,
        type=spec.type,
        stack=spec.stack,
        project=spec.project,
        parent=spec.parentUrn,
        no_parent=spec.noParent,
    )


def provider_inputs(inputs: Mapping[str, Any], version: str) -> wire.Props:
    """Read a provider resource's inputs, with the version that Pulumi keeps among them."""
    return {**inputs, **({"version": version} if version else {})}


def builtin_reference(run: Run, wanted: Resource) -> str:
    """Register the provider that Pulumi itself is, for stack references; nothing stands behind it."""
    old = run.snapshot.before(wanted.urn)
    made = replace(
        wanted, id=old.id if old else str(uuid.uuid4()), outputs=wanted.inputs, created=old.created if old else now()
    )
    run.seen.add(made.urn)
    run.record(run.snapshot.end(None, put=made, drop=run.snapshot.index(made.urn)), durable=False)
    run.done(describe(Op.SAME if old else Op.CREATE, made))
    return f"{made.urn}::{made.id}"

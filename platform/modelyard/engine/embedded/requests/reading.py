"""Reading what a program asks for into what the engine works with."""

from typing import Any

from modelyard import wire
from modelyard.engine.base import Deployment
from modelyard.engine.embedded.providers.providercalls import timeouts
from modelyard.engine.embedded.requests.assets import with_hashes
from modelyard.engine.embedded.requests.goals import Alias, Goal
from modelyard.engine.embedded.requests.hooks import bindings
from modelyard.engine.embedded.state.resource import Resource, make_urn


def goal(deployment: Deployment, request: Any) -> Goal:
    """Read a registration."""
    inputs = with_hashes(wire.from_struct(request.object), deployment.program)
    resource = Resource(
        urn=make_urn(deployment.stack, deployment.project, request.parent, request.type, request.name),
        type=request.type,
        custom=request.custom,
        inputs=inputs,
        parent=request.parent,
        dependencies=tuple(sorted(set(request.dependencies))),
        property_dependencies={
            key: tuple(sorted(set(value.urns))) for key, value in sorted(request.propertyDependencies.items())
        },
        protect=request.protect,
        retain_on_delete=request.retainOnDelete,
        deleted_with=request.deletedWith,
        additional_secret_outputs=tuple(request.additionalSecretOutputs),
        ignore_changes=tuple(request.ignoreChanges),
        replace_on_changes=tuple(request.replaceOnChanges),
        custom_timeouts=timeouts(request.customTimeouts),
        import_id=request.importId,
        resource_hooks=bindings(request),
        hide_diff=tuple(request.hideDiffs),
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

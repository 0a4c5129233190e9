"""Outputs and refreshed inputs, made of what the cloud holds and what was known before."""

from collections.abc import Mapping
from typing import Any

from modelyard.localcloud.provider.check import DEFAULTS_KEY
from modelyard.localcloud.provider.configuration import Configuration
from modelyard.localcloud.provider.documents import is_absent, is_zero
from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props


def observe(
    resource: ResourceType, aws: Session, resource_id: str, known: Props, config: Configuration
) -> Props | None:
    """Return a resource's outputs as the cloud holds them now, or None when it is gone.

    Args:
        resource: the type.
        aws: access to the cloud.
        resource_id: the resource's identifier.
        known: the last outputs, or the checked inputs right after a creation.
        config: the provider's configuration.
    """
    live = resource.read(aws, resource_id, known)
    if live is None:
        return None
    if resource.taggable:
        live |= _tags(resource, aws, live | {"id": resource_id}, known, config)
    outputs = {name: _settled(resource, name, known.get(name), value) for name, value in live.items()}
    for name, value in known.items():
        if name not in outputs and _stays(resource, name, value):
            outputs[name] = value
    outputs["id"] = resource_id
    if "region" in resource.schema.outputs:
        outputs["region"] = aws.region
    return outputs


def _settled(resource: ResourceType, name: str, known: Any, live: Any) -> Any:
    return known if known is not None and resource.same(name, known, live) else live


def _stays(resource: ResourceType, name: str, value: Any) -> bool:
    return name != DEFAULTS_KEY and (name in resource.unread or (name in resource.schema.inputs and is_absent(value)))


def _tags(resource: ResourceType, aws: Session, live: Props, known: Props, config: Configuration) -> Props:
    found = live["tagsAll"] if resource.tagging is None else resource.tagging.read(aws, live[resource.tag_target])
    every = {key: value for key, value in found.items() if not config.ignores(key)}
    mine = known.get("tags") or {}
    own = {key: value for key, value in every.items() if key in mine or config.default_tags.get(key) != value}
    return {"tagsAll": every, "tags": own} if own or "tags" in known else {"tagsAll": every}


def refreshed(resource: ResourceType, inputs: Props, outputs: Props) -> Props:
    """Return the checked inputs with what the cloud holds now in their place, so that a next diff shows the drift.

    Args:
        resource: the type.
        inputs: the checked inputs of before; when there are none (an import), they are taken from the outputs.
        outputs: the outputs of now.
    """
    if not inputs:
        return _imported(resource, outputs)
    kept = {DEFAULTS_KEY, *resource.unread, "region"}
    names = inputs.keys() | ({"tags"} & outputs.keys())
    return {
        name: inputs[name] if name in kept else _project(resource, name, inputs.get(name), outputs.get(name))
        for name in sorted(names)
        if name in kept or name in outputs
    }


def _imported(resource: ResourceType, outputs: Props) -> Props:
    """Return the inputs that a program would give for what the cloud holds, with the provider's own defaults."""
    given = resource.schema.inputs.keys() & outputs.keys() - {"region"}
    taken = {name: outputs[name] for name in given if name in resource.defaults or not is_zero(outputs[name])}
    for name, _ in resource.refusals(taken):
        taken.pop(name, None)
    inputs = {**resource.defaults, **taken}
    defaults = sorted(name for name, value in resource.defaults.items() if resource.same(name, value, inputs[name]))
    tags = {"tagsAll": outputs["tagsAll"]} if "tagsAll" in outputs else {}
    return {name: inputs[name] for name in sorted(inputs)} | tags | {DEFAULTS_KEY: defaults}


def _project(resource: ResourceType, name: str, known: Any, live: Any) -> Any:
    if resource.same(name, known, live):
        return known
    kind = resource.schema.inputs.get(name)
    return live if kind is None or kind.word == "map" else _narrowed(known, live)


def _narrowed(known: Any, live: Any) -> Any:
    if isinstance(known, Mapping) and isinstance(live, Mapping):
        return {key: _narrowed(value, live.get(key)) for key, value in known.items() if key in live or _empty(value)}
    if isinstance(known, list) and isinstance(live, list) and len(known) == len(live):
        return [_narrowed(*pair) for pair in zip(known, live, strict=True)]
    return known if known == live or (_empty(known) and _empty(live)) else live


def _empty(value: Any) -> bool:
    """Tell whether a value says no more than none: nothing, or a block of nothing."""
    return is_absent(value) or (isinstance(value, Mapping) and all(map(_empty, value.values())))


def planned(resource: ResourceType, olds: Props, old_inputs: Props, news: Props) -> Props:
    """Return the outputs that an update will have as far as they are known before it.

    Args:
        resource: the type.
        olds: the outputs of before.
        old_inputs: the checked inputs of before.
        news: the checked inputs of now.
    """
    computed = {name: value for name, value in olds.items() if name not in old_inputs and name not in resource.volatile}
    return {**computed, **{name: value for name, value in news.items() if name != DEFAULTS_KEY}}

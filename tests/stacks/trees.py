"""A plan as a text that a reviewer can compare: a tree of resources, each with its inputs."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import yaml

from modelyard import wire
from modelyard.engine.base import Change

_UNTOLD = {"tagsAll", "__defaults", "version", "pluginDownloadURL"}
_LONG = 2000


def tree(changes: Iterable[Change]) -> str:
    """Write resources under their parents, by name, with their inputs."""
    children: dict[str, list[Change]] = {}
    listed = [change for change in changes if change.planned is not None]
    known = {change.urn for change in listed}
    for change in listed:
        children.setdefault(change.parent if change.parent in known else "", []).append(change)
    return "\n".join(_lines(children, "", 0)) + "\n"


def _lines(children: Mapping[str, list[Change]], parent: str, depth: int) -> Iterator[str]:
    for change in sorted(children.get(parent, ()), key=lambda it: (it.name, it.type)):
        assert change.planned is not None
        guard = " [protected]" if change.planned.protect else ""
        yield f"{'  ' * depth}{change.name} ({change.type}){guard}"
        for line in _inputs(change.planned.inputs):
            yield f"{'  ' * depth}    {line}"
        yield from _lines(children, change.urn, depth + 1)


def _inputs(inputs: Mapping[str, Any]) -> list[str]:
    shown = {key: _shown(value) for key, value in wire.mask(inputs).items() if key not in _UNTOLD and value is not None}
    return yaml.safe_dump(shown, sort_keys=True, width=110, allow_unicode=True).splitlines() if shown else []


def _shown(value: Any) -> Any:
    if isinstance(value, Mapping):
        asset = value.get(wire.SIGNATURE_KEY)
        return "(files)" if asset else {str(key): _shown(it) for key, it in value.items()}
    if isinstance(value, list | tuple):
        return [_shown(it) for it in value]
    return _text(value) if isinstance(value, str) else value


def _text(value: str) -> Any:
    if value[:1] in "{[":
        try:
            return _shown(json.loads(value))
        except ValueError:
            pass
    return f"({len(value)} characters)" if len(value) > _LONG else value

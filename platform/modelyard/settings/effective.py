"""The values that count in an environment: those of its file, and the defaults of all others."""

from collections.abc import Iterator, Mapping
from typing import Any

import yaml
from pydantic import BaseModel

MARK = "# default"
_STEP = "  "


def values(settings: BaseModel) -> dict[str, Any]:
    """Return all values as plain data."""
    return settings.model_dump(mode="json")


def defaults(settings: BaseModel) -> list[str]:
    """List the paths of the values that the file does not give, such as `network.zones`."""
    return [path for path, is_default in _leaves(settings, "", given=True) if is_default]


def as_yaml(settings: BaseModel) -> str:
    """Write all values as YAML that can be read back; those that are defaults end in a remark."""
    return "\n".join(_lines(settings, "", given=True)) + "\n"


def _leaves(value: Any, path: str, *, given: bool) -> Iterator[tuple[str, bool]]:
    members = _members(value)
    if not members:
        yield path, not given
        return
    for name, item, own in members:
        yield from _leaves(item, f"{path}.{name}" if path else name, given=given and own)


def _members(value: Any) -> list[tuple[str, Any, bool]]:
    """Return the names and values that a value is made of, and whether the file names them; none for a single value."""
    if isinstance(value, BaseModel):
        fields = type(value).model_fields
        return [(name, getattr(value, name), name in value.model_fields_set) for name in fields]
    if isinstance(value, Mapping):
        return [(str(name), item, True) for name, item in value.items()]
    return []


def _lines(value: Any, indent: str, *, given: bool) -> Iterator[str]:
    for name, item, own in _members(value):
        stated = given and own
        key = f"{indent}{_scalar(name)}:"
        if _members(item):
            yield key
            yield from _lines(item, indent + _STEP, given=stated)
        else:
            yield f"{key} {_scalar(_plain(item))}{'' if stated else f'  {MARK}'}"


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _scalar(value: Any) -> str:
    """Write a value on one line, as YAML in its flow style."""
    text: str = yaml.safe_dump(value, default_flow_style=True, width=10**6, allow_unicode=True, sort_keys=False)
    return text.removesuffix("\n").removesuffix("\n...")

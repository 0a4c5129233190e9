"""Checked inputs: refuse what AWS would not understand, fill in what the real provider fills in."""

import difflib
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.schema import Kind, Schema
from modelyard.wire import UNKNOWN, Props, Unknown

DEFAULTS_KEY = "__defaults"
_SUFFIX_LENGTH = 7
_SCALARS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
}
_KINDS = {
    "string": "a string",
    "boolean": "a boolean",
    "integer": "an integer",
    "number": "a number",
    "list": "a list",
    "map": "a map",
    "object": "a map",
}


@dataclass(frozen=True)
class Failure:
    """Why an input is refused.

    Args:
        path: where, such as `rules[0].id`.
        reason: what is wrong with it.
    """

    path: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Subject:
    """The resource whose inputs are checked.

    Args:
        urn: its URN.
        name: its name in the program.
        seed: bytes that make an automatic name unique; empty for a digest of the URN.
        default_tags: the provider's tags for all resources.
    """

    urn: str
    name: str
    seed: bytes = b""
    default_tags: Mapping[str, str]


def failures(schema: Schema, inputs: Props) -> list[Failure]:
    """Return everything wrong with inputs: unknown names, missing ones, values of a wrong type."""
    known = dict(schema.inputs)
    if "tags" in known:
        known["tagsAll"] = known["tags"]
    missing = [Failure(name, "is required and missing") for name in sorted(schema.required - inputs.keys())]
    wrong = _members(schema, known, inputs, "")
    return missing + sorted(wrong, key=lambda failure: failure.path)


def _members(schema: Schema, declared: Mapping[str, Kind], props: Mapping[str, Any], path: str) -> Iterator[Failure]:
    for name, value in props.items():
        if name == DEFAULTS_KEY:
            continue
        where = f"{path}.{name}" if path else name
        if name not in declared:
            yield Failure(where, f"is not a property{_suggestion(name, declared)}")
        else:
            yield from _value(schema, declared[name], value, where)


def _suggestion(name: str, declared: Mapping[str, Kind]) -> str:
    close = difflib.get_close_matches(name, declared, n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _value(schema: Schema, kind: Kind, value: Any, path: str) -> Iterator[Failure]:
    if value is None or isinstance(value, Unknown) or kind.word == "any":
        return
    if kind.word in _SCALARS:
        if not isinstance(value, _SCALARS[kind.word]) or (isinstance(value, bool) and kind.word != "boolean"):
            yield Failure(path, f"must be {_KINDS[kind.word]}, not {_shown(value)}")
    elif not isinstance(value, list if kind.word == "list" else Mapping):
        yield Failure(path, f"must be {_KINDS[kind.word]}, not {_shown(value)}")
    elif isinstance(value, Mapping) and kind.word == "object":
        fields = schema.fields(kind)
        yield from _members(schema, fields, value, path) if fields else ()
    else:
        yield from _items(schema, kind.item or kind, value, path)


def _items(schema: Schema, kind: Kind, value: Any, path: str) -> Iterator[Failure]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _value(schema, kind, item, f"{path}[{index}]")
        return
    for name, item in value.items():
        yield from _value(schema, kind, item, f"{path}.{name}")


def _shown(value: Any) -> str:
    words = {bool: "a boolean", str: "a string", int: "a number", float: "a number", list: "a list", dict: "a map"}
    return words.get(type(value), type(value).__name__)


def checked(resource: ResourceType, subject: Subject, olds: Props, news: Props) -> Props:
    """Fill in names, defaults and tags.

    Args:
        resource: the type.
        subject: the resource.
        olds: the checked inputs of before, none for a new resource; their automatic name is kept.
        news: the inputs as the program gave them, without nulls.
    """
    given = {name: value for name, value in news.items() if name not in (DEFAULTS_KEY, "tagsAll")}
    inputs = {name: _as_text(value) if name in resource.json_properties else value for name, value in given.items()}
    for name, value in resource.defaults.items():
        inputs.setdefault(name, value)
    for name, value in resource.normalize(inputs, subject.name).items():
        inputs.setdefault(name, value)
    if _needs_name(resource, inputs):
        inputs[str(resource.name_property)] = _name(resource, subject, olds, inputs)
    inputs[DEFAULTS_KEY] = sorted(inputs.keys() - given.keys())
    if resource.taggable:
        inputs["tagsAll"] = _all_tags(subject.default_tags, inputs.get("tags"))
    return inputs


def _as_text(value: Any) -> Any:
    return json.dumps(value, separators=(",", ":")) if isinstance(value, dict | list) and _is_known(value) else value


def _is_known(value: Any) -> bool:
    try:
        json.dumps(value)
    except TypeError:
        return False
    return True


def _needs_name(resource: ResourceType, inputs: Props) -> bool:
    name = resource.name_property
    return name is not None and name not in inputs and name not in resource.schema.required


def _name(resource: ResourceType, subject: Subject, olds: Props, inputs: Props) -> Any:
    name = str(resource.name_property)
    if name in olds.get(DEFAULTS_KEY, ()) and name in olds and olds.get(f"{name}Prefix") == inputs.get(f"{name}Prefix"):
        return olds[name]
    suffix = (subject.seed.hex() or hashlib.sha256(subject.urn.encode()).hexdigest())[:_SUFFIX_LENGTH]
    prefix = inputs.get(f"{name}Prefix")
    if isinstance(prefix, Unknown):
        return UNKNOWN
    return f"{prefix}{suffix}" if prefix else resource.auto_name(subject.name, suffix, inputs)


def _all_tags(default_tags: Mapping[str, str], tags: Any) -> Any:
    return UNKNOWN if isinstance(tags, Unknown) else {**default_tags, **(tags or {})}

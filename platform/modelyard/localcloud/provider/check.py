"""Refusing inputs that AWS would not understand, each with its path and with what was probably meant."""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from modelyard.localcloud.provider.schema import Kind, Schema
from modelyard.wire import Props, Unknown

DEFAULTS_KEY = "__defaults"
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


def failures(schema: Schema, inputs: Props) -> list[Failure]:
    """Return everything wrong with inputs: unknown and missing names, values of a wrong type, a name given twice."""
    known = dict(schema.inputs)
    if "tags" in known:
        known["tagsAll"] = known["tags"]
    wrong = [*_missing(schema.required, inputs, ""), *_twice(inputs), *_members(schema, known, inputs, "")]
    return sorted(wrong, key=lambda failure: failure.path)


def _missing(required: frozenset[str], props: Mapping[str, Any], path: str) -> Iterator[Failure]:
    for name in sorted(required):
        if props.get(name) is None:
            yield Failure(f"{path}.{name}" if path else name, "is required and missing")


def _twice(inputs: Props) -> Iterator[Failure]:
    for name in inputs:
        if name.endswith("Prefix") and name.removesuffix("Prefix") in inputs:
            yield Failure(name, f"conflicts with {name.removesuffix('Prefix')}; give one of them")


def _members(schema: Schema, declared: Mapping[str, Kind], props: Mapping[str, Any], path: str) -> Iterator[Failure]:
    for name, value in props.items():
        if name == DEFAULTS_KEY:
            continue
        where = f"{path}.{name}" if path else name
        if name not in declared:
            yield Failure(where, f"is not a property{suggestion(name, declared)}")
        else:
            yield from _value(schema, declared[name], value, where)


def suggestion(name: str, declared: Mapping[str, Any]) -> str:
    """Return a question after what was probably meant; nothing when no declared name is close."""
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
        yield from _object(schema, kind, value, path)
    else:
        yield from _items(schema, kind.item or kind, value, path)


def _object(schema: Schema, kind: Kind, value: Mapping[str, Any], path: str) -> Iterator[Failure]:
    fields = schema.fields(kind)
    if fields:
        yield from _missing(schema.required_fields(kind), value, path)
        yield from _members(schema, fields, value, path)


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

"""The settings as JSON Schema, and as rows that people read."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """One setting.

    Args:
        path: its place in the document, such as `network.zones`; a name of the user's own is `<name>`.
        default: its default as YAML writes it on one line; `required` when there is none.
        values: what it may be, in words.
        meaning: its description.
    """

    path: str
    default: str
    values: str
    meaning: str


def document(kind: type[BaseModel], title: str) -> dict[str, Any]:
    """Return the JSON Schema of a settings file.

    Args:
        kind: the model of the document.
        title: what the document is.
    """
    return {"$schema": DIALECT, **kind.model_json_schema(), "title": title}


def rows(schema: Schema) -> list[Row]:
    """List all settings of a schema in the order in which they are declared."""
    return list(_members(schema, schema, ""))


def _members(root: Schema, schema: Schema, path: str) -> Iterator[Row]:
    required = set(schema.get("required", ()))
    for name, declared in schema.get("properties", {}).items():
        yield from _setting(root, declared, path + name, required=name in required)


def _setting(root: Schema, declared: Schema, path: str, *, required: bool) -> Iterator[Row]:
    resolved = _resolved(root, declared)
    nested = _nested(root, resolved)
    if nested is None or nested[0] or "anyOf" in declared:
        default = "required" if required else _yaml(declared.get("default"))
        meaning = declared.get("description") or resolved.get("description") or ""
        yield Row(path, default, _values(root, declared), str(meaning))
    if nested is not None:
        yield from _members(root, nested[1], f"{path}{nested[0]}.")


def _nested(root: Schema, schema: Schema) -> tuple[str, Schema] | None:
    """Return the object that a setting holds, and what stands for the user's own name or number in its path."""
    if "properties" in schema:
        return "", schema
    for held, suffix in ((_by_name(schema), ".<name>"), (schema.get("items"), "[]")):
        inner = _resolved(root, held) if isinstance(held, Mapping) else {}
        if "properties" in inner:
            return suffix, inner
    return None


def _by_name(schema: Schema) -> Any:
    """Return what a mapping holds under names of the user's own."""
    return next(iter(schema.get("patternProperties", {}).values()), schema.get("additionalProperties"))


def _resolved(root: Schema, schema: Schema) -> Schema:
    """Follow a reference; of an optional object take the object."""
    if "$ref" in schema:
        found: Schema = root["$defs"][schema["$ref"].rpartition("/")[2]]
        return found
    for key in ("allOf", "anyOf"):
        for option in schema.get(key, ()):
            if option.get("type") != "null":
                inner = _resolved(root, option)
                if _nested(root, inner) is not None:
                    return inner
    return schema


_WORDS = {"string": "text", "integer": "whole number", "number": "number", "boolean": "`true` or `false`"}


def _values(root: Schema, schema: Schema) -> str:
    if "$ref" in schema:
        return _values(root, _resolved(root, schema))
    if "const" in schema or "enum" in schema:
        return ", ".join(f"`{_yaml(value)}`" for value in schema.get("enum", [schema.get("const")]))
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_values(root, option) for option in schema["anyOf"]))
    kind = schema.get("type")
    if kind == "array":
        return f"list of {_values(root, schema.get('items') or {})}"
    if kind == "object":
        return _object_values(root, schema)
    if kind == "null":
        return "nothing"
    return (_WORDS.get(str(kind), "any value") + _range(schema)).strip()


def _object_values(root: Schema, schema: Schema) -> str:
    inner = _by_name(schema)
    if "properties" in schema or not isinstance(inner, Mapping):
        return "settings"
    return f"`name: {_values(root, inner).replace('`', '')}`"


def _range(schema: Schema) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f", {low} to {high}"
    if low is not None:
        return f", at least {low}"
    if high is not None:
        return f", at most {high}"
    if schema.get("format") == "date":
        return ", a day such as `2030-12-31`"
    return f" like `{schema['pattern']}`" if "pattern" in schema else ""


def _yaml(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value)

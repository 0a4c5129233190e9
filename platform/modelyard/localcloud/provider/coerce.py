"""Inputs in the types that AWS wants, where a program gave another that says the same.

Terraform, and so the real provider, takes "30" for a number, "true" for a boolean, and either for a text.
"""

from collections.abc import Callable, Mapping
from typing import Any

from modelyard.localcloud.provider.schema import Kind, Schema

_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


def coerced(schema: Schema, declared: Mapping[str, Kind], props: Mapping[str, Any]) -> dict[str, Any]:
    """Return properties in their declared types; what can't be turned into its type stays for the check to refuse.

    Args:
        schema: where the fields of objects are declared.
        declared: the types of these properties.
        props: the properties; names that are not declared stay as they are.
    """
    return {name: _value(schema, declared.get(name), value) for name, value in props.items()}


def _value(schema: Schema, kind: Kind | None, value: Any) -> Any:
    if kind is None or value is None:
        return value
    if kind.word in _SCALARS:
        return _SCALARS[kind.word](value)
    if isinstance(value, list) and kind.word == "list":
        return [_value(schema, kind.item, item) for item in value]
    if isinstance(value, Mapping) and kind.word == "map":
        return {name: _value(schema, kind.item, item) for name, item in value.items()}
    if isinstance(value, Mapping) and kind.word == "object":
        return coerced(schema, schema.fields(kind), value)
    return value


def text_of(value: Any) -> Any:
    """Return a number or a boolean as the text it is written as; anything else as it is."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(int(value)) if float(value).is_integer() else repr(value)
    return value


def _boolean(value: Any) -> Any:
    return _BOOLEANS.get(value.lower(), value) if isinstance(value, str) else value


def _integer(value: Any) -> Any:
    return _parsed(int, value)


def _number(value: Any) -> Any:
    parsed = _parsed(float, value)
    return int(parsed) if isinstance(parsed, float) and parsed.is_integer() else parsed


def _parsed(parse: Callable[[str], Any], value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return parse(value)
    except ValueError:
        return value


_SCALARS: dict[str, Callable[[Any], Any]] = {
    "string": text_of,
    "boolean": _boolean,
    "integer": _integer,
    "number": _number,
}

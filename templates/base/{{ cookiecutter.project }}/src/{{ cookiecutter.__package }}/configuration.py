"""Reads a TOML file into frozen dataclasses; what is unknown, missing or of another type is refused by name."""

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")


class SettingsError(ValueError):
    """A setting isn't what the code can work with."""


def load(path: Path, kind: type[T]) -> T:
    """Read a file.

    Args:
        path: a TOML file.
        kind: the dataclass that it fills.

    Raises:
        SettingsError: a name is unknown or missing, or a value is of another type.
    """
    return build(kind, tomllib.loads(path.read_text(encoding="utf-8")), path.name)


def build(kind: type[T], values: Mapping[str, Any], where: str) -> T:
    """Fill a dataclass.

    Args:
        kind: the dataclass.
        values: its fields by name; those of a dataclass within it are a mapping.
        where: what an error begins with.

    Raises:
        SettingsError: a name is unknown or missing, or a value is of another type.
    """
    known: Any = kind
    hints = get_type_hints(known)
    unknown = sorted(values.keys() - hints.keys())
    if unknown:
        raise SettingsError(f"{where}: there is no setting {', '.join(unknown)}; there is {', '.join(hints)}")
    needed = {field.name for field in fields(known) if field.default is MISSING and field.default_factory is MISSING}
    if missing := sorted(needed - values.keys()):
        raise SettingsError(f"{where}: {', '.join(missing)} is missing")
    return kind(**{name: _value(hints[name], value, f"{where}: {name}") for name, value in values.items()})


def _value(kind: Any, value: Any, where: str) -> Any:
    if is_dataclass(kind):
        return build(kind, _of(dict, value, where), where)  # type: ignore[arg-type]
    if get_origin(kind) is Literal:
        return _choice(get_args(kind), value, where)
    if get_origin(kind) is tuple:
        return tuple(_value(get_args(kind)[0], item, where) for item in _of(list, value, where))
    if get_origin(kind) is Mapping:
        item = get_args(kind)[1]
        table = _of(dict, value, where)
        return MappingProxyType({name: _value(item, each, f"{where}.{name}") for name, each in table.items()})
    return _of(kind, value, where)


def _choice(choices: tuple[Any, ...], value: Any, where: str) -> Any:
    if value in choices:
        return value
    raise SettingsError(f"{where} is {value!r}, not one of: {', '.join(map(str, choices))}")


def _of(kind: Any, value: Any, where: str) -> Any:
    """Return a value of a plain type; whole numbers are numbers, too, but `true` is none."""
    accepted = (int, float) if kind is float else kind
    if not isinstance(value, accepted) or (isinstance(value, bool) and kind is not bool):
        raise SettingsError(f"{where} is {value!r}, not of type {kind.__name__}")
    return kind(value)

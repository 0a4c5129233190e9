"""Refuses what AWS refuses: types, required members, patterns, lengths, ranges and enumerations of botocore's models.

botocore checks types and required members before it sends; other clients leave all of it to the service, which answers
in these words.
"""

import functools
import re
from collections.abc import Iterator
from typing import Any

from botocore.model import ListShape, MapShape, OperationModel, Shape, StringShape, StructureShape
from moto.core.utils import get_service_model

_NUMBERS = frozenset({"integer", "long", "float", "double"})


def violations(service: str, operation: str, parameters: dict[str, Any]) -> list[str]:
    """Return what is wrong with an operation's parameters, each as AWS words it.

    Args:
        service: botocore's name of the service.
        operation: such as `CreateModel`.
        parameters: the request.
    """
    model: OperationModel = get_service_model(service).operation_model(operation)
    if model.input_shape is None:
        return []
    return list(_check(parameters, model.input_shape, ""))


def mistyped(service: str, operation: str, parameters: Any) -> str:
    """Return what of a JSON request has another type than the operation's model says; nothing if all is well.

    Args:
        service: botocore's name of the service.
        operation: such as `CreateModel`.
        parameters: the request, as its JSON was read.
    """
    model: OperationModel = get_service_model(service).operation_model(operation)
    if model.input_shape is None:
        return ""
    return next(_mistyped(parameters, model.input_shape), "")


def message(problems: list[str]) -> str:
    """Return one line for a ValidationException."""
    noun = "error" if len(problems) == 1 else "errors"
    return f"{len(problems)} validation {noun} detected: " + "; ".join(problems)


_JSON_TYPES: dict[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "blob": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float, str),  # NaN and the infinities are texts
    "double": (int, float, str),
    "timestamp": (int, float, str),
}
_SAID = {dict: "START_OBJECT", list: "START_ARRAY", str: "STRING_VALUE", bool: "TRUE_VALUE", int: "NUMBER_VALUE"}


def _mistyped(value: Any, shape: Shape) -> Iterator[str]:
    if value is None:
        return
    allowed = _JSON_TYPES[shape.type_name]
    # A boolean is an integer to Python, and to nobody else.
    if not isinstance(value, allowed) or (isinstance(value, bool) and bool not in allowed):
        yield f"{_SAID.get(type(value), 'NUMBER_VALUE')} can not be converted to {shape.type_name.title()}"
    else:
        for item, member in _parts(value, shape):
            yield from _mistyped(item, member)


def _parts(value: Any, shape: Shape) -> list[tuple[Any, Shape]]:
    """Return what a structure, list or map is made of, each with its own shape."""
    if isinstance(shape, StructureShape):
        return [(value.get(name), member) for name, member in shape.members.items()]
    if isinstance(shape, ListShape):
        return [(item, shape.member) for item in value]
    return [(item, shape.value) for item in value.values()] if isinstance(shape, MapShape) else []


def _check(value: Any, shape: Shape, path: str) -> Iterator[str]:
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        for name in shape.required_members:
            if value.get(name) is None:
                yield f"Value null at '{_join(path, name)}' failed to satisfy constraint: Member must not be null"
        for name, member in shape.members.items():
            yield from _check(value.get(name), member, _join(path, name))
    elif isinstance(shape, (ListShape, MapShape)) and isinstance(value, (list, dict)):
        yield from _size(value, len(value), shape, path)
        yield from _items(value, shape, path)
    elif isinstance(shape, StringShape) and isinstance(value, str):
        yield from _string(value, shape, path)
    elif shape.type_name in _NUMBERS and isinstance(value, (int, float)):
        yield from _number(value, shape, path)


def _items(value: list[Any] | dict[str, Any], shape: ListShape | MapShape, path: str) -> Iterator[str]:
    if isinstance(shape, ListShape):
        for index, item in enumerate(value, 1):
            yield from _check(item, shape.member, f"{path}.{index}.member")
    elif isinstance(value, dict):
        for item in value.values():
            yield from _check(item, shape.value, path)


def _string(value: str, shape: StringShape, path: str) -> Iterator[str]:
    pattern = _pattern(shape.metadata.get("pattern", ""))
    if pattern and not pattern.fullmatch(value):
        yield _fault(value, path, f"satisfy regular expression pattern: {shape.metadata['pattern']}")
    if shape.enum and value not in shape.enum:
        yield _fault(value, path, f"satisfy enum value set: [{', '.join(shape.enum)}]")
    yield from _size(value, len(value), shape, path)


def _size(value: Any, size: int, shape: Shape, path: str) -> Iterator[str]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if high is not None and size > high:
        yield _fault(value, path, f"have length less than or equal to {high}")
    if low is not None and size < low:
        yield _fault(value, path, f"have length greater than or equal to {low}")


def _number(value: float, shape: Shape, path: str) -> Iterator[str]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if high is not None and value > high:
        yield _fault(value, path, f"have value less than or equal to {high}")
    if low is not None and value < low:
        yield _fault(value, path, f"have value greater than or equal to {low}")


def _fault(value: Any, path: str, constraint: str) -> str:
    return f"Value '{value}' at '{path}' failed to satisfy constraint: Member must {constraint}"


def _join(path: str, name: str) -> str:
    member = name[:1].lower() + name[1:]
    return f"{path}.{member}" if path else member


@functools.cache
def _pattern(text: str) -> re.Pattern[str] | None:
    """Return a pattern of the model; None for one that Python can't read, such as one of Unicode categories."""
    if not text:
        return None
    try:
        return re.compile(text)
    except re.error:
        return None

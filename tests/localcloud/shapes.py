"""Holds what the local cloud answers to botocore's model: names, types, required members and enumerations."""

from collections.abc import Iterator
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

_TYPES: dict[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float),
}


def faults(value: Any, shape: Shape, path: str = "") -> Iterator[str]:
    """Yield what is wrong with an answer as it came over the wire."""
    kinds = _TYPES[shape.type_name]
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        yield f"{path}: {value!r} is no {shape.type_name}"
        return
    if isinstance(shape, StructureShape):
        yield from (f"{path}: there is no {name}" for name in shape.required_members if value.get(name) is None)
        yield from (f"{path}: {name} is not in the model" for name in value if name not in shape.members)
    elif isinstance(shape, StringShape) and shape.enum and value not in shape.enum:
        yield f"{path}: {value!r} is none of {shape.enum}"
    for name, item, member in _parts(value, shape):
        yield from faults(item, member, f"{path}{name}")


def _parts(value: Any, shape: Shape) -> list[tuple[str, Any, Shape]]:
    if isinstance(shape, StructureShape):
        return [(f".{name}", value[name], it) for name, it in shape.members.items() if value.get(name) is not None]
    if isinstance(shape, ListShape):
        return [(f"[{place}]", item, shape.member) for place, item in enumerate(value)]
    return [(f".{key}", item, shape.value) for key, item in value.items()] if isinstance(shape, MapShape) else []

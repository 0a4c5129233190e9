"""Values as Pulumi's protocol carries them, and as Python holds them.

The protocol sends property maps as `google.protobuf.Struct`; what JSON has no word for travels as an object with a
signature key. Source: `sdk/proto/go` and `resource.SigKey` of Pulumi, and `pulumi.runtime.rpc` of its Python SDK.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf import struct_pb2

SIGNATURE_KEY = "4dabf18193072939515e22adb298388d"
SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - a protocol constant
OUTPUT_SIGNATURE = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
ASSET_SIGNATURE = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE_SIGNATURE = "0def7320c3a5731c473e5ecbe6d01bc7"
RESOURCE_SIGNATURE = "5cf8f73096256a8f31e491e813e4eb8e"
UNKNOWN_STRING = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
# The engine's words for an unknown value of each JSON type; a provider may send any of them.
UNKNOWN_STRINGS = frozenset(
    {
        UNKNOWN_STRING,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
    }
)

Props = dict[str, Any]


class Unknown:
    """A value that is known only after the deployment; there is one, `UNKNOWN`."""

    def __repr__(self) -> str:
        """Read as Pulumi prints it."""
        return "<computed>"

    def __deepcopy__(self, memo: dict[int, Any]) -> "Unknown":
        """Stay the one."""
        return self


UNKNOWN = Unknown()


@dataclass(frozen=True)
class Secret:
    """A value that is encrypted in state and masked in output."""

    value: Any

    def __repr__(self) -> str:
        """Never show the value."""
        return "[secret]"


LEAVES = frozenset({str, int, float, bool, type(None), Unknown})  # what has no parts, by far the most there is
_MAPS = (dict, Mapping)  # most are a dict, which is quicker to tell


def from_struct(struct: struct_pb2.Struct) -> Props:
    """Read a property map off the wire; `Output` objects become their value, their secret or `UNKNOWN`."""
    return {key: from_value(value) for key, value in struct.fields.items()}


def from_value(value: struct_pb2.Value) -> Any:
    """Read one wire value; a number without a fraction becomes an int."""
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return _from_object(from_struct(value.struct_value))
    if kind == "list_value":
        return [from_value(item) for item in value.list_value.values]
    if kind == "number_value":
        number = value.number_value
        return int(number) if math.isfinite(number) and number == int(number) else number
    if kind == "string_value":
        return UNKNOWN if value.string_value in UNKNOWN_STRINGS else value.string_value
    return value.bool_value if kind == "bool_value" else None


def _from_object(props: Props) -> Any:
    signature = props.get(SIGNATURE_KEY)
    if signature == SECRET_SIGNATURE:
        return Secret(props.get("value"))
    if signature == OUTPUT_SIGNATURE:
        inner = props.get("value", UNKNOWN)
        return Secret(inner) if props.get("secret") else inner
    return props


def to_struct(props: Mapping[str, Any]) -> struct_pb2.Struct:
    """Write a property map to the wire, secrets and unknowns included.

    Raises:
        TypeError: a value has no form on the wire.
    """
    return struct_pb2.Struct(fields={key: to_value(value) for key, value in props.items()})


def to_value(value: Any) -> struct_pb2.Value:
    """Write one value to the wire.

    Raises:
        TypeError: the value has no form on the wire.
    """
    if isinstance(value, str):
        return struct_pb2.Value(string_value=value)
    if value is None:
        return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
    if isinstance(value, bool):
        return struct_pb2.Value(bool_value=value)
    if isinstance(value, int | float):
        return struct_pb2.Value(number_value=value)
    return _to_compound(value)


def _to_compound(value: Any) -> struct_pb2.Value:
    if isinstance(value, Unknown):
        return struct_pb2.Value(string_value=UNKNOWN_STRING)
    if isinstance(value, Secret):
        return to_value({SIGNATURE_KEY: SECRET_SIGNATURE, "value": value.value})
    if isinstance(value, _MAPS):
        return struct_pb2.Value(struct_value=to_struct(value))
    if isinstance(value, list | tuple):
        return struct_pb2.Value(list_value=struct_pb2.ListValue(values=[to_value(item) for item in value]))
    raise TypeError(f"{type(value).__name__} has no form on Pulumi's wire")


def walk(value: Any, change: Callable[[Any], Any]) -> Any:
    """Rebuild a value bottom-up, passing each part through `change`; secrets keep their wrapper."""
    if type(value) in LEAVES:
        return change(value)
    if isinstance(value, Secret):
        return change(Secret(walk(value.value, change)))
    if isinstance(value, _MAPS):
        return change({key: walk(item, change) for key, item in value.items()})
    if isinstance(value, list | tuple):
        return change([walk(item, change) for item in value])
    return change(value)


def reveal(value: Any) -> Any:
    """Drop the secret wrappers, for a caller that has to use the values."""
    if type(value) in LEAVES:
        return value
    if isinstance(value, Secret):
        return reveal(value.value)
    if isinstance(value, _MAPS):
        return {key: reveal(item) for key, item in value.items()}
    return [reveal(item) for item in value] if isinstance(value, list | tuple) else value


def walk_signed(value: Any, change: Callable[[Props], Any]) -> Any:
    """Rebuild a value, passing each object with a signature (an asset, a reference) through `change`, bottom-up."""
    if type(value) in LEAVES:
        return value
    if isinstance(value, Secret):
        return Secret(walk_signed(value.value, change))
    if isinstance(value, _MAPS):
        props = {key: walk_signed(item, change) for key, item in value.items()}
        return change(props) if SIGNATURE_KEY in props else props
    return [walk_signed(item, change) for item in value] if isinstance(value, list | tuple) else value


def mask(value: Any) -> Any:
    """Replace every secret by `[secret]` and every unknown by `<computed>`, for a caller that shows the values."""
    return walk(value, lambda part: repr(part) if isinstance(part, Secret | Unknown) else part)


def keep_secrets(known: Any, value: Any) -> Any:
    """Make secret again, wherever the known value held a secret, what came back plain from a provider.

    Objects are gone through key by key; a list that held a secret and has none now is secret as a whole, for it may
    have been put in another order. Source: `annotateSecrets` of Pulumi's engine.
    """
    if isinstance(value, Secret):
        return value
    if isinstance(known, Mapping) and isinstance(value, Mapping):
        return {key: keep_secrets(known.get(key), item) for key, item in value.items()}
    return Secret(value) if has_secret(known) and not has_secret(value) else value


def has_unknown(value: Any) -> bool:
    """Tell whether any part is not known yet."""
    return contains(value, Unknown)


def has_secret(value: Any) -> bool:
    """Tell whether any part is a secret."""
    return contains(value, Secret)


def contains(value: Any, kind: type) -> bool:
    """Tell whether any part is of a kind."""
    if isinstance(value, kind):
        return True
    return type(value) not in LEAVES and any(contains(part, kind) for part in _parts(value))


def _parts(value: Any) -> Iterable[Any]:
    if isinstance(value, Secret):
        return (value.value,)
    if isinstance(value, _MAPS):
        return value.values()
    return value if isinstance(value, list | tuple) else ()

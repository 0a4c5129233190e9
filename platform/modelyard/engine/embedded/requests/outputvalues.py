"""Output values on the wire: a value together with whether it is known, secret, and which resources it came from.

Source: `plugin.MarshalOptions.UpgradeToOutputValues` and `upgradeOutputValues` of Pulumi's engine.
"""

from collections.abc import Iterable, Mapping

from google.protobuf import struct_pb2

from modelyard import wire


def upgrade(props: struct_pb2.Struct, dependencies: Mapping[str, Iterable[str]]) -> struct_pb2.Struct:
    """Turn secrets and unknowns into output values, and give each property the resources it depends on."""
    upgraded = struct_pb2.Struct()
    for key, value in props.fields.items():
        changed = _upgraded(value)
        missing = set(dependencies.get(key, ())) - urns(changed)
        upgraded.fields[key].CopyFrom(_depending(changed, missing) if missing else changed)
    return upgraded


def urns(value: struct_pb2.Value) -> set[str]:
    """Return the resources that any part of a value came from."""
    kind = value.WhichOneof("kind")
    if kind == "list_value":
        return {urn for item in value.list_value.values for urn in urns(item)}
    if kind != "struct_value":
        return set()
    found = {urn for item in value.struct_value.fields.values() for urn in urns(item)}
    return found | _own(value)


def _upgraded(value: struct_pb2.Value) -> struct_pb2.Value:
    kind = value.WhichOneof("kind")
    if kind == "string_value" and value.string_value in wire.UNKNOWN_STRINGS:
        return _output(None)
    if kind == "list_value":
        return struct_pb2.Value(
            list_value=struct_pb2.ListValue(values=[_upgraded(item) for item in value.list_value.values])
        )
    if kind != "struct_value" or _signature(value) == wire.OUTPUT_SIGNATURE:
        return value
    if _signature(value) == wire.SECRET_SIGNATURE:
        return _secret(_upgraded(value.struct_value.fields["value"]))
    fields = {key: _upgraded(item) for key, item in value.struct_value.fields.items()}
    return struct_pb2.Value(struct_value=struct_pb2.Struct(fields=fields))


def _secret(inner: struct_pb2.Value) -> struct_pb2.Value:
    secret = inner if _signature(inner) == wire.OUTPUT_SIGNATURE else _output(inner)
    secret.struct_value.fields["secret"].bool_value = True
    return secret


def _depending(value: struct_pb2.Value, missing: set[str]) -> struct_pb2.Value:
    output = struct_pb2.Value()
    output.CopyFrom(value if _signature(value) == wire.OUTPUT_SIGNATURE else _output(value))
    values = [struct_pb2.Value(string_value=urn) for urn in sorted(_own(output) | missing)]
    output.struct_value.fields["dependencies"].list_value.CopyFrom(struct_pb2.ListValue(values=values))
    return output


def _own(value: struct_pb2.Value) -> set[str]:
    fields = value.struct_value.fields
    if _signature(value) != wire.OUTPUT_SIGNATURE or "dependencies" not in fields:
        return set()
    return {item.string_value for item in fields["dependencies"].list_value.values}


def _output(inner: struct_pb2.Value | None) -> struct_pb2.Value:
    """Make an output value; without a value it is unknown."""
    output = struct_pb2.Value()
    output.struct_value.fields[wire.SIGNATURE_KEY].string_value = wire.OUTPUT_SIGNATURE
    if inner is not None:
        output.struct_value.fields["value"].CopyFrom(inner)
    return output


def _signature(value: struct_pb2.Value) -> str:
    fields = value.struct_value.fields
    return fields[wire.SIGNATURE_KEY].string_value if wire.SIGNATURE_KEY in fields else ""

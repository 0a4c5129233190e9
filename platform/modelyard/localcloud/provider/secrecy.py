"""Keeping secret what came in secret, in the same way as Pulumi's engine does for providers that can't.

Source: `annotateSecrets` of `provider_plugin.go`: maps are taken key by key, any other value with a secret in it is
secret as a whole. What is made of a secret, as `tagsAll` is of `tags`, is secret too.
"""

from collections.abc import Mapping
from typing import Any

from google.protobuf import struct_pb2

from modelyard.wire import (
    RESOURCE_SIGNATURE,
    SIGNATURE_KEY,
    UNKNOWN,
    Props,
    Secret,
    from_struct,
    has_secret,
    reveal,
    to_struct,
    walk_signed,
)


def opened(struct: struct_pb2.Struct) -> tuple[Props, Props]:
    """Read a property map without its secrets' wrappers, and as it came; a resource stands for its identifier."""
    props: Props = {name: walk_signed(value, _identified) for name, value in from_struct(struct).items()}
    if has_secret(props):
        return reveal(props), props
    return props, {}


def closed(props: Mapping[str, Any], came: Props) -> struct_pb2.Struct:
    """Write a property map in which is secret what was secret in the one that came."""
    return to_struct(sealed(props, came))


def sealed(props: Mapping[str, Any], came: Props) -> Props:
    """Wrap what was secret in the property map that came."""
    if not came:
        return dict(props)
    tags = {"tagsAll": came["tags"]} if "tags" in came else {}
    return _sealed(props, {**came, **tags})


def _sealed(props: Mapping[str, Any], came: Mapping[str, Any]) -> Props:
    return {name: _like(value, came.get(name)) for name, value in props.items()}


def _like(value: Any, came: Any) -> Any:
    if isinstance(value, Mapping) and isinstance(came, Mapping):
        return _sealed(value, came)
    return Secret(value) if has_secret(came) and not isinstance(value, Secret) else value


def _identified(props: Props) -> Any:
    return props if props[SIGNATURE_KEY] != RESOURCE_SIGNATURE else props.get("id") or UNKNOWN

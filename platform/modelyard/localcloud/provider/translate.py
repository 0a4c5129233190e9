"""Between the names of `pulumi_aws` and those of AWS.

Nearly nine in ten are the same word in another case, some differ by a plural; a type's `names` table holds the rest.
Requests follow botocore's shapes (they know AWS's spelling), answers follow the declared properties (they know
Pulumi's).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from modelyard.localcloud.provider.schema import Kind, Schema
from modelyard.wire import Props

Names = Mapping[str, str]


def request(client: Any, operation: str, props: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """Build the parameters of an operation out of properties.

    Args:
        client: the boto3 client.
        operation: a method's name, such as `create_model`.
        props: checked inputs.
        names: AWS's name of a property where the rule does not find it, for the outermost level only.
    """
    name = client.meta.method_to_api_mapping[operation]
    parameters: dict[str, Any] = to_shape(client.meta.service_model.operation_model(name).input_shape, props, names)
    return parameters


def to_shape(shape: Any, value: Any, names: Names) -> Any:
    """Rewrite a value in the spelling of a botocore shape; what the shape lacks is left out."""
    if shape.type_name == "structure":
        props = value[0] if isinstance(value, list) and value else value
        return _structure(shape, props, names) if isinstance(props, Mapping) else {}
    if shape.type_name == "list":
        if isinstance(value, Mapping) and len(pair := _members(shape.member)) == 2:
            return [dict(zip(pair, item, strict=True)) for item in value.items()]
        items = value if isinstance(value, list) else [value]
        return [to_shape(shape.member, item, names) for item in items]
    return value


def _members(shape: Any) -> list[str]:
    return list(shape.members) if shape.type_name == "structure" else []


def _structure(shape: Any, props: Mapping[str, Any], names: Names) -> dict[str, Any]:
    own_names = {aws: name for name, aws in names.items()}
    by_word = {name.lower(): name for name in props if name not in names}
    result = {}
    for member, member_shape in shape.members.items():
        name = own_names.get(member) or _match(member, by_word)
        if name is not None and props.get(name) is not None:
            result[member] = to_shape(member_shape, props[name], {})
    return result


def properties(schema: Schema, answer: Mapping[str, Any], names: Names) -> Props:
    """Read the declared properties out of an AWS answer; what is not declared is left out.

    Args:
        schema: the declared properties.
        answer: a structure as boto3 returns it.
        names: AWS's name of a property where the rule does not find it, for the outermost level only.
    """
    return _fields(schema, {**schema.outputs, **schema.inputs}, answer, names)


def _fields(schema: Schema, declared: Mapping[str, Kind], answer: Mapping[str, Any], names: Names) -> Props:
    own_names = {aws: name for name, aws in names.items() if name in declared}
    by_word = {name.lower(): name for name in declared if name not in names}
    result: Props = {}
    for member, value in answer.items():
        name = own_names.get(member) or _match(member, by_word)
        if name is not None and value is not None:
            result[name] = _from_aws(schema, declared[name], value)
    return result


def _from_aws(schema: Schema, kind: Kind | None, value: Any) -> Any:
    if kind is not None and kind.word == "list":
        items = value if isinstance(value, list) else [value]
        return [_from_aws(schema, kind.item, item) for item in items]
    if kind is not None and kind.word == "object" and isinstance(value, Mapping):
        return _fields(schema, schema.fields(kind), value, {})
    if kind is not None and kind.word == "map" and isinstance(value, list):
        return {str(name): text for name, text in (item.values() for item in value)}
    return scalar(value)


def scalar(value: Any) -> Any:
    """Give a single value the form it has on Pulumi's wire: a time as RFC 3339, a whole number as an int."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _match(member: str, by_word: Mapping[str, str]) -> str | None:
    word = member.lower()
    return next((by_word[form] for form in _forms(word) if form in by_word), None)


def _forms(word: str) -> Iterable[str]:
    yield word
    yield f"{word}s"
    yield word.removesuffix("s")
    yield word.removesuffix("forupdate")

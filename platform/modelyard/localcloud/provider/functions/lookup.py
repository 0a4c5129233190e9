"""Finding what a function asks for: through the resource types that read the same things."""

from collections.abc import Iterable
from typing import Any

from modelyard.localcloud.provider.errors import ProviderError
from modelyard.localcloud.provider.registry import resource_type
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props


def described(aws: Session, token: str, resource_id: str) -> Props:
    """Return all that is known of a resource, its tags with AWS's own left out.

    Args:
        aws: access to the cloud.
        token: the resource's type.
        resource_id: its identifier.

    Raises:
        ProviderError: there is none.
    """
    resource = resource_type(token)
    found = resource.read(aws, resource_id, {})
    if found is None:
        raise ProviderError(f"there is no {token} {resource_id}", hint="check its name, account and region")
    if resource.taggable and resource.tagging is not None:
        found["tags"] = resource.tagging.read(aws, {**found, "id": resource_id}[resource.tag_target])
    return {**found, "id": resource_id, "region": aws.region}


def picked(props: Props, names: Iterable[str]) -> Props:
    """Return the named properties, those that are not known left out."""
    return {name: props[name] for name in names if name in props}


def filters(args: Props, **named: str) -> list[dict[str, Any]]:
    """Return EC2's filters for a function's arguments.

    Args:
        args: the arguments; `filters` and `tags` are read as they are.
        named: EC2's name of a filter, by that of the argument.
    """
    result = [{"Name": item["name"], "Values": item["values"]} for item in args.get("filters") or []]
    result += [{"Name": f"tag:{key}", "Values": [value]} for key, value in (args.get("tags") or {}).items()]
    for argument, name in named.items():
        value = args.get(argument)
        if value is not None and value != "":
            result.append({"Name": name, "Values": [str(value).lower() if isinstance(value, bool) else str(value)]})
    return result


def asked_for(args: Props, name: str) -> list[str]:
    """Return the values that a filter names, each once and in order.

    Args:
        args: the function's arguments.
        name: EC2's name of the filter.
    """
    return sorted({value for item in args.get("filters") or [] if item["name"] == name for value in item["values"]})


def only(found: list[Any], what: str) -> Any:
    """Return the one thing that was found.

    Raises:
        ProviderError: there is none, or more than one.
    """
    if not found:
        raise ProviderError(f"no matching {what} found", hint="check its name, account and region")
    if len(found) > 1:
        raise ProviderError(f"multiple {what}s matched", hint="use additional constraints to reduce matches to one")
    return found[0]

"""What the provider adds to the inputs of a program: names, defaults and tags, as the real one does."""

import hashlib
import json
import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from modelyard.localcloud.provider.check import DEFAULTS_KEY
from modelyard.localcloud.provider.errors import ProviderError
from modelyard.localcloud.provider.resource import ResourceType
from modelyard.wire import UNKNOWN, Props, Unknown


class NameRefusedError(ProviderError):
    """There is no automatic name for a resource."""


@dataclass(frozen=True)
class Autonaming:
    """What the engine asks of automatic names; source: `CheckRequest.AutonamingOptions` of Pulumi's protocol.

    Args:
        mode: whether the name is proposed (the provider still shapes and checks it), enforced, or names are off.
        name: the name that is proposed or enforced.
    """

    mode: Literal["propose", "enforce", "disable"]
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """The resource whose inputs are filled in.

    Args:
        urn: its URN.
        name: its name in the program.
        seed: bytes that make an automatic name unique; empty for a digest of the URN.
        default_tags: the provider's tags for all resources.
        autonaming: what the engine asks of automatic names, if anything.
    """

    urn: str
    name: str
    seed: bytes = b""
    default_tags: Mapping[str, str]
    autonaming: Autonaming | None = None


def filled(resource: ResourceType, subject: Subject, olds: Props, given: Props) -> Props:
    """Fill in names, defaults and tags.

    Args:
        resource: the type.
        subject: the resource.
        olds: the checked inputs of before, none for a new resource; their automatic name is kept.
        given: the inputs as the program gave them, in their declared types and without nulls.

    Raises:
        NameRefusedError: it has no name and can't be given one.
    """
    given = {name: value for name, value in given.items() if name not in (DEFAULTS_KEY, "tagsAll")}
    inputs = {name: _as_text(value) if name in resource.json_properties else value for name, value in given.items()}
    for name, value in resource.defaults.items():
        inputs.setdefault(name, value)
    for name, value in resource.normalize(inputs, subject.name).items():
        inputs.setdefault(name, value)
    if _needs_name(resource, inputs):
        inputs[str(resource.name_property)] = _name(resource, subject, olds, inputs)
    inputs[DEFAULTS_KEY] = sorted(inputs.keys() - given.keys())
    if resource.taggable:
        inputs["tagsAll"] = _all_tags(subject.default_tags, inputs.get("tags"))
    return inputs


def _as_text(value: Any) -> Any:
    return json.dumps(value, separators=(",", ":")) if isinstance(value, dict | list) and _is_known(value) else value


def _is_known(value: Any) -> bool:
    try:
        json.dumps(value)
    except TypeError:
        return False
    return True


def _needs_name(resource: ResourceType, inputs: Props) -> bool:
    name = resource.name_property
    return name is not None and name not in inputs and name not in resource.schema.required


def _name(resource: ResourceType, subject: Subject, olds: Props, inputs: Props) -> Any:
    name = str(resource.name_property)
    if name in olds.get(DEFAULTS_KEY, ()) and name in olds and olds.get(f"{name}Prefix") == inputs.get(f"{name}Prefix"):
        return olds[name]
    prefix = inputs.get(f"{name}Prefix")
    if isinstance(prefix, Unknown):
        return UNKNOWN
    return f"{prefix}{_suffix(resource, subject)}" if prefix else automatic_name(resource, subject, inputs)


def automatic_name(resource: ResourceType, subject: Subject, inputs: Props) -> str:
    """Return the physical name of a resource that was not given one.

    Source of the rules: `ComputeAutoNameDefault` of pulumi-terraform-bridge.

    Raises:
        NameRefusedError: it would be too long or have a character that AWS refuses, or automatic names are off.
    """
    asked = subject.autonaming
    if asked is not None and asked.mode == "disable":
        raise NameRefusedError("automatic naming is off; give the resource a name")
    if asked is not None and asked.mode == "enforce":
        return asked.name
    if asked is not None:
        name = _proposed(resource, asked.name)
    else:
        head = f"{subject.name}{resource.name_separator}"
        name = (head.lower() if resource.lower_case_name else head) + _suffix(resource, subject)
    if len(name) > resource.name_limit:
        raise NameRefusedError(
            f"the automatic name {name!r} is longer than {resource.name_limit} characters; "
            "give the resource a name, or a shorter one in the program"
        )
    return resource.finish_name(name, inputs)


def _proposed(resource: ResourceType, proposed: str) -> str:
    name = proposed.lower() if resource.lower_case_name else proposed
    letters = resource.name_alphabet
    if letters == string.hexdigits[:16]:
        return name
    for separator in "-_":
        name = name.replace(separator, resource.name_separator)
    wrong = sorted(set(name) - set(letters) - {resource.name_separator})
    if wrong:
        raise NameRefusedError(f"the automatic name {name!r} has {wrong[0]!r}, which this type's names can't have")
    return name


def _suffix(resource: ResourceType, subject: Subject) -> str:
    letters, count = resource.name_alphabet, resource.name_random
    if letters == string.hexdigits[:16]:
        return (subject.seed.hex() or hashlib.sha256(subject.urn.encode()).hexdigest())[:count]
    digest = hashlib.sha256(subject.seed or subject.urn.encode()).digest()
    return "".join(letters[byte % len(letters)] for byte in digest[:count])


def _all_tags(default_tags: Mapping[str, str], tags: Any) -> Any:
    return UNKNOWN if isinstance(tags, Unknown) else {**default_tags, **(tags or {})}

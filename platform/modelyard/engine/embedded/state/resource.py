"""One resource as the state holds it: Pulumi's `apitype.ResourceV3`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from modelyard import wire

ROOT_TYPE = "pulumi:pulumi:Stack"
PROVIDER_PREFIX = "pulumi:providers:"
STACK_REFERENCE_TYPE = "pulumi:pulumi:StackReference"


class Crypter(Protocol):
    """Turns a secret's JSON text into text that is safe to store, and back."""

    def encrypt(self, plaintext: str) -> str:
        """Encrypt."""

    def decrypt(self, ciphertext: str) -> str:
        """Decrypt; a wrong key is an error."""


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource; names and meanings are those of Pulumi's deployment JSON; `extra` holds those of no use here."""

    urn: str
    type: str
    custom: bool
    id: str = ""
    inputs: wire.Props = field(default_factory=dict)
    outputs: wire.Props = field(default_factory=dict)
    parent: str = ""
    provider: str = ""
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    protect: bool = False
    external: bool = False
    delete: bool = False
    pending_replacement: bool = False
    retain_on_delete: bool = False
    deleted_with: str = ""
    init_errors: tuple[str, ...] = ()
    additional_secret_outputs: tuple[str, ...] = ()
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    custom_timeouts: Mapping[str, Any] = field(default_factory=dict)
    import_id: str = ""
    replace_with: tuple[str, ...] = ()
    replacement_trigger: Any = None
    resource_hooks: Mapping[str, Any] = field(default_factory=dict)
    hide_diff: tuple[Any, ...] = ()
    taint: bool = False
    refresh_before_update: bool = False
    created: str = ""
    modified: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Return the name that the program gave it."""
        return urn_name(self.urn)

    @property
    def is_provider(self) -> bool:
        """Tell whether it is a provider resource."""
        return self.type.startswith(PROVIDER_PREFIX)

    @property
    def provider_urn(self) -> str:
        """Return the URN of the provider that manages it, if any."""
        return split_provider(self.provider)[0]

    def needs(self) -> set[str]:
        """Return the URNs that have to exist as long as this resource does."""
        wanted = {self.parent, self.provider_urn, self.deleted_with, *self.dependencies, *self.replace_with}
        for urns in self.property_dependencies.values():
            wanted.update(urns)
        return wanted - {"", self.urn}


_NAMES = {
    "property_dependencies": "propertyDependencies",
    "pending_replacement": "pendingReplacement",
    "retain_on_delete": "retainOnDelete",
    "deleted_with": "deletedWith",
    "init_errors": "initErrors",
    "additional_secret_outputs": "additionalSecretOutputs",
    "ignore_changes": "ignoreChanges",
    "replace_on_changes": "replaceOnChanges",
    "custom_timeouts": "customTimeouts",
    "import_id": "importID",
    "replace_with": "replaceWith",
    "replacement_trigger": "replacementTrigger",
    "resource_hooks": "resourceHooks",
    "hide_diff": "hideDiff",
    "refresh_before_update": "refreshBeforeUpdate",
}
_ALWAYS = ("urn", "custom", "type")
_TUPLES = (
    "dependencies",
    "init_errors",
    "additional_secret_outputs",
    "ignore_changes",
    "replace_on_changes",
    "replace_with",
    "hide_diff",
)
_SECRETIVE = ("inputs", "outputs", "replacement_trigger")
_KNOWN = {_NAMES.get(key, key) for key in Resource.__dataclass_fields__}


def to_json(resource: Resource, crypter: Crypter) -> dict[str, Any]:
    """Write a resource as deployment JSON; empty fields are left out, secrets encrypted."""
    document: dict[str, Any] = {}
    for key, value in resource.__dict__.items():
        if value or key in _ALWAYS or (key == "replacement_trigger" and value is not None):
            document[_NAMES.get(key, key)] = list(value) if isinstance(value, tuple) else value
    for key in _SECRETIVE:
        if (name := _NAMES.get(key, key)) in document:
            document[name] = encrypt(document[name], crypter)
    extra = document.pop("extra", {})
    return {**document, **extra}


def from_json(document: Mapping[str, Any], crypter: Crypter) -> Resource:
    """Read a resource from deployment JSON.

    Raises:
        KeyError: a field that must be there isn't.
    """
    fields: dict[str, Any] = {}
    for key in Resource.__dataclass_fields__:
        name = _NAMES.get(key, key)
        if name in document:
            fields[key] = document[name]
    for key in _TUPLES:
        fields[key] = tuple(fields.get(key) or ())
    dependencies = fields.get("property_dependencies") or {}
    fields["property_dependencies"] = {key: tuple(urns or ()) for key, urns in dependencies.items()}
    for key in ("inputs", "outputs"):
        fields[key] = decrypt(fields.get(key) or {}, crypter)
    fields["replacement_trigger"] = decrypt(fields.get("replacement_trigger"), crypter)
    for key in _ALWAYS:
        fields[key] = document[key]
    fields["extra"] = {key: value for key, value in document.items() if key not in _KNOWN}
    return Resource(**fields)


def encrypt(value: Any, crypter: Crypter) -> Any:
    """Replace each secret by its signed object with a ciphertext of its JSON."""
    if type(value) in wire.LEAVES:
        return wire.UNKNOWN_STRING if value is wire.UNKNOWN else value
    if isinstance(value, wire.Secret):
        plaintext = json.dumps(wire.reveal(value.value), separators=(",", ":"))
        return {wire.SIGNATURE_KEY: wire.SECRET_SIGNATURE, "ciphertext": crypter.encrypt(plaintext)}
    if isinstance(value, Mapping):
        return {key: encrypt(item, crypter) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [encrypt(item, crypter) for item in value]
    return value


def decrypt(value: Any, crypter: Crypter) -> Any:
    """Replace each signed object with a ciphertext by a secret."""
    if isinstance(value, str):
        return wire.UNKNOWN if value == wire.UNKNOWN_STRING else value
    if isinstance(value, dict):
        if value.get(wire.SIGNATURE_KEY) == wire.SECRET_SIGNATURE:
            return wire.Secret(json.loads(_plaintext(value, crypter)))
        return {key: decrypt(item, crypter) for key, item in value.items()}
    if isinstance(value, list):
        return [decrypt(item, crypter) for item in value]
    return value


def _plaintext(value: Mapping[str, Any], crypter: Crypter) -> str:
    if "ciphertext" in value:
        return crypter.decrypt(value["ciphertext"])
    return str(value["plaintext"])  # in a state that was exported with its secrets


def make_urn(stack: str, project: str, parent: str, type_: str, name: str) -> str:
    """Compose a URN: `urn:pulumi:<stack>::<project>::<qualified type>::<name>`."""
    parent_type = "" if not parent else urn_type(parent, qualified=True)
    qualified = type_ if parent_type in ("", ROOT_TYPE) else f"{parent_type}${type_}"
    return f"urn:pulumi:{stack}::{project}::{qualified}::{name}"


def urn_name(urn: str) -> str:
    """Return the name at a URN's end."""
    return urn.split("::", 3)[3]


def urn_type(urn: str, *, qualified: bool = False) -> str:
    """Return a URN's type, or its whole chain of types joined by `$`."""
    chain = urn.split("::", 3)[2]
    return chain if qualified else chain.rsplit("$", 1)[-1]


def split_provider(reference: str) -> tuple[str, str]:
    """Split a provider reference, `urn::id`, into its URN and its id."""
    urn, separator, provider_id = reference.rpartition("::")
    return (urn, provider_id) if separator else ("", "")

"""Every setting of an environment, another value for it, and the components that a change of it may touch."""

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel

from modelyard.settings.environment import EnvironmentSettings

# Settings that say how modelyard works, and not what it makes.
UNPLANNED = {"cloud_port", "policy.exemptions", "policy.required_tags"}


@dataclass(frozen=True)
class Change:
    """Another value for a setting.

    Args:
        values: of these, the first that is not the one that the environment has.
        touches: the names of the components of which something may change.
        along: other settings that have to go with it.
    """

    values: tuple[Any, ...]
    touches: tuple[str, ...]
    along: Mapping[str, Any]

    def value(self, current: Any) -> Any:
        """Return a value that is not the current one."""
        return next(it for it in self.values if it != current)


def to(*values: Any, touches: str, **along: Any) -> Change:
    """Describe a change; settings that go along have `__` for a dot."""
    return Change(values, tuple(touches.split()), {key.replace("__", "."): value for key, value in along.items()})


CHANGES = {
    "network.zones": to(2, 3, touches="network workspace"),
    "keys.deletion_window_days": to(20, touches="keys"),
    "keys.rotation_period_days": to(180, touches="keys"),
    "artifact_storage.noncurrent_version_days": to(60, touches="storage"),
    "artifact_storage.infrequent_access_days": to(45, touches="storage"),
    "artifact_storage.access_log_days": to(100, touches="storage"),
    "image_registry.untagged_image_days": to(3, touches="registry"),
    "image_registry.kept_images": to(7, touches="registry"),
    "identity.max_session_hours": to(2, touches="identity"),
    "monitoring.log_retention_days": to(90, touches="monitoring"),
    "cost.monthly_limit_usd": to(333, touches="cost"),
    "cost.alert_percent": to(55, touches="cost"),
}


def leaves(model: type[BaseModel] = EnvironmentSettings, prefix: str = "") -> Iterator[str]:
    """Return the dotted names of all settings; one that is a section or nothing counts as one setting."""
    for name, info in model.model_fields.items():
        kind = info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from leaves(kind, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def is_optional(kind: Any) -> bool:
    """Tell whether a setting may be none."""
    return get_origin(kind) in (Union, types.UnionType) and type(None) in get_args(kind)


def current(settings: BaseModel, path: str) -> Any:
    """Return the value that a setting has."""
    value: Any = settings
    for part in path.split("."):
        value = getattr(value, part)
    return value.model_dump(mode="json") if isinstance(value, BaseModel) else value


def changed(document: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Return settings with another value in one place."""
    head, _, rest = path.partition(".")
    inner = document.get(head) or {}
    return {**document, head: changed(inner, rest, value) if rest else value}

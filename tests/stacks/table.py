"""Every setting of an environment, another value for it, and the components that a change of it may touch."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from modelyard.settings.environment import EnvironmentSettings

# Settings that make nothing: they say how modelyard works, what a bill assumes, and what may be deleted.
UNPLANNED = {
    "cloud_port",
    "policy.exemptions",
    "policy.required_tags",
    "feature_store.retired",
    "cost.usage.home_gib",
    "cost.usage.image_gib",
    "cost.usage.job_hours",
    "cost.usage.logged_gib",
    "cost.usage.notebook_hours",
    "cost.usage.requests_million",
    "cost.usage.stored_gib",
    "cost.usage.transferred_gib",
}
EVERYTHING = "network keys storage registry audit identity models features workspace tracking monitoring cost"
GROUP = {"record_identifier": "entity_id", "event_time": "event_time"}
FEATURES = {"entity_id": "String", "event_time": "String", "value": "Fractional", "more": "Integral"}
UUID = "01234567-89ab-cdef-0123-456789abcdef"
EXISTING = {"vpc_id": "vpc-0123456789abcdef0", "subnet_ids": ["subnet-0123456789abcdef0"]}


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
    """Describe a change; settings that go along have `__` for a dot, and a section of none is emptied first."""
    return Change(values, tuple(touches.split()), {key.replace("__", "."): value for key, value in along.items()})


CHANGES = {
    "name": to("other", touches=EVERYTHING),
    "region": to("eu-central-1", touches=EVERYTHING),
    "owner": to("somebody", touches=EVERYTHING),
    "protect": to(True, False, touches=EVERYTHING),
    "expiry": to("2999-12-31", touches=EVERYTHING),
    "network.cidr": to("10.99.0.0/16", touches="network workspace"),
    "network.zones": to(2, 3, touches="network workspace"),
    "network.internet": to("one_nat", "nat_per_zone", touches="network"),
    "network.interface_endpoints": to(True, False, touches="network", network__internet="one_nat"),
    "network.extra_endpoints": to(["bedrock-runtime"], touches="network", network__interface_endpoints=True),
    "network.flow_log_retention_days": to(30, touches="network"),
    "network.existing": to(EXISTING, touches="network workspace", network=None),
    "keys.deletion_window_days": to(20, touches="keys"),
    "keys.rotation_period_days": to(180, touches="keys"),
    "artifact_storage.noncurrent_version_days": to(60, touches="storage"),
    "artifact_storage.infrequent_access_days": to(45, touches="storage"),
    "artifact_storage.preview_days": to(10, touches="storage"),
    "artifact_storage.captured_traffic_days": to(20, touches="storage"),
    "artifact_storage.access_log_days": to(100, touches="storage"),
    "image_registry.repositories": to(["training", "serving", "more"], touches="registry"),
    "image_registry.untagged_image_days": to(3, touches="registry"),
    "image_registry.kept_images": to(7, touches="registry"),
    "audit.trail": to(True, False, touches="audit", audit__alarms=False),
    "audit.retention_days": to(180, touches="audit", audit__trail=True),
    "audit.alarms": to(False, True, touches="audit", audit__trail=True),
    "audit.emails": to(["a@example.com"], touches="audit", audit__trail=True),
    "identity.max_session_hours": to(2, touches="identity"),
    "identity.trusted_principals": to(["arn:aws:iam::123456789012:role/people"], touches="identity"),
    "identity.ci.github": to({"repositories": ["acme/churn"]}, touches="identity"),
    "identity.ci.gitlab": to({"repositories": ["acme/churn"]}, touches="identity"),
    "identity.ci.circleci": to(
        {"organization_id": UUID, "repositories": {"github.com/acme/churn": UUID}}, touches="identity"
    ),
    "feature_store.groups": to({"features": {**GROUP, "features": FEATURES}}, touches="features"),
    "model_registry.groups": to(["shared", "more"], touches="models"),
    "model_registry.reader_account_ids": to(["210987654321"], touches="models keys storage registry"),
    "model_registry.approval_events": to(False, touches="models"),
    "workspace.users": to(["ada"], touches="workspace"),
    "workspace.idle_timeout_minutes": to(90, touches="workspace"),
    "tracking.server": to("mlflow", "none", touches="tracking"),
    "tracking.size": to("Medium", touches="tracking", tracking__server="mlflow"),
    "monitoring.log_retention_days": to(90, touches="monitoring"),
    "monitoring.emails": to(["a@example.com"], touches="monitoring"),
    "monitoring.dashboard": to(False, touches="monitoring"),
    "cost.monthly_limit_usd": to(333, touches="cost"),
    "cost.alert_percent": to(55, touches="cost"),
    "cost.idle_endpoint_hours": to(48, touches="cost"),
    "cost.activate_tags": to(True, touches="cost"),
}


def document_of(document: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Return an environment's document with a setting changed, and with what has to go along."""
    wanted = dict(document)
    for other, along in CHANGES[path].along.items():
        wanted = changed(wanted, other, along)
    return changed(wanted, path, value)


def leaves(model: type[BaseModel] = EnvironmentSettings, prefix: str = "") -> Iterator[str]:
    """Return the dotted names of all settings; one that is a section or nothing counts as one setting."""
    for name, info in model.model_fields.items():
        kind = info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from leaves(kind, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


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

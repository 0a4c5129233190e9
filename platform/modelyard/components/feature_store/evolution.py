"""What may change in feature groups and what may not: pure, from what is live and what the settings say.

SageMaker adds features to a group in place (`UpdateFeatureGroup`). It can't remove or change one, nor move the group's
keys, its online store or its table format: whoever asks Pulumi for that gets a new, empty group in the old one's place.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from modelyard.components.feature_store.settings import FeatureGroup


@dataclass(frozen=True, kw_only=True)
class LiveGroup:
    """A feature group as SageMaker has it.

    Args:
        name: its physical name.
        record_identifier: the feature that tells records apart.
        event_time: the feature with a record's time.
        features: types by feature.
        online: whether it has an online store.
        format: `glue` or `iceberg`; empty where there is no offline store.
    """

    name: str
    record_identifier: str
    event_time: str
    features: Mapping[str, str]
    online: bool
    format: str

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> "LiveGroup":
        """Read an answer of `DescribeFeatureGroup`."""
        offline = answer.get("OfflineStoreConfig")
        return cls(
            name=answer["FeatureGroupName"],
            record_identifier=answer["RecordIdentifierFeatureName"],
            event_time=answer["EventTimeFeatureName"],
            features={item["FeatureName"]: item["FeatureType"] for item in answer["FeatureDefinitions"]},
            online=bool((answer.get("OnlineStoreConfig") or {}).get("EnableOnlineStore")),
            format=str(offline.get("TableFormat") or "Glue").lower() if offline else "",
        )


@dataclass(frozen=True, kw_only=True)
class WantedGroup:
    """A feature group as the settings have it.

    Args:
        label: its key in the settings.
        name: its physical name.
        group: its settings.
    """

    label: str
    name: str
    group: FeatureGroup

    @property
    def schema(self) -> dict[str, Any]:
        """The part of the settings that SageMaker keeps for good, in no order but that of names."""
        chosen = self.group.model_dump(mode="json", exclude={"ttl_days"})
        return {**chosen, "features": dict(sorted(chosen["features"].items()))}

    @property
    def fingerprint(self) -> str:
        """A word that changes with the schema: the number of features and a digest."""
        text = json.dumps(self.schema, sort_keys=True)
        return f"{len(self.group.features)}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def additions(live: LiveGroup, wanted: WantedGroup) -> dict[str, str]:
    """Return the types of the features that are to be added."""
    return {name: it.type for name, it in wanted.group.features.items() if name not in live.features}


def obstacles(live: LiveGroup, wanted: WantedGroup) -> list[str]:
    """Return what the settings ask of a group that can't be done without losing its records."""
    group = wanted.group
    found = [
        f"the feature {name!r} is no longer in the settings"
        if name not in group.features
        else f"the feature {name!r} is of type {kind}, not {group.features[name].type}"
        for name, kind in live.features.items()
        if name not in group.features or group.features[name].type != kind
    ]
    keys = {
        "record_identifier": (live.record_identifier, group.record_identifier),
        "event_time": (live.event_time, group.event_time),
        "online": (live.online, group.online),
        "format": (live.format, group.format),
    }
    return found + [f"{key} is {_word(is_)}, not {_word(to_be)}" for key, (is_, to_be) in keys.items() if is_ != to_be]


def refusal(live: Iterable[LiveGroup], wanted: Iterable[WantedGroup], retired: Iterable[str]) -> str:
    """Say why the settings can't be carried out, and what to do instead; nothing when they can.

    Args:
        live: the environment's groups.
        wanted: those of the settings.
        retired: physical names of the groups that may go.
    """
    by_name, may_go = {it.name: it for it in wanted}, set(retired)
    problems = []
    for group in live:
        if group.name in by_name:
            found = obstacles(group, by_name[group.name])
            problems += [_migration(by_name[group.name], found)] if found else []
        elif group.name not in may_go:
            problems.append(_removal(group.name))
    return "\n".join(problems)


def _migration(wanted: WantedGroup, found: list[str]) -> str:
    label = wanted.label
    return (
        f"the feature group {label!r} ({wanted.name}) can't become what the settings say; replacing it would lose its "
        f"records: {'; '.join(found)}\n"
        f"  -> put feature_store.groups.{label} back as it was. To migrate: 1. add the new schema as a group of "
        f"another name, such as {label}-v2, and run up; 2. backfill it from the offline store of {label!r}; 3. let "
        f"jobs and models use it; 4. move {label!r} from feature_store.groups to feature_store.retired and run up"
    )


def _removal(name: str) -> str:
    return (
        f"the feature group {name} is no longer in feature_store.groups, and its records would be lost\n"
        "  -> put it back, or list it under feature_store.retired to have it deleted"
    )


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)

"""Choices about the feature store."""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

FeatureType = Literal["String", "Integral", "Fractional"]
GroupName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=40)]
FeatureName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]([-_]*[A-Za-z0-9])*$", max_length=64)]
_RESERVED = ("api_invocation_time", "is_deleted", "write_time")


class Feature(BaseModel):
    """One feature of a group."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: FeatureType = Field(description="SageMaker's type.")
    description: str = Field("", max_length=255, description="What it means, for whoever looks for features.")


def _as_feature(given: object) -> object:
    return {"type": given} if isinstance(given, str) else given


class FeatureGroup(BaseModel):
    """A table of features with one record for each identifier and time."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    record_identifier: str = Field(description="The feature that tells one record from another.")
    event_time: str = Field(description="The feature with the time of a record: ISO 8601 text, or seconds.")
    features: dict[
        FeatureName, Annotated[Feature, BeforeValidator(_as_feature, json_schema_input_type=Feature | FeatureType)]
    ] = Field(min_length=2, max_length=2500, description="Features by name: a type, or a type with a description.")
    online: bool = Field(True, description="Serve features at low latency; false saves its cost.")
    ttl_days: int | None = Field(None, ge=1, le=730, description="Days an online record lives; for ever by default.")
    format: Literal["glue", "iceberg"] = Field("iceberg", description="Table format of the offline store.")

    @model_validator(mode="after")
    def _is_whole(self) -> "FeatureGroup":
        for key in (self.record_identifier, self.event_time):
            if key not in self.features:
                raise ValueError(f"{key!r} is not among the features")
        if self.features[self.event_time].type == "Integral":
            raise ValueError(f"the event time {self.event_time!r} must be of type String or Fractional")
        lowered = [name.lower() for name in self.features]
        for name in self.features:
            if name.lower() in _RESERVED:
                raise ValueError(f"{name!r} is a name that the feature store uses itself")
            if lowered.count(name.lower()) > 1:
                raise ValueError(f"{name!r} is there twice: the offline store's columns have no capital letters")
        if self.ttl_days is not None and not self.online:
            raise ValueError("ttl_days is of the online store: set online to true, or take ttl_days away")
        return self


def _default_groups() -> dict[str, FeatureGroup]:
    features = {"entity_id": "String", "event_time": "String", "value": "Fractional"}
    group = {"record_identifier": "entity_id", "event_time": "event_time", "features": features}
    return {"features": FeatureGroup.model_validate(group)}


class FeatureStoreSettings(BaseModel):
    """The feature groups of one environment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    groups: dict[GroupName, FeatureGroup] = Field(
        default_factory=_default_groups,
        description="Feature groups by name. A feature can be added, but not removed or changed: make a new group.",
    )
    retired: tuple[GroupName, ...] = Field(
        (), description="Groups that were taken out of `groups` and may be deleted; what is in S3 of them stays."
    )

    @model_validator(mode="after")
    def _retired_are_gone(self) -> "FeatureStoreSettings":
        for name in self.retired:
            if name in self.groups:
                raise ValueError(f"{name!r} is retired and among the groups: take it out of one of them")
        return self

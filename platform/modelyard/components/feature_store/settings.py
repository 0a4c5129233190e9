"""Choices about the feature store."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

FeatureType = Literal["String", "Integral", "Fractional"]


class FeatureStoreSettings(BaseModel):
    """The feature group of one environment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    online: bool = Field(True, description="Serve features at low latency; false saves its cost.")
    record_identifier: str = Field("entity_id", description="The feature that tells one record from another.")
    event_time: str = Field("event_time", description="The feature with the time of a record.")
    features: dict[str, FeatureType] = Field(
        {"entity_id": "String", "event_time": "String", "value": "Fractional"},
        description="Features by name, with SageMaker's types.",
    )

    @model_validator(mode="after")
    def _keys_are_features(self) -> "FeatureStoreSettings":
        for key in (self.record_identifier, self.event_time):
            if key not in self.features:
                raise ValueError(f"{key!r} is not among the features")
        return self

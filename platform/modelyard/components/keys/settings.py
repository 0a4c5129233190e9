"""Choices about keys."""

from pydantic import BaseModel, ConfigDict, Field


class KeysSettings(BaseModel):
    """The KMS keys of one environment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    deletion_window_days: int = Field(7, ge=7, le=30, description="Days until a deleted key is gone for good.")
    rotation_period_days: int = Field(365, ge=90, le=2560, description="Days between rotations of the key material.")

"""Choices about artifact storage."""

from pydantic import BaseModel, ConfigDict, Field


class ArtifactStorageSettings(BaseModel):
    """The buckets of one environment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    noncurrent_version_days: int = Field(30, ge=1, le=3650, description="Days that an overwritten version is kept.")
    infrequent_access_days: int = Field(
        90, ge=30, le=3650, description="Days until an artifact moves to cheaper storage."
    )
    access_log_days: int = Field(365, ge=1, le=3650, description="Days that access logs are kept.")

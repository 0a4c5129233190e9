"""Choices about artifact storage."""

from pydantic import BaseModel, ConfigDict, Field


class ArtifactStorageSettings(BaseModel):
    """The buckets of one environment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    noncurrent_version_days: int = Field(30, ge=1, le=3650, description="Days that an overwritten version is kept.")
    infrequent_access_days: int = Field(
        90, ge=30, le=3650, description="Days until data and artifacts move to cheaper storage."
    )
    preview_days: int = Field(30, ge=1, le=365, description="Days that what a branch's stack wrote is kept.")
    captured_traffic_days: int = Field(
        90, ge=1, le=3650, description="Days that requests and answers captured at endpoints are kept."
    )
    access_log_days: int = Field(365, ge=1, le=3650, description="Days that access logs are kept.")

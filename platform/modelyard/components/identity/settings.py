"""Choices about identity."""

from pydantic import BaseModel, ConfigDict, Field


class IdentitySettings(BaseModel):
    """The execution roles of one environment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_session_hours: int = Field(4, ge=1, le=12, description="Hours that a session of a role lasts at most.")

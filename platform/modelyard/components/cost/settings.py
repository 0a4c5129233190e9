"""Choices about cost."""

from pydantic import BaseModel, ConfigDict, Field


class CostSettings(BaseModel):
    """The budget of one environment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    monthly_limit_usd: int = Field(200, ge=1, description="US dollars a month.")
    alert_percent: int = Field(80, ge=1, le=100, description="Share of the limit, spent, that raises an alarm.")

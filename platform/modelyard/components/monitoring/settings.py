"""Choices about monitoring."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

RetentionDays = Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827, 3653]


class MonitoringSettings(BaseModel):
    """Logs and alarms of one environment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    log_retention_days: RetentionDays = Field(
        30, description="Days that log groups keep their events; CloudWatch's own steps."
    )

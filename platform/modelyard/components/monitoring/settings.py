"""Choices about monitoring."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

RetentionDays = Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827, 3653]
EmailAddress = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=254)]


class MonitoringSettings(BaseModel):
    """Logs and alarms of one environment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    log_retention_days: RetentionDays = Field(
        30, description="Days that log groups keep their events; CloudWatch's own steps."
    )
    emails: tuple[EmailAddress, ...] = Field(
        (), description="Addresses that alarms are sent to; each has to confirm AWS's first mail."
    )
    dashboard: bool = Field(True, description="Make a CloudWatch dashboard of the platform.")

"""Choices about the audit trail."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from modelyard.retention import RetentionDays

Email = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=254)]


class AuditSettings(BaseModel):
    """The audit trail of one environment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    trail: bool = Field(True, description="Record every call in the account, and every access to the buckets' objects.")
    retention_days: RetentionDays = Field(365, description="Days that the record is kept.")
    alarms: bool = Field(
        True, description="Alarm when the record shows what CIS asks to watch, such as a root login; needs the trail."
    )
    emails: tuple[Email, ...] = Field((), max_length=50, description="Who hears of these alarms.")

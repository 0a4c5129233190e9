"""Choices about the audit trail."""

from pydantic import BaseModel, ConfigDict, Field

from modelyard.retention import RetentionDays


class AuditSettings(BaseModel):
    """The audit trail of one environment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    trail: bool = Field(True, description="Record every call in the account, and every access to the buckets' objects.")
    retention_days: RetentionDays = Field(365, description="Days that the record is kept.")

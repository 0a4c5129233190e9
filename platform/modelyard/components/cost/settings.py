"""Choices about cost."""

from pydantic import BaseModel, ConfigDict, Field


class UsageSettings(BaseModel):
    """What `modelyard cost` assumes of a month, for what is paid by use; it changes nothing that is provisioned."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    stored_gib: float = Field(100, ge=0, description="Data in each bucket of data and artifacts.")
    logged_gib: float = Field(5, ge=0, description="Data written to each log group.")
    transferred_gib: float = Field(20, ge=0, description="Data through each NAT gateway and interface endpoint.")
    image_gib: float = Field(5, ge=0, description="Images in each repository.")
    requests_million: float = Field(1, ge=0, description="Requests to each thing that is paid by request.")
    job_hours: float = Field(20, ge=0, description="Hours that each pipeline's jobs run on one instance.")
    notebook_hours: float = Field(80, ge=0, description="Hours that each user's notebook runs, on ml.t3.medium.")
    home_gib: float = Field(5, ge=0, description="Files in each user's home folder, which lies on EFS.")


class CostSettings(BaseModel):
    """The budget of one environment, and what is done against waste."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    monthly_limit_usd: int = Field(200, ge=1, description="US dollars a month.")
    alert_percent: int = Field(80, ge=1, le=100, description="Share of the limit, spent, that raises an alarm.")
    idle_endpoint_hours: int = Field(
        0,
        ge=0,
        le=360,
        description="Hours without invocations after which endpoints of unprotected models are deleted; 0 for never.",
    )
    activate_tags: bool = Field(
        False,
        description="Turn on the tags by which AWS splits bills. They are the account's: let one environment do it, "
        "and a day after its first `up`, as AWS takes only tags that it has billed.",
    )
    usage: UsageSettings = Field(default_factory=UsageSettings)  # type: ignore[arg-type]

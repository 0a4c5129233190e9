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


class ReaperSettings(BaseModel):
    """The schedule that removes branches' stacks: those whose branch is gone, or whose last day is over."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schedule: str = Field(
        "",
        pattern=r"^(|(cron|rate)\([^()]+\))$",
        description="When it runs, in UTC, such as cron(0 3 * * ? *); empty for never.",
    )
    backend: str = Field(
        "",
        pattern=r"^(|s3://[a-z0-9][a-z0-9.-]+[a-z0-9]([/?].*)?)$",
        description="Where the Pulumi CLI keeps the states, such as s3://my-states; empty for the home of the cloud.",
    )
    state_key_arn: str = Field(
        "", pattern=r"^(|arn:.+)$", description="Key that encrypts the states or their secrets; empty for none."
    )
    passphrase_secret_arn: str = Field(
        "", pattern=r"^(|arn:.+)$", description="Secret that holds the states' passphrase; empty for none."
    )
    remotes: dict[str, str] = Field(
        default_factory=dict,
        description="Address of each model's git repository, by its project, readable without credentials; of others "
        "only the last days count.",
    )
    package: str = Field(
        "modelyard", min_length=1, description="What pip installs where the build's image has no modelyard."
    )
    timeout_minutes: int = Field(120, ge=5, le=480, description="Minutes after which a run is stopped.")


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
    reaper: ReaperSettings = Field(default_factory=ReaperSettings)  # type: ignore[arg-type]
    activate_tags: bool = Field(
        False,
        description="Turn on the tags by which AWS splits bills. They are the account's: let one environment do it, "
        "and a day after its first `up`, as AWS takes only tags that it has billed.",
    )
    usage: UsageSettings = Field(default_factory=UsageSettings)  # type: ignore[arg-type]

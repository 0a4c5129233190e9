"""Choices about cost."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints


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


_Project = Annotated[str, StringConstraints(pattern=r"^[a-z][0-9a-z-]*$")]
_Address = Annotated[str, StringConstraints(pattern=r"^[^-\s]\S*$")]  # what begins with a dash is an option to git


def _arn(service: str, resource: str) -> str:
    """Return the pattern of an ARN, or of nothing."""
    return rf"^(|arn:aws[a-z-]*:{service}:[0-9a-z-]+:[0-9]{{12}}:{resource})$"


class ReaperSettings(BaseModel):
    """The schedule that removes branches' stacks: those whose branch is gone, or whose last day is over."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schedule: str = Field(
        "",
        pattern=r"^(|rate\([1-9][0-9]* (minute|hour|day)s?\)|cron\([0-9A-Z*?,/#-]+( [0-9A-Z*?,/#-]+){5}\))$",
        description="When it runs, in UTC, such as cron(0 3 * * ? *); empty for never.",
    )
    backend: str = Field(
        "",
        pattern=r"^(|s3://[a-z0-9][a-z0-9.-]+[a-z0-9]([/?].*)?)$",
        description="Where the Pulumi CLI keeps the states, such as s3://my-states; empty for the home of the cloud.",
    )
    state_key_arn: str = Field(
        "",
        pattern=_arn("kms", "key/[0-9a-z-]+"),
        description="Key that encrypts the states or their secrets; empty for none.",
    )
    passphrase_secret_arn: str = Field(
        "",
        pattern=_arn("secretsmanager", "secret:[0-9A-Za-z/_+=.@-]+"),
        description="Secret that holds the states' passphrase; empty for none.",
    )
    remotes: dict[_Project, _Address] = Field(
        default_factory=dict,
        description="Address of each model's git repository, by its project, readable without credentials; of others "
        "only the last days count.",
    )
    package: str = Field(
        "modelyard", pattern=r"^[^-\s].*$", description="What pip installs where the build's image has no modelyard."
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

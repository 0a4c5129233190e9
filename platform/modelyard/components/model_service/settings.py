"""Choices about one model's service."""

from pydantic import BaseModel, ConfigDict, Field


class EndpointAlarmSettings(BaseModel):
    """When an endpoint raises an alarm, each by what was measured in five minutes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    latency_p99_ms: int = Field(
        1000, ge=1, le=60_000, description="Milliseconds; one answer in a hundred takes longer."
    )
    server_errors: int = Field(5, ge=0, description="Answers with a status of 500 and above that are still fine.")
    client_errors: int = Field(50, ge=0, description="Answers with a status of 400 to 499 that are still fine.")
    cpu_percent: int = Field(85, ge=1, le=100, description="Share of all cores that is still fine.")
    memory_percent: int = Field(85, ge=1, le=100, description="Share of the memory that is still fine.")
    idle_hours: int = Field(0, ge=0, le=24, description="Hours without any invocation that raise an alarm; 0 for none.")


class ModelServiceSettings(BaseModel):
    """The pipeline and the endpoint of one model in one environment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    instance_type: str = Field(
        "ml.m5.large", pattern=r"^ml\.[a-z0-9]+\.[a-z0-9]+$", description="Instance type of jobs and of the endpoint."
    )
    initial_instance_count: int = Field(1, ge=1, le=100, description="Instances behind the endpoint.")
    parameters: dict[str, float] = Field(
        default_factory=dict,
        description="Defaults of the pipeline's parameters by name, over those in the repository's `settings.toml`.",
    )
    log_retention_days: int = Field(14, ge=1, le=3653, description="Days that the endpoint's log is kept.")
    alarms: EndpointAlarmSettings = Field(default_factory=EndpointAlarmSettings)  # type: ignore[arg-type]
    dashboard: bool = Field(True, description="Make a CloudWatch dashboard of the endpoint.")

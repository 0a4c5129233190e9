"""Choices about one model's service."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from modelyard.components.model_service import pairs

_EXPRESSION = r"^(rate|cron)\(.+\)$"


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


class ServerlessSettings(BaseModel):
    """A serverless endpoint's size."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    memory_size_mb: Literal[1024, 2048, 3072, 4096, 5120, 6144] = Field(2048, description="Memory; CPU comes with it.")
    max_concurrency: int = Field(5, ge=1, le=200, description="Requests that are answered at once.")
    provisioned_concurrency: int = Field(
        0, ge=0, le=200, description="Requests that never wait for a start; 0 scales to zero."
    )


class AsyncSettings(BaseModel):
    """An asynchronous endpoint's queue; requests and answers are objects below the model's prefix."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_concurrent_invocations_per_instance: int = Field(4, ge=1, le=1000, description="Requests at once, each.")
    notify: bool = Field(False, description="Tell the alarms' topic when a request failed.")


class BatchSettings(BaseModel):
    """Predictions of whole files, by a pipeline of their own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schedule_expression: str = Field(
        "",
        pattern=f"{_EXPRESSION}|^$",
        description="When it runs by itself, as EventBridge has it: `rate(1 day)` or `cron(0 6 * * ? *)`; empty never.",
    )
    split_type: Literal["None", "Line"] = Field("Line", description="Whether a file is one request or one a line.")
    max_payload_mb: int = Field(6, ge=1, le=100, description="The largest request.")


class ServingSettings(BaseModel):
    """How the newest approved model is served."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mode: pairs.Mode = Field(
        "realtime",
        description="realtime: instances; serverless: by use; async: a queue in front of instances; batch: files by a "
        "pipeline, no endpoint; multi_model: all approved versions on the same instances.",
    )
    serverless: ServerlessSettings = Field(default_factory=ServerlessSettings)  # type: ignore[arg-type]
    asynchronous: AsyncSettings = Field(default_factory=AsyncSettings)  # type: ignore[arg-type]
    batch: BatchSettings = Field(default_factory=BatchSettings)  # type: ignore[arg-type]

    @model_validator(mode="after")
    def _of_its_mode(self) -> "ServingSettings":
        for section, mode in (("serverless", "serverless"), ("asynchronous", "async"), ("batch", "batch")):
            if section in self.model_fields_set and self.mode != mode:
                raise ValueError(f"{section} is for mode: {mode}, and the mode is {self.mode}")
        sizes = self.serverless
        if sizes.provisioned_concurrency > sizes.max_concurrency:
            raise ValueError(
                f"serverless.provisioned_concurrency is {sizes.provisioned_concurrency}, above its max_concurrency of "
                f"{sizes.max_concurrency}"
            )
        return self


class RolloutSettings(BaseModel):
    """How an endpoint moves to another model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    strategy: pairs.Strategy = Field(
        "all_at_once",
        description="all_at_once, canary and linear: a second fleet takes over, at once, in two steps or in equal "
        "ones; rolling: instances are replaced batch by batch; shadow: the newest model that waits for approval is "
        "sent a copy of the requests, and takes over all at once when it is approved.",
    )
    size_percent: int = Field(
        25, ge=1, le=100, description="Size of the canary, the step or the batch, or the share of requests copied."
    )
    wait_seconds: int | None = Field(
        None, ge=0, le=3600, description="Time to watch the alarms after each step; 300 by default, 0 all at once."
    )
    rollback_on_alarm: bool = Field(True, description="Go back when an alarm on latency or errors goes off meanwhile.")

    @property
    def wait(self) -> int:
        """Return the seconds between two steps."""
        stepped = self.strategy in pairs.STEPPED
        return (300 if stepped else 0) if self.wait_seconds is None else self.wait_seconds

    @model_validator(mode="after")
    def _within_limits(self) -> "RolloutSettings":
        low, high = pairs.SIZES.get(self.strategy, (1, 100))
        if not low <= self.size_percent <= high:
            raise ValueError(f"size_percent of a {self.strategy} rollout is {low} to {high}, not {self.size_percent}")
        return self


class AutoscalingSettings(BaseModel):
    """How many instances there are, by what is asked of each."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    min_capacity: int = Field(1, ge=0, le=100, description="Instances, or provisioned concurrency, at least.")
    max_capacity: int = Field(ge=1, le=200, description="Instances, or provisioned concurrency, at most.")
    target_value: float = Field(
        gt=0,
        description="What to keep at: invocations per instance and minute; of an async endpoint the backlog per "
        "instance; of a serverless one the used share of its provisioned concurrency, 0 to 1.",
    )

    @model_validator(mode="after")
    def _in_order(self) -> "AutoscalingSettings":
        if self.min_capacity > self.max_capacity:
            raise ValueError(f"min_capacity {self.min_capacity} is above max_capacity {self.max_capacity}")
        return self


class MonitorSettings(BaseModel):
    """One monitor of what an endpoint is asked and answers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["data_quality", "model_quality", "bias", "attribution"] = Field(description="What is compared.")
    schedule_expression: str = Field(
        "rate(1 hour)", pattern=_EXPRESSION, description="When, as EventBridge has it: `rate(1 hour)`, `cron(...)`."
    )
    violations: int = Field(0, ge=0, description="Violations of the baseline that are still fine; more is drift.")
    retrain: bool = Field(False, description="Run the training pipeline when there is drift.")
    label: str = Field("label", min_length=1, description="The label's column in the training data.")
    problem_type: Literal["BinaryClassification", "MulticlassClassification", "Regression"] = Field(
        "BinaryClassification", description="What is predicted."
    )
    positive_label: int | str = Field(1, description="The label that counts as positive.")
    facet: str = Field("", description="The column whose groups are compared; bias needs one.")
    facet_values: tuple[float | str, ...] = Field(
        (), description="The group that could be treated worse; one number means all above it."
    )
    drift_threshold: float = Field(0.1, gt=0, le=1, description="The largest distance that is no drift.")

    @model_validator(mode="after")
    def _with_its_facet(self) -> "MonitorSettings":
        if self.kind == "bias" and not (self.facet and self.facet_values):
            raise ValueError("a monitor of bias compares groups: name them by facet and facet_values")
        return self

    @property
    def document(self) -> dict[str, Any]:
        """What the monitors' code reads as `monitor.json`."""
        known = {"label", "problem_type", "positive_label", "facet", "facet_values", "drift_threshold"}
        return self.model_dump(mode="json", include=known)


class ModelServiceSettings(BaseModel):
    """The pipeline and the endpoint of one model in one environment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    instance_type: str = Field(
        "ml.m5.large", pattern=r"^ml\.[a-z0-9]+\.[a-z0-9]+$", description="Instance type of jobs and of the endpoint."
    )
    initial_instance_count: int = Field(1, ge=1, le=100, description="Instances behind the endpoint.")
    sample_fraction: float = Field(1.0, gt=0, le=1, description="Share of the training rows that a model trains on.")
    parameters: dict[str, float] = Field(
        default_factory=dict,
        description="Defaults of the pipeline's parameters by name, over those in the repository's `settings.toml`.",
    )
    serving: ServingSettings = Field(default_factory=ServingSettings)  # type: ignore[arg-type]
    rollout: RolloutSettings = Field(default_factory=RolloutSettings)  # type: ignore[arg-type]
    autoscaling: AutoscalingSettings | None = Field(None, description="Follow the load; nothing for a fixed number.")
    capture_percent: int = Field(
        0, ge=0, le=100, description="Share of requests and answers that are kept for monitors; 0 for none."
    )
    monitors: tuple[MonitorSettings, ...] = Field((), description="What is watched; each needs what is captured.")
    deploy_on_approval: bool = Field(
        False, description="Move the endpoint when a model is approved; otherwise the next `up` does."
    )
    log_retention_days: int = Field(14, ge=1, le=3653, description="Days that the endpoint's log is kept.")
    alarms: EndpointAlarmSettings = Field(default_factory=EndpointAlarmSettings)  # type: ignore[arg-type]
    notify: bool = Field(True, description="Tell people of alarms, by the platform's topic.")
    dashboard: bool = Field(True, description="Make a CloudWatch dashboard of the endpoint.")

    @field_validator("monitors")
    @classmethod
    def _each_kind_once(cls, monitors: tuple[MonitorSettings, ...]) -> tuple[MonitorSettings, ...]:
        kinds = [it.kind for it in monitors]
        for kind in kinds:
            if kinds.count(kind) > 1:
                raise ValueError(f"there are two monitors of {kind}")
        return monitors

    @model_validator(mode="after")
    def _together(self) -> "ModelServiceSettings":
        wanted = pairs.Wanted(
            mode=self.serving.mode,
            strategy=self.rollout.strategy,
            instances=self.initial_instance_count,
            provisioned=self.serving.serverless.provisioned_concurrency,
            waits=self.rollout.wait > 0,
            captures=self.capture_percent > 0,
            monitors=bool(self.monitors),
            least=self.autoscaling.min_capacity if self.autoscaling else None,
            follows_approval=self.deploy_on_approval,
        )
        if reason := pairs.refusal(wanted):
            raise ValueError(reason)
        return self

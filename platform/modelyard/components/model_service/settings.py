"""Choices about one model's service."""

from pydantic import BaseModel, ConfigDict, Field


class ModelServiceSettings(BaseModel):
    """The pipeline and the endpoint of one model in one environment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    instance_type: str = Field(
        "ml.m5.large", pattern=r"^ml\.[a-z0-9]+\.[a-z0-9]+$", description="Instance type of jobs and of the endpoint."
    )
    initial_instance_count: int = Field(1, ge=1, le=100, description="Instances behind the endpoint.")
    accuracy_threshold: float = Field(0.9, ge=0, le=1, description="Accuracy below which a model is not registered.")
    log_retention_days: int = Field(14, ge=1, le=3653, description="Days that the endpoint's log is kept.")

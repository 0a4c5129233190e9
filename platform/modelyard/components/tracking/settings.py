"""Choices about tracking."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class TrackingSettings(BaseModel):
    """Where runs and models of one environment are recorded."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    server: Literal["none", "mlflow"] = Field(
        "none", description="Whether there is an MLflow tracking server; SageMaker bills it by the hour."
    )
    size: Literal["Small", "Medium", "Large"] = Field(
        "Small", description="SageMaker's size of the server: for teams of up to 25, 50 and 100 people."
    )

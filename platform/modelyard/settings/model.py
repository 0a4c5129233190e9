"""The settings of one environment of a model repository: the document `infra/environments/<environment>.yaml`."""

from datetime import date
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from modelyard.components.model_service.settings import ModelServiceSettings
from modelyard.policies.settings import PolicySettings


class ModelSettings(BaseModel):
    """One environment of a model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: ClassVar[str] = "environments"

    platform: str = Field("dev", description="The environment of the platform that the model runs on.")
    region: str = Field("us-east-1", pattern=r"^[a-z]{2}(-[a-z]+)+-\d$", description="AWS region of that platform.")
    owner: str = Field("ml-platform", min_length=1, max_length=128, description="Who answers for it; a tag.")
    protect: bool = Field(False, description="Refuse to destroy without naming the environment.")
    expiry: date | None = Field(None, description="Day after which nobody needs it, such as 2030-12-31; a tag.")
    branch_ttl_days: int = Field(
        14, ge=1, le=365, description="Days that a branch's own stack is meant to live; a tag says until when."
    )
    service: ModelServiceSettings = Field(default_factory=ModelServiceSettings)  # type: ignore[arg-type]
    policy: PolicySettings = Field(default_factory=PolicySettings)  # type: ignore[arg-type]

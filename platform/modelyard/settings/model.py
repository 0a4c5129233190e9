"""The settings of one environment of a model repository: the document `infra/environments/<environment>.yaml`."""

from datetime import date
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from modelyard.components.model_service.settings import ModelServiceSettings
from modelyard.policies.settings import PolicySettings


class BranchSettings(BaseModel):
    """The stacks of branches: how long, how many, how dear, what they serve. It counts in `branch.yaml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ttl_days: int = Field(14, ge=1, le=365, description="Days that a branch's stack is meant to live.")
    max_stacks: int = Field(20, ge=1, le=1000, description="Stacks of branches at one time.")
    max_stacks_per_owner: int = Field(5, ge=1, le=1000, description="Stacks of one owner's branches at one time.")
    monthly_limit_usd: float = Field(100, gt=0, description="US dollars that a month of one stack may cost.")
    model: Literal["reuse", "train", "sample", "none"] = Field(
        "reuse",
        description="What its endpoint serves: the model that the main branch serves, one that is trained on all data "
        "or on a sample, or nothing.",
    )


class ModelSettings(BaseModel):
    """One environment of a model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: ClassVar[str] = "environments"

    platform: str = Field("dev", description="The environment of the platform that the model runs on.")
    region: str = Field("us-east-1", pattern=r"^[a-z]{2}(-[a-z]+)+-\d$", description="AWS region of that platform.")
    owner: str = Field("ml-platform", min_length=1, max_length=128, description="Who answers for it; a tag.")
    protect: bool = Field(False, description="Refuse to destroy without naming the environment.")
    expiry: date | None = Field(None, description="Day after which nobody needs it, such as 2030-12-31; a tag.")
    branch: BranchSettings = Field(default_factory=BranchSettings)  # type: ignore[arg-type]
    service: ModelServiceSettings = Field(default_factory=ModelServiceSettings)  # type: ignore[arg-type]
    policy: PolicySettings = Field(default_factory=PolicySettings)  # type: ignore[arg-type]

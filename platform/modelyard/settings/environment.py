"""The settings of one environment of the platform: the document `stacks/environments/<environment>.yaml`."""

from datetime import date
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from modelyard.components.artifact_storage.settings import ArtifactStorageSettings
from modelyard.components.audit.settings import AuditSettings
from modelyard.components.cost.settings import CostSettings
from modelyard.components.feature_store.settings import FeatureStoreSettings
from modelyard.components.identity.settings import IdentitySettings
from modelyard.components.image_registry.settings import ImageRegistrySettings
from modelyard.components.keys.settings import KeysSettings
from modelyard.components.model_registry.settings import ModelRegistrySettings
from modelyard.components.monitoring.settings import MonitoringSettings
from modelyard.components.network.settings import NetworkSettings
from modelyard.components.tracking.settings import TrackingSettings
from modelyard.components.workspace.settings import WorkspaceSettings
from modelyard.policies.settings import PolicySettings


class EnvironmentSettings(BaseModel):
    """One environment of the platform."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: ClassVar[str] = "../environments"

    name: str = Field("modelyard", pattern=r"^[a-z][a-z0-9-]{1,19}$", description="First word of all physical names.")
    region: str = Field("us-east-1", pattern=r"^[a-z]{2}(-[a-z]+)+-\d$", description="AWS region.")
    owner: str = Field("ml-platform", min_length=1, max_length=128, description="Who answers for it; a tag.")
    protect: bool = Field(False, description="Refuse to destroy without naming the environment.")
    expiry: date | None = Field(None, description="Day after which nobody needs it, such as 2030-12-31; a tag.")
    cloud_port: int | None = Field(
        None, ge=1024, le=65535, description="TCP port of the cloud on this machine; a free one when it is not given."
    )
    network: NetworkSettings = Field(default_factory=NetworkSettings)  # type: ignore[arg-type]
    keys: KeysSettings = Field(default_factory=KeysSettings)  # type: ignore[arg-type]
    artifact_storage: ArtifactStorageSettings = Field(default_factory=ArtifactStorageSettings)  # type: ignore[arg-type]
    image_registry: ImageRegistrySettings = Field(default_factory=ImageRegistrySettings)  # type: ignore[arg-type]
    audit: AuditSettings = Field(default_factory=AuditSettings)  # type: ignore[arg-type]
    identity: IdentitySettings = Field(default_factory=IdentitySettings)  # type: ignore[arg-type]
    feature_store: FeatureStoreSettings = Field(default_factory=FeatureStoreSettings)  # type: ignore[arg-type]
    model_registry: ModelRegistrySettings = Field(default_factory=ModelRegistrySettings)  # type: ignore[arg-type]
    workspace: WorkspaceSettings = Field(default_factory=WorkspaceSettings)  # type: ignore[arg-type]
    tracking: TrackingSettings = Field(default_factory=TrackingSettings)  # type: ignore[arg-type]
    monitoring: MonitoringSettings = Field(default_factory=MonitoringSettings)  # type: ignore[arg-type]
    cost: CostSettings = Field(default_factory=CostSettings)  # type: ignore[arg-type]
    policy: PolicySettings = Field(default_factory=PolicySettings)  # type: ignore[arg-type]

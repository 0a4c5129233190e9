"""What each stack promises the others: its exports, by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pulumi


@dataclass(frozen=True, kw_only=True)
class FoundationOutputs:
    """Exports of the foundation stack; `trail_arn` is empty where there is no audit trail."""

    vpc_id: "pulumi.Input[str]"
    subnet_ids: "pulumi.Input[Sequence[pulumi.Input[str]]]"
    security_group_id: "pulumi.Input[str]"
    kms_key_arn: "pulumi.Input[str]"
    log_key_arn: "pulumi.Input[str]"
    artifact_bucket: "pulumi.Input[str]"
    data_bucket: "pulumi.Input[str]"
    capture_bucket: "pulumi.Input[str]"
    access_log_bucket: "pulumi.Input[str]"
    trail_arn: "pulumi.Input[str]"
    image_repository_urls: "pulumi.Input[Mapping[str, pulumi.Input[str]]]"
    training_role_arn: "pulumi.Input[str]"
    pipeline_role_arn: "pulumi.Input[str]"
    serving_role_arn: "pulumi.Input[str]"
    feature_store_role_arn: "pulumi.Input[str]"
    workspace_role_arn: "pulumi.Input[str]"


@dataclass(frozen=True, kw_only=True)
class PlatformOutputs:
    """Exports of the platform stack: its own, and those of the foundation that a model needs."""

    model_package_group: "pulumi.Input[str]"
    feature_group: "pulumi.Input[str]"
    domain_id: "pulumi.Input[str]"
    alarm_topic_arn: "pulumi.Input[str]"
    event_log_group: "pulumi.Input[str]"
    budget: "pulumi.Input[str]"
    artifact_bucket: "pulumi.Input[str]"
    kms_key_arn: "pulumi.Input[str]"
    subnet_ids: "pulumi.Input[Sequence[pulumi.Input[str]]]"
    security_group_id: "pulumi.Input[str]"
    training_role_arn: "pulumi.Input[str]"
    pipeline_role_arn: "pulumi.Input[str]"
    serving_role_arn: "pulumi.Input[str]"


@dataclass(frozen=True, kw_only=True)
class ModelOutputs:
    """Exports of a model's stack; `endpoint` is empty until a model is approved."""

    pipeline: "pulumi.Input[str]"
    model_package_group: "pulumi.Input[str]"
    endpoint: "pulumi.Input[str]"
    artifact_prefix: "pulumi.Input[str]"
    region: "pulumi.Input[str]"

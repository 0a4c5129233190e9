"""What each stack promises the others: its exports, by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import pulumi

P = TypeVar("P")


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
    processing_role_arn: "pulumi.Input[str]"
    pipeline_role_arn: "pulumi.Input[str]"
    serving_role_arn: "pulumi.Input[str]"
    monitor_role_arn: "pulumi.Input[str]"
    feature_store_role_arn: "pulumi.Input[str]"
    workspace_role_arn: "pulumi.Input[str]"
    data_scientist_role_arn: "pulumi.Input[str]"
    reader_role_arn: "pulumi.Input[str]"
    permissions_boundary_arn: "pulumi.Input[str]"
    ci_role_arns: "pulumi.Input[Mapping[str, pulumi.Input[str]]]"


@dataclass(frozen=True, kw_only=True)
class PlatformOutputs:
    """Exports of the platform stack: its own, and those of the foundation that a model needs."""

    model_package_group: "pulumi.Input[str]"
    model_package_groups: "pulumi.Input[Mapping[str, pulumi.Input[str]]]"
    approval_topic_arn: "pulumi.Input[str]"
    feature_group: "pulumi.Input[str]"
    feature_groups: "pulumi.Input[Mapping[str, pulumi.Input[str]]]"
    domain_id: "pulumi.Input[str]"
    tracking_arn: "pulumi.Input[str]"
    tracking_url: "pulumi.Input[str]"
    alarm_topic_arn: "pulumi.Input[str]"
    event_log_group: "pulumi.Input[str]"
    budget: "pulumi.Input[str]"
    artifact_bucket: "pulumi.Input[str]"
    data_bucket: "pulumi.Input[str]"
    capture_bucket: "pulumi.Input[str]"
    kms_key_arn: "pulumi.Input[str]"
    subnet_ids: "pulumi.Input[Sequence[pulumi.Input[str]]]"
    security_group_id: "pulumi.Input[str]"
    training_role_arn: "pulumi.Input[str]"
    processing_role_arn: "pulumi.Input[str]"
    pipeline_role_arn: "pulumi.Input[str]"
    serving_role_arn: "pulumi.Input[str]"
    monitor_role_arn: "pulumi.Input[str]"
    permissions_boundary_arn: "pulumi.Input[str]"


@dataclass(frozen=True, kw_only=True)
class ModelOutputs:
    """Exports of a model's stack.

    `endpoint` is empty until a model is approved; `batch_pipeline` and `monitor_pipelines` are empty where the
    settings ask for none.
    """

    pipeline: "pulumi.Input[str]"
    batch_pipeline: "pulumi.Input[str]"
    monitor_pipelines: "pulumi.Input[Mapping[str, pulumi.Input[str]]]"
    model_package_group: "pulumi.Input[str]"
    endpoint: "pulumi.Input[str]"
    artifact_bucket: "pulumi.Input[str]"
    artifact_prefix: "pulumi.Input[str]"
    region: "pulumi.Input[str]"


def passing_on(kind: type[P], below: Any, **own: Any) -> P:
    """Make a stack's promise: its own outputs, and those of the stack that it builds on where they have its names.

    Args:
        kind: the promise.
        below: the promise of the stack that it builds on.
        own: its own outputs.

    Raises:
        TypeError: an output is missing, or is none of the promise.
    """
    known: Any = kind
    passed = {
        it.name: getattr(below, it.name) for it in fields(known) if it.name not in own and hasattr(below, it.name)
    }
    return kind(**passed, **own)

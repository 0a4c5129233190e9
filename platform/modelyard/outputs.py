"""What each stack promises the others: its exports, by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

if TYPE_CHECKING:
    import pulumi

P = TypeVar("P")
SCHEMA_KEY = "schema_version"
"""The output by which a stack says which version of its promise it keeps."""
_FIRST = 1  # of stacks that were deployed before they said so


@dataclass(frozen=True, kw_only=True)
class Promise:
    """What a stack promises; a subclass names its outputs.

    An output that is added leaves the version as it is. One that is removed, is renamed or means something else raises
    it; `oldest` is the earliest that this modelyard still reads.
    """

    version: ClassVar[int] = 1
    oldest: ClassVar[int] = 1


@dataclass(frozen=True, kw_only=True)
class FoundationOutputs(Promise):
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
class PlatformOutputs(Promise):
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
class ModelOutputs(Promise):
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


def misfit(kind: type[Promise], outputs: Mapping[str, Any], stack: str) -> tuple[str, str] | None:
    """Tell why what a stack exports is not what this modelyard reads, and what to do.

    Args:
        kind: the promise.
        outputs: what the stack exports.
        stack: its name, `project/stack`.

    Returns:
        The reason and what to type; nothing if it fits.
    """
    project, _, environment = stack.partition("/")
    again = f"in the platform's repository, with this modelyard: modelyard up {project} --env {environment}"
    try:
        found = int(outputs.get(SCHEMA_KEY, _FIRST))
    except (TypeError, ValueError):
        return f"{stack} exports {SCHEMA_KEY} {outputs[SCHEMA_KEY]!r}, no number", again
    if found > kind.version:
        reason = f"{stack} has outputs of schema {found}, and this modelyard reads up to {kind.version}"
        return reason, "pip install --upgrade modelyard, then modelyard update"
    if found < kind.oldest:
        return f"{stack} has outputs of schema {found}, and this modelyard reads {kind.oldest} and above", again
    missing = [it.name for it in fields(kind) if outputs.get(it.name) is None]
    if missing:
        return f"{stack} has no output {', '.join(missing)}: it is older, or not deployed completely", again
    return None

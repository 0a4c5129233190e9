"""What a model takes of the platform it runs on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi


@dataclass(frozen=True, kw_only=True)
class PlatformWires:
    """What a model takes of the platform it runs on."""

    artifact_bucket: pulumi.Input[str]
    data_bucket: pulumi.Input[str]
    capture_bucket: pulumi.Input[str]
    kms_key_arn: pulumi.Input[str]
    subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]]
    security_group_id: pulumi.Input[str]
    alarm_topic_arn: pulumi.Input[str]
    permissions_boundary_arn: pulumi.Input[str]
    tracking_arn: pulumi.Input[str]
    tracking_url: pulumi.Input[str]

    @classmethod
    def of(cls, outputs: Any) -> "PlatformWires":
        """Take the wires from what the platform's stack promises."""
        return cls(**{name: getattr(outputs, name) for name in cls.__dataclass_fields__})

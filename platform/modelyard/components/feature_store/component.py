"""Feature store: a feature group with an offline store in S3 and, if wanted, an online one."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from modelyard.component import Component
from modelyard.components.feature_store.settings import FeatureStoreSettings
from modelyard.naming import Scope


@dataclass(frozen=True, kw_only=True)
class FeatureStoreArgs:
    """Wires of a feature store."""

    settings: FeatureStoreSettings
    scope: Scope
    bucket: pulumi.Input[str]
    kms_key_arn: pulumi.Input[str]
    role_arn: pulumi.Input[str]


class FeatureStore(Component):
    """A SageMaker feature group.

    Attributes:
        group_name: its name.
    """

    token = "modelyard:platform:FeatureStore"  # noqa: S105 - a type token

    def __init__(self, name: str, args: FeatureStoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        settings = args.settings
        online: aws.sagemaker.FeatureGroupOnlineStoreConfigArgsDict = {
            "enable_online_store": True,
            "security_config": {"kms_key_id": args.kms_key_arn},
        }
        group_name, group_opts = self.child("features")
        group = aws.sagemaker.FeatureGroup(
            group_name,
            feature_group_name=args.scope.name("features", limit=64),
            record_identifier_feature_name=settings.record_identifier,
            event_time_feature_name=settings.event_time,
            role_arn=args.role_arn,
            feature_definitions=[
                aws.sagemaker.FeatureGroupFeatureDefinitionArgs(feature_name=feature, feature_type=kind)
                for feature, kind in settings.features.items()
            ],
            online_store_config=online if settings.online else None,
            offline_store_config={
                "s3_storage_config": {
                    "s3_uri": pulumi.Output.concat("s3://", args.bucket, "/feature-store"),
                    "kms_key_id": args.kms_key_arn,
                },
                "disable_glue_table_creation": False,
            },
            opts=group_opts,
        )
        self.group_name = group.feature_group_name
        self.register_outputs({"groupName": self.group_name})

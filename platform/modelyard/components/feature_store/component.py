"""Feature store: feature groups with an offline store in S3 and, if wanted, an online one, and their catalog."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from modelyard.component import Component
from modelyard.components.feature_store import evolution, live
from modelyard.components.feature_store.evolution import WantedGroup
from modelyard.components.feature_store.settings import FeatureStoreSettings
from modelyard.naming import Scope

_PREFIX = "feature-store"
# What the real provider would replace the group for. `evolution` refuses or carries out such changes instead.
_FOR_GOOD = [
    "description",
    "eventTimeFeatureName",
    "featureDefinitions",
    "offlineStoreConfig",
    "recordIdentifierFeatureName",
    "roleArn",
]
_FOR_GOOD_ONLINE = [f"onlineStoreConfig.{name}" for name in ("enableOnlineStore", "securityConfig", "storageType")]


@dataclass(frozen=True, kw_only=True)
class FeatureStoreArgs:
    """Wires of a feature store."""

    settings: FeatureStoreSettings
    scope: Scope
    bucket: pulumi.Input[str]
    kms_key_arn: pulumi.Input[str]
    role_arn: pulumi.Input[str]


class FeatureStore(Component):
    """SageMaker feature groups that grow and never lose a record, and a catalog of them in the artifact bucket.

    When the settings change, what is live is read and compared, in a preview too: new features are added in place;
    what would lose records (a feature removed or of another type, other keys, another store, a group that is gone and
    not retired) is refused with the migration to take. No change, no call. A group that is made is never replaced.

    The catalog is `feature-store/catalog.json` in the artifact bucket: each group's physical name and schema.

    Attributes:
        group_names: physical names by the settings' names.
        group_name: the first group's; empty if there is none.
    """

    token = "modelyard:platform:FeatureStore"  # noqa: S105 - a type token

    def __init__(self, name: str, args: FeatureStoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._args = args
        chosen = args.settings.groups.items()
        wanted = [WantedGroup(label=it, name=args.scope.name(it, limit=64), group=group) for it, group in chosen]
        catalog = self._catalog(wanted)
        self.group_names = {it.label: self._group(it, catalog) for it in wanted}
        self.group_name: pulumi.Input[str] = next(iter(self.group_names.values()), "")
        self.register_outputs({"groupNames": self.group_names})

    @property
    def promised(self) -> dict[str, pulumi.Input[Any]]:
        """What the platform's stack promises of it, by the names of `PlatformOutputs`."""
        return {"feature_group": self.group_name, "feature_groups": self.group_names}

    def _catalog(self, wanted: list[WantedGroup]) -> aws.s3.BucketObjectv2:
        """Write the catalog; that it changes is what has the groups looked at before they are touched."""
        retired = [self._args.scope.name(label, limit=64) for label in self._args.settings.retired]

        def check() -> None:
            problem = evolution.refusal(live.groups(self._args.scope), wanted, retired)
            if problem:
                raise live.EvolutionError(problem)

        name, opts = self.child(
            "catalog", hooks=self._hooks("catalog", ("before_create", "before_update"), check, True)
        )
        content = {it.label: {"feature_group_name": it.name, **it.schema} for it in wanted}
        return aws.s3.BucketObjectv2(
            name,
            bucket=self._args.bucket,
            key=f"{_PREFIX}/catalog.json",
            content=json.dumps({"feature_groups": content, "retired": sorted(retired)}, indent=1),
            content_type="application/json",
            opts=opts,
        )

    def _group(self, wanted: WantedGroup, catalog: aws.s3.BucketObjectv2) -> pulumi.Output[str]:
        args, group = self._args, wanted.group
        online: aws.sagemaker.FeatureGroupOnlineStoreConfigArgsDict = {
            "enable_online_store": True,
            "security_config": {"kms_key_id": args.kms_key_arn},
            **({"ttl_duration": {"unit": "Days", "value": group.ttl_days}} if group.ttl_days else {}),
        }
        kept = [*_FOR_GOOD, *(_FOR_GOOD_ONLINE if group.online else ())]  # Pulumi refuses a path into nothing
        name, opts = self.child(wanted.label, depends_on=[catalog], ignore_changes=kept, hooks=self._evolving(wanted))
        made = aws.sagemaker.FeatureGroup(
            name,
            feature_group_name=wanted.name,
            record_identifier_feature_name=group.record_identifier,
            event_time_feature_name=group.event_time,
            role_arn=args.role_arn,
            feature_definitions=[
                aws.sagemaker.FeatureGroupFeatureDefinitionArgs(feature_name=feature, feature_type=it.type)
                for feature, it in group.features.items()
            ],
            online_store_config=online if group.online else None,
            offline_store_config={
                "s3_storage_config": {
                    "s3_uri": pulumi.Output.concat("s3://", args.bucket, f"/{_PREFIX}"),
                    "kms_key_id": args.kms_key_arn,
                },
                "disable_glue_table_creation": False,
                "table_format": group.format.title(),
            },
            # The tag changes with the schema: it is what makes an update of what the real provider would replace.
            tags={"modelyard:schema": wanted.fingerprint},
            opts=opts,
        )
        return made.feature_group_name

    def _evolving(self, wanted: WantedGroup) -> pulumi.ResourceHookBinding:
        """Have features added before the group's tag says that it has them, and described once it is there."""
        hooks = self._hooks(wanted.label, ("before_update",), lambda: live.evolve(self._args.scope, wanted), False)
        if any(feature.description for feature in wanted.group.features.values()):
            described = self._hooks(
                f"{wanted.label}-texts", ("after_create",), lambda: live.describe(self._args.scope, wanted), False
            )
            hooks.after_create = described.after_create
        return hooks

    def _hooks(
        self, word: str, moments: tuple[str, ...], work: Callable[[], None], on_preview: bool
    ) -> pulumi.ResourceHookBinding:
        """Have something done at some moments of a resource, beside the program's own thread."""

        def run(_: pulumi.ResourceHookArgs) -> Awaitable[None]:
            return asyncio.to_thread(work)

        name, _ = self.child(word)
        hook = pulumi.ResourceHook(name, run, pulumi.ResourceHookOptions(on_dry_run=on_preview))
        binding = pulumi.ResourceHookBinding()
        for moment in moments:
            setattr(binding, moment, [hook])
        return binding

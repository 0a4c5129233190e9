"""Model service: a model's pipeline, its registry, its roles and, once a model is approved, what serves it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws

from modelyard.component import Component
from modelyard.components.model_service.batches import BatchPredictions, BatchPredictionsArgs
from modelyard.components.model_service.commit import last_commit
from modelyard.components.model_service.context import PipelineContext
from modelyard.components.model_service.definitions import defined
from modelyard.components.model_service.deploying import DeploymentOnApproval, DeploymentOnApprovalArgs
from modelyard.components.model_service.endpoint import ModelEndpoint, ModelEndpointArgs, endpoint_name, undone_by
from modelyard.components.model_service.monitors import ModelMonitors, ModelMonitorsArgs
from modelyard.components.model_service.registry import Registered, registered, settled
from modelyard.components.model_service.roles import ModelRoles, ModelRolesArgs
from modelyard.components.model_service.settings import ModelServiceSettings
from modelyard.components.model_service.source import SourceArchive, pack
from modelyard.components.model_service.wires import PlatformWires
from modelyard.naming import Scope

PipelineDefinition = Callable[[PipelineContext], str]
TRAINING_DATA = "training_data"
"""Under this word a pipeline notes, with each model that it registers, where its training data is."""


@dataclass(frozen=True, kw_only=True)
class ModelServiceArgs:
    """Wires of a model service.

    Args:
        account_id: twelve digits.
        source: the folder with the code that jobs run.
        pipeline: writes the definition of the model's pipeline.
    """

    settings: ModelServiceSettings
    scope: Scope
    account_id: pulumi.Input[str]
    platform: PlatformWires
    source: Path
    pipeline: PipelineDefinition


class ModelService(Component):
    """A model from its code to its endpoint; nothing is served before a model is approved.

    Attributes:
        pipeline_name: the SageMaker pipeline that trains.
        batch_pipeline_name: the pipeline of batch predictions; empty where there is none, or no approved model yet.
        monitor_pipeline_names: the monitors' pipelines by their kinds.
        group_name: the model package group.
        endpoint_name: the endpoint; empty where there is none, or no approved model yet.
        prefix: what the keys of all the model's objects start with.
    """

    token = "modelyard:model:ModelService"  # noqa: S105 - a type token

    def __init__(self, name: str, args: ModelServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self._args = args
        self.prefix = args.scope.prefix
        self.batch_pipeline_name: pulumi.Input[str] = ""
        self.endpoint_name: pulumi.Input[str] = ""
        self.monitor_pipeline_names: pulumi.Input[dict[str, pulumi.Output[str]]] = {}
        self._models = self._registered()
        self._roles = self._make_roles()
        self._group = self._make_group()
        self._pipeline = self._make_pipeline()
        if self._models.champion and args.settings.serving.mode == "batch":
            self.batch_pipeline_name = self._batch()
        elif self._models.champion:
            self.endpoint_name = self._endpoint()
        self.pipeline_name = self._pipeline.pipeline_name
        self.group_name = self._group.model_package_group_name
        self.register_outputs({"pipelineName": self.pipeline_name, "endpointName": self.endpoint_name})

    @property
    def promised(self) -> dict[str, pulumi.Input[Any]]:
        """What a model's stack promises of it, by the names of `ModelOutputs`."""
        return {
            "pipeline": self.pipeline_name,
            "batch_pipeline": self.batch_pipeline_name,
            "monitor_pipelines": self.monitor_pipeline_names,
            "model_package_group": self.group_name,
            "endpoint": self.endpoint_name,
            "artifact_prefix": self.prefix,
        }

    def _registered(self) -> Registered:
        """Look up what is approved, and what waits for approval where the rollout shadows it."""
        scope, settings = self._args.scope, self._args.settings
        return registered(
            scope.name("models"),
            scope.region,
            every=settings.serving.mode == "multi_model",
            candidate=settings.rollout.strategy == "shadow",
        )

    def _make_roles(self) -> ModelRoles:
        settings = self._args.settings
        starts = bool(settings.monitors or settings.serving.batch.schedule_expression)
        also = {"events": starts, "deploy": settings.deploy_on_approval}
        name, opts = self.child("roles")
        wires = ModelRolesArgs(
            scope=self._args.scope,
            platform=self._args.platform,
            account_id=self._args.account_id,
            also=tuple(word for word, wanted in also.items() if wanted),
        )
        return ModelRoles(name, wires, opts)

    def _make_group(self) -> aws.sagemaker.ModelPackageGroup:
        scope = self._args.scope
        name, opts = self.child("models")
        return aws.sagemaker.ModelPackageGroup(
            name,
            model_package_group_name=scope.name("models"),
            model_package_group_description=f"Models of {scope.owner} in {scope.environment}",
            opts=opts,
        )

    def _make_pipeline(self) -> aws.sagemaker.Pipeline:
        scope, source = self._args.scope, pack(self._args.source)
        name, opts = self.child("pipeline", depends_on=[self._code(source), self._group, *self._roles.policies])
        return aws.sagemaker.Pipeline(
            name,
            pipeline_name=scope.name("pipeline"),
            pipeline_display_name=scope.name("pipeline"),
            pipeline_description=f"From data to a registered model of {scope.owner}",
            role_arn=self._roles.arns["pipeline"],
            pipeline_definition=self._definition(source),
            opts=opts,
        )

    def _key(self, source: SourceArchive) -> str:
        return f"{self.prefix}/code/{source.digest}/sourcedir.tar.gz"

    def _code(self, source: SourceArchive) -> aws.s3.BucketObjectv2:
        # Registered models and executions under way refer to the code they were made with.
        name, opts = self.child("code", retain_on_delete=True)
        return aws.s3.BucketObjectv2(
            name,
            bucket=self._args.platform.artifact_bucket,
            key=self._key(source),
            content_base64=source.base64,
            content_type="application/gzip",
            opts=opts,
        )

    def _definition(self, source: SourceArchive) -> pulumi.Output[str]:
        args, champion = self._args, self._models.champion
        context = partial(
            PipelineContext,
            name=args.scope.name("pipeline"),
            region=args.scope.region,
            prefix=self.prefix,
            model_package_group=args.scope.name("models"),
            instance_type=args.settings.instance_type,
            parameters=args.settings.parameters,
            commit=last_commit(args.source),
            champion_model_uri=champion.data_url if champion else "",
            champion_version=champion.version if champion else 0,
            sample_fraction=args.settings.sample_fraction,
        )
        wires = pulumi.Output.all(
            args.platform.artifact_bucket,
            self._roles.arns["training"],
            args.platform.kms_key_arn,
            args.platform.subnet_ids,
            args.platform.security_group_id,
            args.platform.tracking_arn,
            args.platform.tracking_url,
        )
        return wires.apply(
            lambda it: defined(
                args.pipeline,
                context(
                    bucket=it[0],
                    source_uri=f"s3://{it[0]}/{self._key(source)}",
                    role_arn=it[1],
                    kms_key_arn=it[2],
                    subnet_ids=tuple(it[3]),
                    security_group_ids=(it[4],),
                    tracking_arn=it[5],
                    tracking_url=it[6],
                ),
                source.digest,
                args.scope,
            )
        )

    def _batch(self) -> pulumi.Output[str]:
        assert self._models.champion is not None  # noqa: S101 - narrows the type
        args, roles = self._args, self._roles.arns
        name, opts = self.child("batch", depends_on=self._roles.policies)
        wires = BatchPredictionsArgs(
            settings=args.settings,
            scope=args.scope,
            platform=args.platform,
            model=self._models.champion,
            pipeline_role_arn=roles["pipeline"],
            serving_role_arn=roles["serving"],
            events_role_arn=roles.get("events", ""),
        )
        return BatchPredictions(name, wires, opts).pipeline_name

    def _endpoint(self) -> pulumi.Output[str]:
        args = self._args
        if args.settings.deploy_on_approval and not pulumi.runtime.is_dry_run():
            settled(endpoint_name(args.settings, args.scope), args.scope.region)
        name, opts = self.child("service", depends_on=[self._group, *self._roles.policies])
        wires = ModelEndpointArgs(
            settings=args.settings,
            scope=args.scope,
            platform=args.platform,
            role_arn=self._roles.arns["serving"],
            models=self._models,
        )
        endpoint = ModelEndpoint(name, wires, opts)
        if args.settings.monitors:
            self.monitor_pipeline_names = self._monitors(endpoint)
        if args.settings.deploy_on_approval:
            self._follow_approvals(endpoint)
        return endpoint.endpoint_name

    def _monitors(self, endpoint: ModelEndpoint) -> dict[str, pulumi.Output[str]]:
        args, champion = self._args, self._models.approved[0]
        data = champion.notes.get(TRAINING_DATA, "")
        if not data:
            raise pulumi.RunError(
                f"monitors compare with what version {champion.version} was trained on, which it doesn't say\n"
                f"  -> have the pipeline register {TRAINING_DATA} among the package's CustomerMetadataProperties"
            )
        name, opts = self.child("monitors", depends_on=[endpoint])
        wires = ModelMonitorsArgs(
            settings=args.settings,
            scope=args.scope,
            platform=args.platform,
            endpoint=endpoint_name(args.settings, args.scope),
            training_data_uri=data,
            role_arns=self._roles.arns,
            training_pipeline_arn=self._pipeline.arn,
        )
        return ModelMonitors(name, wires, opts).pipeline_names

    def _follow_approvals(self, endpoint: ModelEndpoint) -> None:
        args = self._args
        name, opts = self.child("deployment", depends_on=[endpoint])
        wires = DeploymentOnApprovalArgs(
            settings=args.settings,
            scope=args.scope,
            platform=args.platform,
            role_arn=self._roles.arns["deploy"],
            endpoint=endpoint_name(args.settings, args.scope),
            group=args.scope.name("models"),
            alarm_names=undone_by(args.scope),
        )
        DeploymentOnApproval(name, wires, opts)

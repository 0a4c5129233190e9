"""What a branch's endpoint serves: the main branch's model, or one that is trained for the branch."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from modelyard import wire
from modelyard.cli import views
from modelyard.cli.branching.stacks import Place
from modelyard.cli.deploy import Session
from modelyard.errors import DeploymentError, StateError
from modelyard.models import pipelines, registry
from modelyard.models.deployed import DeployedModel
from modelyard.models.registry import ModelVersion
from modelyard.previews.records import BranchStack
from modelyard.previews.samples import allowances
from modelyard.targets import Target

_COPIED = (
    "InferenceSpecification",
    "ModelMetrics",
    "DriftCheckBaselines",
    "CustomerMetadataProperties",
    "ModelCard",
    "SkipModelValidation",
)


@dataclass(frozen=True, kw_only=True)
class Branch:
    """A branch's stack whose resources are there.

    Args:
        place: where it is.
        stack: the stack.
        opened: the session on it.
        outputs: what its program exported.
    """

    place: Place
    stack: BranchStack
    opened: Session
    outputs: Mapping[str, Any]

    @property
    def target(self) -> Target:
        """Return the cloud."""
        return self.opened.target(start=False)

    @property
    def model(self) -> DeployedModel:
        """Return what the stack has deployed."""
        return _deployed(self.outputs, self.target)

    @property
    def main(self) -> DeployedModel | None:
        """Return the main branch's model: its stack in the environment that the branch stands on."""
        try:
            outputs = self.place.backend.outputs(f"{self.stack.project}/{self.stack.platform}")
        except StateError:
            return None
        return _deployed(outputs, self.target)


@dataclass(frozen=True, kw_only=True)
class Served:
    """What a branch's endpoint serves.

    Args:
        words: whose model it is, for people; empty without one.
        arrived: whether it has just arrived, so that the endpoint has yet to be made.
        metrics: what its evaluation measured.
        main_metrics: what the main branch's model's did.
    """

    words: str = ""
    arrived: bool = False
    metrics: Mapping[str, float] = field(default_factory=dict)
    main_metrics: Mapping[str, float] = field(default_factory=dict)


def serve(branch: Branch, chosen: str, *, anew: bool) -> Served:
    """Give a branch its model.

    Args:
        branch: its stack.
        chosen: `reuse`, `train`, `sample` or `none`.
        anew: whether to do so though the branch has a model already.

    Raises:
        DeploymentError: the pipeline failed.
        CloudError: SageMaker refused.
    """
    mine, main = _newest(branch.model), branch.main
    of_main = _newest(main) if main is not None else None
    main_metrics = dict(of_main.metrics) if of_main else {}
    arrived = False
    if chosen != "none" and (mine is None or anew):
        if chosen == "reuse":
            arrived = main is not None and of_main is not None and _reuse(branch, main, of_main)
        else:
            _train(branch, sample=chosen == "sample")
            arrived = True
        mine = _newest(branch.model)
    if mine is None:
        return Served(main_metrics=main_metrics)
    words = f"version {mine.version} of its own group"
    return Served(words=words, arrived=arrived, metrics=dict(mine.metrics), main_metrics=main_metrics)


def _reuse(branch: Branch, main: DeployedModel, version: ModelVersion) -> bool:
    """Copy the main branch's approved model into the branch's group; it goes with the branch."""
    client = main.client()
    with pipelines.translated():
        found = client.describe_model_package(ModelPackageName=version.arn)
        copied = {key: found[key] for key in _COPIED if found.get(key)}
        customer = {**copied.pop("CustomerMetadataProperties", {}), "copied_from": version.arn}
        if card := copied.get("ModelCard"):
            copied["ModelCard"] = {key: card[key] for key in ("ModelCardContent", "ModelCardStatus") if key in card}
        client.create_model_package(
            ModelPackageGroupName=branch.model.group,
            ModelPackageDescription=f"Version {version.version} of {main.group}",
            ModelApprovalStatus="Approved",
            CustomerMetadataProperties=customer,
            **copied,
        )
    return True


def _train(branch: Branch, *, sample: bool) -> None:
    """Run the branch's pipeline, on a sample where its program says so, and approve what it registers.

    That is for the branch's own endpoint alone.

    Raises:
        DeploymentError: it failed.
    """
    model = branch.model
    execution = pipelines.start(model, allowances(_definition(model)) if sample else {})
    if not branch.opened.choices.json:
        views.line(f"[bold]training {views.escaped(model.pipeline)}[/bold] [dim]{execution.arn.split('/')[-1]}[/dim]")
    execution = pipelines.follow(model, execution, lambda step: None)
    if execution.status != "Succeeded":
        raise DeploymentError(
            f"the pipeline {model.pipeline} ended as {execution.status}: {execution.reason}",
            hint=f"modelyard pipeline logs --env {branch.stack.stack}",
        )
    registry.set_status(model, None, "Approved", "for the branch's own endpoint, by modelyard branch up")


def _definition(model: DeployedModel) -> str:
    with pipelines.translated("modelyard branch up"):
        return str(model.client().describe_pipeline(PipelineName=model.pipeline)["PipelineDefinition"])


def _newest(model: DeployedModel) -> ModelVersion | None:
    """Return the newest approved version."""
    return next((it for it in registry.versions(model) if it.status == "Approved"), None)


def _deployed(outputs: Mapping[str, Any], target: Target) -> DeployedModel:
    known = wire.reveal(dict(outputs))
    return DeployedModel(
        pipeline=known["pipeline"],
        group=known["model_package_group"],
        endpoint=known.get("endpoint") or "",
        region=known["region"],
        target=target,
    )

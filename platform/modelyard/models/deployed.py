"""What a model's stack has deployed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from modelyard import wire
from modelyard.errors import StateError, UsageError
from modelyard.targets import Target


@dataclass(frozen=True, kw_only=True)
class DeployedModel:
    """A model's stack and the cloud it is deployed to.

    Args:
        pipeline: the pipeline's name.
        group: the model package group's name.
        endpoint: the endpoint's name; empty before a model is deployed, and where models are not served by one.
        region: the AWS region.
        target: the cloud.
        batch: the name of the pipeline of batch predictions; empty where there is none.
        monitors: the names of the monitors' pipelines, by what they watch.
        bucket: the platform's artifact bucket.
        prefix: what the keys of all the model's objects start with.
    """

    pipeline: str
    group: str
    endpoint: str
    region: str
    target: Target
    batch: str = ""
    monitors: Mapping[str, str] = field(default_factory=dict)
    bucket: str = ""
    prefix: str = ""

    def client(self, service: str = "sagemaker") -> Any:
        """Make a boto3 client for the model's region."""
        return self.target.client(service, self.region)

    def running(self, word: str) -> "DeployedModel":
        """Return the same model with another of its pipelines in the place of the one that trains.

        Args:
            word: train, batch, or what a monitor watches, such as data_quality.

        Raises:
            UsageError: it has no such pipeline.
        """
        known = {"train": self.pipeline, "batch": self.batch, **self.monitors}
        found = {name: pipeline for name, pipeline in known.items() if pipeline}
        if word not in found:
            raise UsageError(f"there is no pipeline {word!r}", hint=f"there is: {', '.join(found)}")
        return replace(self, pipeline=found[word])


def deployed(outputs: Mapping[str, Any], title: str, target: Target) -> DeployedModel:
    """Read what a model's stack has deployed.

    Args:
        outputs: what the stack exports, as a backend keeps it.
        title: the stack as `project/stack`.
        target: the cloud.

    Raises:
        StateError: it has not been deployed, or not completely.
    """
    known: dict[str, Any] = wire.reveal(dict(outputs))
    if not known.get("pipeline") or "artifact_bucket" not in known:
        raise StateError(f"the stack {title} has not been deployed", hint=_deploy(title))
    return DeployedModel(
        pipeline=known["pipeline"],
        group=known["model_package_group"],
        endpoint=known["endpoint"],
        batch=known["batch_pipeline"],
        monitors=known["monitor_pipelines"],
        bucket=known["artifact_bucket"],
        prefix=known["artifact_prefix"],
        region=known["region"],
        target=target,
    )


def _deploy(title: str) -> str:
    return f"modelyard up --env {title.rpartition('/')[2]}"

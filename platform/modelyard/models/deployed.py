"""What a model's stack has deployed."""

from dataclasses import dataclass
from typing import Any

from modelyard import wire
from modelyard.engine.embedded.state.store import StackStore
from modelyard.errors import StateError
from modelyard.targets import Target


@dataclass(frozen=True, kw_only=True)
class DeployedModel:
    """A model's stack and the cloud it is deployed to.

    Args:
        pipeline: the pipeline's name.
        group: the model package group's name.
        endpoint: the endpoint's name; empty before a model is deployed.
        region: the AWS region.
        target: the cloud.
    """

    pipeline: str
    group: str
    endpoint: str
    region: str
    target: Target

    def client(self, service: str = "sagemaker") -> Any:
        """Make a boto3 client for the model's region."""
        return self.target.client(service, self.region)


def deployed(store: StackStore, target: Target) -> DeployedModel:
    """Read what a model's stack has deployed.

    Raises:
        StateError: it has not been deployed.
    """
    outputs: dict[str, Any] = wire.reveal(store.outputs()) if store.deployed else {}
    if not outputs.get("pipeline"):
        raise StateError(
            f"the stack {store.project}/{store.stack} has not been deployed", hint=f"modelyard up --env {store.stack}"
        )
    return DeployedModel(
        pipeline=outputs["pipeline"],
        group=outputs["model_package_group"],
        endpoint=outputs["endpoint"],
        region=outputs["region"],
        target=target,
    )

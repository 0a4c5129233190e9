"""Asking a model's endpoint."""

from dataclasses import dataclass

from modelyard.errors import CloudError, DeploymentError
from modelyard.models.deployed import DeployedModel
from modelyard.models.pipelines import translated


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What an endpoint answered.

    Args:
        body: the text.
        content_type: its media type.
        variant: the variant that answered.
    """

    body: str
    content_type: str
    variant: str


def require(model: DeployedModel) -> str:
    """Return the endpoint's name.

    Raises:
        DeploymentError: no model has been deployed.
    """
    if not model.endpoint:
        raise DeploymentError(
            "there is no endpoint: no model has been approved and deployed",
            hint="modelyard pipeline run && modelyard model approve && modelyard up",
        )
    return model.endpoint


def invoke(model: DeployedModel, data: bytes, content_type: str, accept: str) -> Answer:
    """Ask for predictions.

    Args:
        model: the model.
        data: the request's body.
        content_type: its media type, such as `text/csv` or `application/json`.
        accept: the media type wanted.

    Raises:
        DeploymentError: there is no endpoint.
        CloudError: the endpoint or its model refused.
    """
    name = require(model)
    with translated(f"see what the model logged: log group /aws/sagemaker/Endpoints/{name}"):
        found = model.client("sagemaker-runtime").invoke_endpoint(
            EndpointName=name, Body=data, ContentType=content_type, Accept=accept
        )
        body = found["Body"].read().decode(errors="replace")
    return Answer(body=body, content_type=found["ContentType"], variant=found.get("InvokedProductionVariant", ""))


def status(model: DeployedModel) -> dict[str, str]:
    """Describe the endpoint.

    Raises:
        DeploymentError: there is none.
        CloudError: SageMaker refused.
    """
    name = require(model)
    with translated():
        found = model.client().describe_endpoint(EndpointName=name)
    if found["EndpointStatus"] == "Failed":
        raise CloudError(f"the endpoint {name} failed: {found.get('FailureReason', 'no reason given')}")
    return {
        "endpoint": name,
        "status": found["EndpointStatus"],
        "configuration": found["EndpointConfigName"],
        "url": f"{model.target.endpoint_url}/endpoints/{name}/invocations",
    }

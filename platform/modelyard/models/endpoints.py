"""Asking a model's endpoint."""

import time
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from modelyard.errors import CloudError, DeploymentError
from modelyard.models.deployed import DeployedModel
from modelyard.models.pipelines import translated

_PATIENCE_SECONDS = 300
_POLL_SECONDS = 0.5


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
        DeploymentError: no model has been deployed, or it is served without an endpoint.
    """
    if model.batch:
        raise DeploymentError(
            "there is no endpoint: the model predicts whole files", hint="modelyard pipeline run --pipeline batch"
        )
    if not model.endpoint:
        raise DeploymentError(
            "there is no endpoint: no model has been approved and deployed",
            hint="modelyard pipeline run && modelyard model approve && modelyard up",
        )
    return model.endpoint


def invoke(model: DeployedModel, data: bytes, content_type: str, accept: str, target_model: str = "") -> Answer:
    """Ask for predictions, of an asynchronous endpoint too.

    Args:
        model: the model.
        data: the request's body.
        content_type: its media type, such as `text/csv` or `application/json`.
        accept: the media type wanted.
        target_model: which of a multi-model endpoint's models, such as `v3.tar.gz`.

    Raises:
        DeploymentError: there is no endpoint.
        CloudError: the endpoint or its model refused, or an asynchronous one took too long.
    """
    name = require(model)
    more = {"TargetModel": target_model} if target_model else {}
    with translated(f"see what the model logged: log group /aws/sagemaker/Endpoints/{name}"):
        if model.client().describe_endpoint(EndpointName=name).get("AsyncInferenceConfig"):
            return _asynchronously(model, name, data, content_type, accept)
        found = model.client("sagemaker-runtime").invoke_endpoint(
            EndpointName=name, Body=data, ContentType=content_type, Accept=accept, **more
        )
        body = found["Body"].read().decode(errors="replace")
    return Answer(body=body, content_type=found["ContentType"], variant=found.get("InvokedProductionVariant", ""))


def _asynchronously(model: DeployedModel, name: str, data: bytes, content_type: str, accept: str) -> Answer:
    """Put the request where an asynchronous endpoint reads it, and wait for what it answers."""
    s3, key = model.client("s3"), f"{model.prefix}/async/requests/{uuid4().hex}"
    s3.put_object(Bucket=model.bucket, Key=key, Body=data, ContentType=content_type)
    taken = model.client("sagemaker-runtime").invoke_endpoint_async(
        EndpointName=name, InputLocation=f"s3://{model.bucket}/{key}", ContentType=content_type, Accept=accept
    )
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        failure = _object(s3, taken.get("FailureLocation", ""))
        if failure is not None:
            raise CloudError(f"the model refused: {failure}", hint=f"see log group /aws/sagemaker/Endpoints/{name}")
        answer = _object(s3, taken["OutputLocation"])
        if answer is not None:
            return Answer(body=answer, content_type=accept, variant="")
        time.sleep(_POLL_SECONDS)
    raise CloudError(
        f"the endpoint has not answered after {_PATIENCE_SECONDS} s",
        hint=f"its answer will be {taken['OutputLocation']}",
    )


def _object(s3: Any, uri: str) -> str | None:
    """Return an object's text; None while there is no such object."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    if not key:
        return None
    try:
        return str(s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode(errors="replace"))
    except s3.exceptions.NoSuchKey:
        return None


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
        "url": f"{model.client('sagemaker-runtime').meta.endpoint_url}/endpoints/{name}/invocations",
    }

"""Moves an endpoint to the model that was approved last: a Lambda function, which needs nothing but boto3.

It is told of every approval and rejection in its model's group, and of its endpoint being in service again. On the
former it copies the endpoint's configuration with the newest approved package as its model and has the endpoint move;
on the latter it deletes what it made before and the endpoint no longer uses. The next `up` goes on from there.

Variables: GROUP, ENDPOINT, NAME (what its models and configurations begin with), DEPLOYMENT (a DeploymentConfig as
JSON; empty for AWS's own way).
"""

import hashlib
import json
import os
from typing import Any

import boto3

HANDLER = "deploy_function.handler"
MARK = {"Key": "modelyard:made-by", "Value": "deploy-function"}
_MODEL_FIELDS = ("ExecutionRoleArn", "VpcConfig", "EnableNetworkIsolation")
_CONFIG_FIELDS = ("DataCaptureConfig", "KmsKeyId", "AsyncInferenceConfig")


def handler(event: dict[str, Any], context: object) -> dict[str, str]:
    """Answer one event; what is returned says what was done."""
    client = boto3.client("sagemaker")
    if event.get("detail-type") == "SageMaker Endpoint State Change":
        return {"deleted": ", ".join(sweep(client, os.environ["ENDPOINT"], os.environ["NAME"]))}
    return {"moved": move(client, os.environ["GROUP"], os.environ["ENDPOINT"], os.environ["NAME"])}


def move(client: Any, group: str, endpoint: str, name: str) -> str:
    """Have the endpoint serve the newest approved model; return what was done, in words.

    Raises:
        RuntimeError: the endpoint is on the move already; Lambda tries again.
    """
    newest = client.list_model_packages(
        ModelPackageGroupName=group,
        ModelApprovalStatus="Approved",
        SortBy="CreationTime",
        SortOrder="Descending",
        MaxResults=1,
    )["ModelPackageSummaryList"]
    serving = _endpoint(client, endpoint)
    if not newest or serving is None:
        return "nothing: there is no approved model, or no endpoint yet; `modelyard up` makes it"
    if serving["EndpointStatus"] != "InService":
        raise RuntimeError(f"the endpoint {endpoint} is {serving['EndpointStatus']}")
    config = client.describe_endpoint_config(EndpointConfigName=serving["EndpointConfigName"])
    model = client.describe_model(ModelName=config["ProductionVariants"][0]["ModelName"])
    arn = newest[0]["ModelPackageArn"]
    if _package(model) == arn:
        return f"nothing: {endpoint} serves {arn} already"
    mark = hashlib.sha256(config["EndpointConfigName"].encode()).hexdigest()[:8]
    made = f"{name}-v{newest[0]['ModelPackageVersion']}-{mark}"
    _make(client, made, arn, config, model)
    given = os.environ.get("DEPLOYMENT")
    how = {"DeploymentConfig": json.loads(given)} if given else {}
    client.update_endpoint(EndpointName=endpoint, EndpointConfigName=made, **how)
    return f"{endpoint} moves to {arn}"


def sweep(client: Any, endpoint: str, name: str) -> list[str]:
    """Delete the models and configurations that this function made and the endpoint no longer uses."""
    serving = _endpoint(client, endpoint)
    used = serving["EndpointConfigName"] if serving else ""
    pages = client.get_paginator("list_endpoint_configs").paginate(NameContains=name)
    found = [it["EndpointConfigName"] for page in pages for it in page["EndpointConfigs"]]
    unused = [it for it in found if it.startswith(f"{name}-v") and it != used]
    for made in unused:
        client.delete_endpoint_config(EndpointConfigName=made)
        client.delete_model(ModelName=made)
    return unused


def _make(client: Any, made: str, arn: str, config: dict[str, Any], model: dict[str, Any]) -> None:
    """Make the model and the configuration, unless an earlier try made them."""
    tags = [it for it in client.list_tags(ResourceArn=config["EndpointConfigArn"])["Tags"] if _ours(it)] + [MARK]
    kept = {key: model[key] for key in _MODEL_FIELDS if model.get(key)}
    if not _exists(client.describe_model, ModelName=made):
        client.create_model(ModelName=made, Containers=[{"ModelPackageName": arn}], Tags=tags, **kept)
    if not _exists(client.describe_endpoint_config, EndpointConfigName=made):
        variants = [{**config["ProductionVariants"][0], "ModelName": made}]
        rest = {key: config[key] for key in _CONFIG_FIELDS if config.get(key)}
        client.create_endpoint_config(EndpointConfigName=made, ProductionVariants=variants, Tags=tags, **rest)


def _ours(tag: dict[str, str]) -> bool:
    return not tag["Key"].startswith("aws:") and tag["Key"] != MARK["Key"]


def _package(model: dict[str, Any]) -> str:
    containers = model.get("Containers") or [model.get("PrimaryContainer") or {}]
    return str(containers[0].get("ModelPackageName", ""))


def _endpoint(client: Any, name: str) -> Any:
    try:
        return client.describe_endpoint(EndpointName=name)
    except client.exceptions.ClientError as error:
        _pass_over_missing(error)
        return None


def _exists(describe: Any, **name: str) -> bool:
    try:
        describe(**name)
    except describe.__self__.exceptions.ClientError as error:
        _pass_over_missing(error)
        return False
    return True


def _pass_over_missing(error: Any) -> None:
    """Let an error pass that says there is no such thing; raise any other."""
    if error.response["Error"]["Code"] != "ValidationException" or "ould not find" not in str(error):
        raise error

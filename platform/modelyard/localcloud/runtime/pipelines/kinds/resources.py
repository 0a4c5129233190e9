"""Steps that make a resource: a registered model, a model, an endpoint."""

from typing import Any

from modelyard.localcloud.runtime.pipelines.steps import Call, Kind, Result, StepError, StepStopped, described

_POLL_SECONDS = 0.2
_DEPLOYING = frozenset({"Creating", "Updating", "SystemUpdating"})


def _register_model(call: Call) -> Result:
    client = call.sagemaker
    group = call.arguments.get("ModelPackageGroupName")
    if group:
        try:
            client.describe_model_package_group(ModelPackageGroupName=group)
        except client.exceptions.ClientError:
            # AWS's own step makes the group too.
            client.create_model_package_group(ModelPackageGroupName=group)
    # A version of a group can't have tags of its own; the group's count.
    arguments = {**call.arguments} if group else call.with_tags()
    arn = client.create_model_package(**arguments)["ModelPackageArn"]
    return Result({"RegisterModel": {"Arn": arn}}, described(client.describe_model_package(ModelPackageName=arn)))


def _model(call: Call) -> Result:
    client = call.sagemaker
    arguments = call.with_tags()
    name = arguments.pop("ModelName", None) or call.new_name()
    arn = client.create_model(ModelName=name, **arguments)["ModelArn"]
    return Result({"Model": {"Arn": arn}}, described(client.describe_model(ModelName=name)))


def _endpoint_config(call: Call) -> Result:
    client = call.sagemaker
    arguments = call.with_tags()
    name = arguments.pop("EndpointConfigName", None) or call.new_name()
    arn = client.create_endpoint_config(EndpointConfigName=name, **arguments)["EndpointConfigArn"]
    properties = described(client.describe_endpoint_config(EndpointConfigName=name))
    return Result({"EndpointConfig": {"Arn": arn}}, properties)


def _endpoint(call: Call) -> Result:
    """Make an endpoint, or update the one of that name, and wait until it serves."""
    client = call.sagemaker
    arguments = call.with_tags()
    name = arguments.pop("EndpointName", None) or call.new_name()
    config = arguments["EndpointConfigName"]
    try:
        client.describe_endpoint(EndpointName=name)
    except client.exceptions.ClientError:
        arn = client.create_endpoint(EndpointName=name, **arguments)["EndpointArn"]
    else:
        arn = client.update_endpoint(EndpointName=name, EndpointConfigName=config)["EndpointArn"]
    metadata = {"Endpoint": {"Arn": arn}}
    call.started(metadata)
    found: dict[str, Any] = {"EndpointStatus": "Creating"}
    while found["EndpointStatus"] in _DEPLOYING:
        if call.stopping.wait(_POLL_SECONDS):
            raise StepStopped
        found = described(client.describe_endpoint(EndpointName=name))
    if found["EndpointStatus"] != "InService" or found["EndpointConfigName"] != config:
        raise StepError(found.get("FailureReason") or f"the endpoint is {found['EndpointStatus']}", metadata)
    return Result(metadata, found)


STEPS: dict[str, Kind] = {
    "RegisterModel": _register_model,
    "Model": _model,
    "CreateModel": _model,
    "EndpointConfig": _endpoint_config,
    "Endpoint": _endpoint,
}

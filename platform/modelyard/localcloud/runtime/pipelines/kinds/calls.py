"""Steps that call something: a Lambda function, or whoever reads a queue."""

import json
import secrets
import string
from typing import Any

from modelyard.localcloud.runtime.pipelines.record import KIND
from modelyard.localcloud.runtime.pipelines.steps import Call, Kind, Result, StepError, StepStopped

_TOKEN_LENGTH = 10
_POLL_SECONDS = 0.2


def _lambda(call: Call) -> Result:
    arn = str(call.fields["FunctionArn"])
    region = arn.split(":")[3] if arn.startswith("arn:") else call.region
    client = call.host.client("lambda", region)
    answer = client.invoke(FunctionName=arn, Payload=json.dumps(call.arguments, default=str).encode())
    text = answer["Payload"].read().decode()
    metadata = {"Lambda": {"Arn": arn, "OutputParameters": list[dict[str, str]]()}}
    if answer.get("FunctionError"):
        raise StepError(f"ClientError: The Lambda function failed: {text}", metadata)
    outputs = _outputs(call, _read(text))
    metadata["Lambda"]["OutputParameters"] = _listed(outputs)
    return Result(metadata, {"OutputParameters": outputs})


def _read(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text or "null")
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {}


def _outputs(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    """Return the step's declared outputs, or fail if one is missing or of another type."""
    outputs = {}
    for declared in call.fields.get("OutputParameters") or []:
        name, kind = declared["OutputName"], declared.get("OutputType", "String")
        if name not in given:
            raise StepError(f"ClientError: The output parameter [{name}] is not in what was returned")
        value = given[name]
        try:
            outputs[name] = _CONVERSIONS[kind](value)
        except (ValueError, TypeError, KeyError) as error:
            raise StepError(f"ClientError: The output parameter [{name}] is no {kind}: {value!r}") from error
    return outputs


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _truth(value: Any) -> bool:
    if str(value).lower() not in ("true", "false"):
        raise ValueError(value)
    return str(value).lower() == "true"


_CONVERSIONS: dict[str, Any] = {"String": _text, "Integer": int, "Float": float, "Boolean": _truth}


def _listed(outputs: dict[str, Any]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": _text(value)} for name, value in outputs.items()]


def _callback(call: Call) -> Result:
    """Put a token into a queue, and wait until somebody sends it back."""
    token = "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(_TOKEN_LENGTH))
    queue = str(call.fields["SqsQueueUrl"])
    metadata: dict[str, Any] = {"Callback": {"CallbackToken": token, "SqsQueueUrl": queue}}
    call.started(metadata)
    message = {
        "token": token,
        "pipelineExecutionArn": call.execution_arn,
        "stepName": call.step_name,
        "status": "Executing",
        "arguments": call.arguments,
    }
    call.host.client("sqs", call.region).send_message(QueueUrl=queue, MessageBody=json.dumps(message, default=str))
    executions = call.host.collection(call.region, KIND)
    while True:
        found = executions.wait(call.execution_arn, lambda doc: token in doc.get("Callbacks", {}), _POLL_SECONDS) or {}
        answer = found.get("Callbacks", {}).get(token)
        if answer is not None:
            break
        if call.stopping.is_set() or not found:
            raise StepStopped
    if "FailureReason" in answer:
        raise StepError(answer["FailureReason"] or "ClientError: The callback step failed", metadata)
    outputs = _outputs(call, answer["OutputParameters"])
    metadata["Callback"]["OutputParameters"] = _listed(outputs)
    return Result(metadata, {"OutputParameters": outputs})


STEPS: dict[str, Kind] = {"Lambda": _lambda, "Callback": _callback}

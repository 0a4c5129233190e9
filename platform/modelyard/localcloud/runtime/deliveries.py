"""What rules, schedules and alarms send, and to whom: SageMaker pipelines, SNS, SQS, Lambda and others.

Source: the EventBridge user guide, "Event bus targets"; the EventBridge Scheduler user guide, "Universal targets".
"""

import json
import logging
import re
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from modelyard.localcloud.runtime.clients import Clients

_log = logging.getLogger(__name__)
_WORD = re.compile(r"(?<!^)(?=[A-Z])")

Target = Mapping[str, Any]
Event = Mapping[str, Any]


@dataclass(frozen=True)
class Call:
    """One call of an AWS operation.

    Args:
        service: botocore's name of the service.
        operation: the method of its client.
        arguments: its parameters.
    """

    service: str
    operation: str
    arguments: dict[str, Any]


class Deliveries:
    """Delivers, each in a thread of its own, so that whoever caused an event doesn't wait for what comes of it.

    Args:
        clients: clients of the local cloud.
    """

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._lock = threading.Lock()
        self._pending = 0

    @property
    def pending(self) -> int:
        """How many are under way."""
        with self._lock:
            return self._pending

    def deliver(self, region: str, target: Target, event: Event) -> None:
        """Deliver an event to a target as its entry says.

        Args:
            region: where a target whose ARN names no region is.
            target: a member of PutTargets' Targets, or a schedule's Target.
            event: the event.
        """
        call = call_of(target, event)
        if call is None:
            _log.warning("the local cloud delivers no events to %s", target["Arn"])
            return
        self.send(str(target["Arn"]).split(":")[3] or region, call)

    def send(self, region: str, call: Call) -> None:
        """Make a call beside whatever goes on; a failure is logged."""
        with self._lock:
            self._pending += 1
        threading.Thread(target=self._make, args=(region, call), name=call.operation, daemon=True).start()

    def _make(self, region: str, call: Call) -> None:
        try:
            client = self._clients.get(call.service, region)
            arguments = dict(call.arguments)
            if call.service == "sqs":
                arguments["QueueUrl"] = client.get_queue_url(QueueName=arguments.pop("QueueName"))["QueueUrl"]
            if call.service == "logs":
                _ensure_stream(client, arguments)
            getattr(client, call.operation)(**arguments)
        except (BotoCoreError, ClientError, AttributeError, TypeError, ValueError) as error:
            _log.warning("%s of an event failed: %s", call.operation, error)
        finally:
            with self._lock:
                self._pending -= 1


def call_of(target: Target, event: Event) -> Call | None:
    """Return the call that delivers an event; None for a kind of target that the local cloud has not."""
    arn = str(target["Arn"])
    parts = arn.split(":", 5)
    service, resource = parts[2], parts[5]
    if service == "scheduler" and resource.startswith("aws-sdk:"):
        return _universal(resource, target)
    if service == "sagemaker" and resource.startswith("pipeline/"):
        given = (target.get("SageMakerPipelineParameters") or {}).get("PipelineParameterList") or []
        parameters = [{"Name": item["Name"], "Value": resolved(item["Value"], event)} for item in given]
        return Call("sagemaker", "start_pipeline_execution", {"PipelineName": arn, "PipelineParameters": parameters})
    sent = message(target, event)
    if service == "sqs":
        group = (target.get("SqsParameters") or {}).get("MessageGroupId")
        more = {"MessageGroupId": group} if group else {}
        return Call("sqs", "send_message", {"QueueName": resource, "MessageBody": sent, **more})
    if service == "logs":
        name = resource.removeprefix("log-group:").removesuffix(":*")
        return Call("logs", "put_log_events", {"logGroupName": name, "message": sent, "event": dict(event)})
    simple = {
        "sns": ("publish", {"TopicArn": arn, "Message": sent}),
        "lambda": ("invoke", {"FunctionName": arn, "InvocationType": "Event", "Payload": sent}),
        "states": ("start_execution", {"stateMachineArn": arn, "input": sent}),
        "codebuild": ("start_build", {"projectName": resource.partition("/")[2]}),
    }
    if service not in simple:
        return None
    operation, arguments = simple[service]
    return Call("stepfunctions" if service == "states" else service, operation, arguments)


def message(target: Target, event: Event) -> str:
    """Return the text that a target gets: its constant Input, what its path or transformer takes, or the event."""
    if target.get("Input"):
        return str(target["Input"])
    if target.get("InputPath"):
        return json.dumps(at(event, str(target["InputPath"])), default=str)
    return transformed(target.get("InputTransformer"), event)


def transformed(transformer: Mapping[str, Any] | None, event: Event) -> str:
    """Return what a target is sent of an event.

    Args:
        transformer: the target's InputTransformer; without one it is the whole event.
        event: the event.
    """
    if not transformer:
        return json.dumps(event, default=str)
    text = str(transformer["InputTemplate"])
    known = {"aws.events.event.json": json.dumps(event, default=str)}
    for name, path in (transformer.get("InputPathsMap") or {}).items():
        value = at(event, path)
        known[name] = value if isinstance(value, str) else json.dumps(value, default=str)
    for name, value in known.items():
        text = text.replace(f"<{name}>", value)
    return text


def resolved(value: str, event: Event) -> str:
    """Return a pipeline parameter: a constant, or what a path such as `$.detail.alarmName` finds."""
    if not value.startswith("$."):
        return value
    found = at(event, value)
    return found if isinstance(found, str) else json.dumps(found, default=str)


def at(event: Any, path: str) -> Any:
    """Follow a path such as `$.detail.items[0].name`; what isn't there is an empty text, as AWS has it."""
    for step in re.findall(r"[^.\[\]]+", path.removeprefix("$")):
        if isinstance(event, list):
            event = event[int(step)] if step.isdigit() and int(step) < len(event) else ""
        else:
            event = event.get(step, "") if isinstance(event, Mapping) else ""
    return event


def _universal(resource: str, target: Target) -> Call:
    """Return the call of `aws-sdk:sagemaker:startPipelineExecution` with the Input as its parameters."""
    _, service, operation = resource.split(":")
    # Scheduler names services as botocore does but for Step Functions.
    names = {"sfn": "stepfunctions", "eventbridge": "events", "cloudwatchlogs": "logs"}
    arguments = json.loads(target.get("Input") or "{}")
    return Call(names.get(service, service), _WORD.sub("_", operation).lower(), arguments)


def _ensure_stream(client: Any, arguments: dict[str, Any]) -> None:
    """Turn an event into an entry of a log group's stream of its own, as EventBridge does."""
    text, event = arguments.pop("message"), arguments.pop("event")
    stream = str(event.get("id") or uuid.uuid4())
    client.create_log_stream(logGroupName=arguments["logGroupName"], logStreamName=stream)
    arguments |= {
        "logStreamName": stream,
        "logEvents": [{"timestamp": int(time.time() * 1000), "message": text}],
    }

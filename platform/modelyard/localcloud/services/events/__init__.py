"""EventBridge: targets that moto lacks, and one target's failure that does not cost the others their event."""

import copy
import json
import logging
import threading
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError
from moto.events.models import Rule

if TYPE_CHECKING:
    from modelyard.localcloud.cloud import LocalCloud

_moto_sends = Rule.send_to_targets
_log = logging.getLogger(__name__)


def install(cloud: "LocalCloud") -> None:
    """Put our delivery of events in the place of moto's."""

    def send_to_targets(rule: Any, original_event: Any, transform_input: bool = True) -> None:
        if not rule.event_pattern.matches_event(original_event):
            return
        for target in rule.targets:
            only = copy.copy(rule)
            only.targets = [target]
            try:
                _moto_sends(only, original_event, transform_input)
            except NotImplementedError:
                _deliver(cloud, target, original_event)
            except Exception:  # noqa: BLE001  # a target that is gone raises anything; the others still get theirs
                _log.exception("rule %s: the target %s did not get its event", rule.name, target["Arn"])

    kind: Any = Rule
    kind.send_to_targets = send_to_targets


def _deliver(cloud: "LocalCloud", target: dict[str, Any], event: dict[str, Any]) -> None:
    """Deliver to a target that moto has not, beside the request that caused the event."""
    service, region = target["Arn"].split(":")[2:4]
    if service == "sns":
        message = target.get("Input") or transformed(target.get("InputTransformer"), event)
        call, arguments = "publish", {"TopicArn": target["Arn"], "Message": message}
    elif service == "sagemaker" and ":pipeline/" in target["Arn"]:
        given = target.get("SageMakerPipelineParameters", {}).get("PipelineParameterList", [])
        call, arguments = "start_pipeline_execution", {"PipelineName": target["Arn"], "PipelineParameters": given}
    elif service == "lambda":
        sent = target.get("Input") or transformed(target.get("InputTransformer"), event)
        call, arguments = "invoke", {"FunctionName": target["Arn"], "InvocationType": "Event", "Payload": sent}
    else:
        _log.warning("the local cloud delivers no events to %s", target["Arn"])
        return
    client = cloud.host.client(service, region)
    threading.Thread(target=_call, args=(client, call, arguments), name=target["Arn"], daemon=True).start()


def transformed(transformer: dict[str, Any] | None, event: dict[str, Any]) -> str:
    """Return what a target is sent of an event.

    Args:
        transformer: the target's InputTransformer; without one it is the whole event.
        event: the event.
    """
    if not transformer:
        return json.dumps(event, default=str)
    text = str(transformer["InputTemplate"])
    for name, path in (transformer.get("InputPathsMap") or {}).items():
        value = _at(event, path)
        text = text.replace(f"<{name}>", value if isinstance(value, str) else json.dumps(value, default=str))
    return text


def _at(event: Any, path: str) -> Any:
    """Follow a path such as `$.detail.TrainingJobName`; what isn't there is an empty text, as AWS has it."""
    for step in path.removeprefix("$").lstrip(".").split("."):
        if step:
            event = event.get(step, "") if isinstance(event, dict) else ""
    return event


def _call(client: Any, operation: str, arguments: dict[str, Any]) -> None:
    try:
        getattr(client, operation)(**arguments)
    except (BotoCoreError, ClientError) as error:
        _log.warning("an event's %s failed: %s", operation, error)

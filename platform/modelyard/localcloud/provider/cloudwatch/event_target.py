"""`aws:cloudwatch/eventTarget:EventTarget`."""

from collections.abc import Iterator
from typing import Any, ClassVar

from modelyard.localcloud.provider import translate
from modelyard.localcloud.provider.cloudwatch.event_rule import DEFAULT_BUS, event_buses
from modelyard.localcloud.provider.errors import ProviderError
from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props

_NAMES = {
    "targetId": "Id",
    "appsyncTarget": "AppSyncParameters",
    "httpTarget": "HttpParameters",
    "kinesisTarget": "KinesisParameters",
    "redshiftTarget": "RedshiftDataParameters",
    "sagemakerPipelineTarget": "SageMakerPipelineParameters",
    "sqsTarget": "SqsParameters",
}
_REFUSED = ("batchTarget", "ecsTarget", "runCommandTargets")


class EventTarget(ResourceType):
    """What a rule sets off."""

    pulumi_type = "aws:cloudwatch/eventTarget:EventTarget"
    client = "events"
    name_property = "targetId"
    name_limit = 64
    defaults: ClassVar = {"eventBusName": DEFAULT_BUS, "forceDestroy": False}
    names: ClassVar = _NAMES
    replace = frozenset({"eventBusName", "rule", "targetId"})
    json_properties = frozenset({"input"})
    unread = frozenset({"forceDestroy"})

    def refusals(self, inputs: Props) -> Iterator[tuple[str, str]]:
        """Refuse what the local cloud can't run."""
        for name in _REFUSED:
            if inputs.get(name):
                yield name, "is nothing that the local cloud can run; give it a topic, a queue or a SageMaker pipeline"

    def create(self, aws: Session, inputs: Props) -> str:
        """Put the target; it is known by its rule and identifier."""
        self._put(aws, inputs)
        return _identifier(inputs["eventBusName"], inputs["rule"], inputs["targetId"])

    def import_id(self, aws: Session, resource_id: str) -> str:
        """A target is imported by its rule and identifier, after the event bus's name unless that is `default`."""
        *bus, rule, target_id = ["", *resource_id.split("/")]
        return _identifier(bus[-1] or DEFAULT_BUS, rule, target_id) if rule else resource_id

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Find the target among those of its rule."""
        bus, rule, target_id = self._place(aws, resource_id, state)
        answer = self.find(aws, "list_targets_by_rule", Rule=rule, EventBusName=bus) or {}
        for target in answer.get("Targets", []):
            if target["Id"] == target_id:
                return {"eventBusName": bus, "rule": rule, **self._from_aws(target)}
        return None

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Put the target anew."""
        self._put(aws, new)

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Remove the target."""
        bus, rule, target_id = self._place(aws, resource_id, state)
        force = bool(state.get("forceDestroy"))
        self.find(aws, "remove_targets", Rule=rule, EventBusName=bus, Ids=[target_id], Force=force)

    def list(self, aws: Session) -> Iterator[str]:
        """List the targets of all rules of all event buses."""
        for bus in event_buses(aws):
            for rule in self.pages(aws, "list_rules", "Rules", EventBusName=bus):
                answer = self.find(aws, "list_targets_by_rule", Rule=rule["Name"], EventBusName=bus) or {}
                for target in answer.get("Targets", []):
                    yield _identifier(bus, rule["Name"], target["Id"])

    def _put(self, aws: Session, props: Props) -> None:
        shape = aws.client("events").meta.service_model.shape_for("Target")
        target = translate.to_shape(shape, props, self.names)
        transformer = props.get("inputTransformer")
        if transformer:
            target["InputTransformer"]["InputPathsMap"] = transformer.get("inputPaths") or {}
        where = {"Rule": props["rule"], "EventBusName": props["eventBusName"]}
        answer = self.call(aws, "put_targets", **where, Targets=[target])
        for entry in answer.get("FailedEntries", []):
            reason = f"{entry.get('ErrorCode')}: {entry.get('ErrorMessage')}"
            raise ProviderError(f"putting {self.pulumi_type} ({props['targetId']}): {reason}")

    def _from_aws(self, target: dict[str, Any]) -> Props:
        props = self.properties(target)
        paths = target.get("InputTransformer", {}).get("InputPathsMap")
        if paths:
            props["inputTransformer"]["inputPaths"] = paths
        return props

    def _place(self, aws: Session, resource_id: str, state: Props) -> tuple[str, str, str]:
        if state.get("rule"):
            return state.get("eventBusName") or DEFAULT_BUS, state["rule"], state["targetId"]
        for bus in event_buses(aws):
            for rule in self.pages(aws, "list_rules", "Rules", EventBusName=bus):
                start = _identifier(bus, rule["Name"], "")
                answer = self.call(aws, "list_targets_by_rule", Rule=rule["Name"], EventBusName=bus)
                if resource_id.removeprefix(start) in [target["Id"] for target in answer["Targets"]]:
                    return bus, rule["Name"], resource_id.removeprefix(start)
        return DEFAULT_BUS, resource_id.partition("-")[0], resource_id.partition("-")[2]


def _identifier(bus: str, rule: str, target_id: str) -> str:
    return f"{rule}-{target_id}" if bus == DEFAULT_BUS else f"{bus}-{rule}-{target_id}"


RESOURCE = EventTarget()

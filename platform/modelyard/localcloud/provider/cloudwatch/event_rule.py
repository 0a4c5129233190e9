"""`aws:cloudwatch/eventRule:EventRule`."""

from collections.abc import Iterator
from typing import ClassVar

from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.session import Session
from modelyard.localcloud.provider.tags import TagOperations
from modelyard.wire import Props

DEFAULT_BUS = "default"


class EventRule(ResourceType):
    """Which events, or which moments, set off the rule's targets."""

    pulumi_type = "aws:cloudwatch/eventRule:EventRule"
    client = "events"
    name_property = "name"
    name_limit = 64
    tagging = TagOperations("events")
    defaults: ClassVar = {"eventBusName": DEFAULT_BUS, "forceDestroy": False}
    replace = frozenset({"eventBusName", "namePrefix"})
    json_properties = frozenset({"eventPattern"})
    chosen = frozenset({"isEnabled"})
    unread = frozenset({"forceDestroy", "namePrefix"})

    def normalize(self, inputs: Props, urn_name: str) -> Props:
        """A rule is on unless it is said to be off."""
        return {} if "isEnabled" in inputs else {"state": "ENABLED"}

    def expected_id(self, aws: Session, inputs: Props) -> str:
        """Return the rule's name, after the event bus's where that is not the default one."""
        bus, name = str(inputs["eventBusName"]), str(inputs["name"])
        return name if bus == DEFAULT_BUS else f"{bus}/{name}"

    def create(self, aws: Session, inputs: Props) -> str:
        """Put the rule; it is known by its name."""
        self._put(aws, inputs)
        return self.expected_id(aws, inputs)

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Describe the rule."""
        bus, name = split_rule(resource_id)
        answer = self.find(aws, "describe_rule", Name=name, EventBusName=bus)
        if answer is None:
            return None
        return self.properties(answer) | {"eventBusName": bus, "isEnabled": answer["State"] != "DISABLED"}

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Put the rule anew."""
        self._put(aws, {name: value for name, value in new.items() if name != "tagsAll"})

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Delete the rule."""
        bus, name = split_rule(resource_id)
        self.find(aws, "delete_rule", Name=name, EventBusName=bus, Force=bool(state.get("forceDestroy")))

    def list(self, aws: Session) -> Iterator[str]:
        """List the rules of all event buses, those that a service manages left out."""
        for bus in event_buses(aws):
            for rule in self.pages(aws, "list_rules", "Rules", EventBusName=bus):
                if not rule.get("ManagedBy"):
                    yield rule["Name"] if bus == DEFAULT_BUS else f"{bus}/{rule['Name']}"

    def _put(self, aws: Session, props: Props) -> None:
        state = props.get("state") or ("ENABLED" if props.get("isEnabled", True) else "DISABLED")
        self.call(aws, "put_rule", **self.request(aws, "put_rule", {**props, "state": state}))


def split_rule(resource_id: str) -> tuple[str, str]:
    """Return the event bus and the name out of a rule's identifier."""
    bus, _, name = resource_id.rpartition("/")
    return bus or DEFAULT_BUS, name


def event_buses(aws: Session) -> Iterator[str]:
    """Return the names of all event buses."""
    for bus in aws.client("events").list_event_buses()["EventBuses"]:
        yield str(bus["Name"])


RESOURCE = EventRule()

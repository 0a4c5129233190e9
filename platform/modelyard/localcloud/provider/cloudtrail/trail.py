"""`aws:cloudtrail/trail:Trail`."""

from collections.abc import Iterator
from typing import Any, ClassVar

from modelyard.localcloud.provider.cloudtrail import TrailTags
from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props

# What a trail records that was never told what to record.
_EVERY_CALL = [{"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": []}]
# What is taken away by an empty text.
_TEXTS = ("cloudWatchLogsGroupArn", "cloudWatchLogsRoleArn", "kmsKeyId", "s3KeyPrefix", "snsTopicName")
_SELECTORS = ("advancedEventSelectors", "eventSelectors")


class Trail(ResourceType):
    """A record of the calls in an account."""

    pulumi_type = "aws:cloudtrail/trail:Trail"
    client = "cloudtrail"
    name_property = "name"
    name_limit = 128
    tagging = TrailTags()
    defaults: ClassVar = {
        "enableLogFileValidation": False,
        "enableLogging": True,
        "includeGlobalServiceEvents": True,
        "isMultiRegionTrail": False,
        "isOrganizationTrail": False,
    }
    names: ClassVar = {
        "arn": "TrailARN",
        "cloudWatchLogsGroupArn": "CloudWatchLogsLogGroupArn",
        "enableLogFileValidation": "LogFileValidationEnabled",
        "snsTopicArn": "SnsTopicARN",
        "tags": "TagsList",
    }
    unordered = frozenset(_SELECTORS)

    def import_id(self, aws: Session, resource_id: str) -> str:
        """A trail is imported by its ARN; its name will do."""
        return resource_id if resource_id.startswith("arn:") else aws.arn("cloudtrail", f"trail/{resource_id}")

    def create(self, aws: Session, inputs: Props) -> str:
        """Make the trail; it is known by its ARN, and records nothing yet."""
        answer = self.call(aws, "create_trail", **self._parameters(aws, "create_trail", inputs))
        return str(answer["TrailARN"])

    def configure(self, aws: Session, resource_id: str, inputs: Props) -> None:
        """Say what it records, and start it."""
        self._select(aws, resource_id, {}, inputs)
        if inputs.get("enableLogging"):
            self.call(aws, "start_logging", Name=resource_id)

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Get the trail, what it records, and whether it does."""
        answer = self.find(aws, "get_trail", Name=resource_id)
        if answer is None:
            return None
        trail = answer["Trail"]
        known = {name: value for name, value in self.properties(trail).items() if value != ""}
        known["enableLogging"] = bool(self.call(aws, "get_trail_status", Name=resource_id)["IsLogging"])
        if trail.get("HasCustomEventSelectors"):
            chosen = self.call(aws, "get_event_selectors", TrailName=resource_id)
            known |= self.properties({name: chosen[name] for name in _aws_words(_SELECTORS) if chosen.get(name)})
        if trail.get("HasInsightSelectors"):
            known |= self.properties(self.call(aws, "get_insight_selectors", TrailName=resource_id))
        return known | {"arn": resource_id}

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Change the trail, what it records, and whether it does."""
        before, after = (self._parameters(aws, "update_trail", props) for props in (old, new))
        if before != after:
            self.call(aws, "update_trail", **{**after, "Name": resource_id})
        self._select(aws, resource_id, old, new)
        if bool(old.get("enableLogging")) != bool(new.get("enableLogging")):
            self.call(aws, "start_logging" if new.get("enableLogging") else "stop_logging", Name=resource_id)

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Delete the trail; what it wrote stays."""
        self.find(aws, "delete_trail", Name=resource_id)

    def list(self, aws: Session) -> Iterator[str]:
        """List the trails that live in this region; those of all regions are told in each of them."""
        for trail in self.pages(aws, "list_trails", "Trails"):
            if trail["HomeRegion"] == aws.region:
                yield str(trail["TrailARN"])

    def _parameters(self, aws: Session, operation: str, props: Props) -> dict[str, Any]:
        validation = {"EnableLogFileValidation": bool(props.get("enableLogFileValidation"))}
        texts = {name: props.get(name) or "" for name in _TEXTS} if operation == "update_trail" else {}
        return self.request(aws, operation, {**props, **texts}) | validation

    def _select(self, aws: Session, arn: str, old: Props, new: Props) -> None:
        if any(not self.same(name, old.get(name) or [], new.get(name) or []) for name in _SELECTORS):
            given = {name: new[name] for name in _SELECTORS if new.get(name)}
            chosen = self.request(aws, "put_event_selectors", given) if given else {"EventSelectors": _EVERY_CALL}
            self.call(aws, "put_event_selectors", **{**chosen, "TrailName": arn})
        before, after = old.get("insightSelectors") or [], new.get("insightSelectors") or []
        if not self.same("insightSelectors", before, after):
            insights = [{"InsightType": item["insightType"]} for item in after]
            self.call(aws, "put_insight_selectors", TrailName=arn, InsightSelectors=insights)


def _aws_words(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name[0].upper() + name[1:] for name in names)


RESOURCE = Trail()

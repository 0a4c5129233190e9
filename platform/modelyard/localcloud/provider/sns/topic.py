"""`aws:sns/topic:Topic`."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.session import Session
from modelyard.localcloud.provider.sns import attributes
from modelyard.localcloud.provider.tags import TagOperations
from modelyard.wire import Props

_PROTOCOLS = {"application": "Application", "firehose": "Firehose", "http": "HTTP", "lambda": "Lambda", "sqs": "SQS"}
_FEEDBACK = ("SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate", "FailureFeedbackRoleArn")
_NAMES = (
    "archivePolicy",
    "contentBasedDeduplication",
    "deliveryPolicy",
    "displayName",
    "fifoThroughputScope",
    "fifoTopic",
    "kmsMasterKeyId",
    "policy",
    "signatureVersion",
    "tracingConfig",
)
_ATTRIBUTES = {name: name[0].upper() + name[1:] for name in _NAMES} | {
    f"{head}{tail}": f"{word}{tail}" for head, word in _PROTOCOLS.items() for tail in _FEEDBACK
}


class Topic(ResourceType):
    """A topic that notifies its subscribers."""

    pulumi_type = "aws:sns/topic:Topic"
    client = "sns"
    name_property = "name"
    name_limit = 80
    tagging = TagOperations("sns", resource="ResourceArn")
    defaults: ClassVar = {"contentBasedDeduplication": False, "fifoTopic": False}
    replace = frozenset({"fifoTopic", "namePrefix"})
    json_properties = frozenset({"archivePolicy", "deliveryPolicy", "policy"})
    unread = frozenset({"namePrefix"})

    def finish_name(self, name: str, inputs: Props) -> str:
        """A FIFO topic's name ends as AWS wants it to."""
        return f"{name}.fifo" if inputs.get("fifoTopic") is True else name

    def expected_id(self, aws: Session, inputs: Props) -> str:
        """Return the ARN of the topic of that name."""
        return aws.arn("sns", str(inputs["name"]))

    def create(self, aws: Session, inputs: Props) -> str:
        """Make the topic; it is known by its ARN."""
        given = {
            _ATTRIBUTES[name]: _text(inputs[name]) for name in _ATTRIBUTES if inputs.get(name) not in (None, False)
        }
        parameters = self.request(aws, "create_topic", {name: inputs.get(name) for name in ("name", "tagsAll")})
        return str(self.call(aws, "create_topic", **parameters, Attributes=given)["TopicArn"])

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Read the attributes."""
        found = attributes(aws, resource_id)
        if found is None:
            return None
        props = {name: _value(self, name, found[word]) for name, word in _ATTRIBUTES.items() if found.get(word)}
        switches = {"contentBasedDeduplication": False, "fifoTopic": False}
        name = resource_id.rpartition(":")[2]
        return switches | props | {"name": name, "arn": resource_id, "owner": found.get("Owner", aws.account_id)}

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Set the attributes that changed; one that the program no longer gives is emptied."""
        for name, word in _ATTRIBUTES.items():
            if name in new and not self.same(name, old.get(name), new[name]):
                self._set(aws, resource_id, word, _text(new[name]))
        for name in ("displayName", "kmsMasterKeyId"):
            if old.get(name) and name not in new:
                self._set(aws, resource_id, _ATTRIBUTES[name], "")

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Delete the topic."""
        self.find(aws, "delete_topic", TopicArn=resource_id)

    def list(self, aws: Session) -> Iterator[str]:
        """List the ARNs."""
        for topic in self.pages(aws, "list_topics", "Topics"):
            yield str(topic["TopicArn"])

    def _set(self, aws: Session, arn: str, name: str, value: str) -> None:
        self.call(aws, "set_topic_attributes", TopicArn=arn, AttributeName=name, AttributeValue=value)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _value(resource: ResourceType, name: str, text: str) -> Any:
    readers: Mapping[str, Any] = {"boolean": lambda word: word == "true", "integer": int}
    return readers.get(resource.schema.inputs[name].word, str)(text)


RESOURCE = Topic()

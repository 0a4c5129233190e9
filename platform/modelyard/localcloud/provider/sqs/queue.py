"""`aws:sqs/queue:Queue`."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from modelyard.localcloud.provider.coerce import coerced, text_of
from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.session import Session
from modelyard.localcloud.provider.tags import TagOperations
from modelyard.wire import Props

_ATTRIBUTES = {
    "contentBasedDeduplication": "ContentBasedDeduplication",
    "deduplicationScope": "DeduplicationScope",
    "delaySeconds": "DelaySeconds",
    "fifoQueue": "FifoQueue",
    "fifoThroughputLimit": "FifoThroughputLimit",
    "kmsDataKeyReusePeriodSeconds": "KmsDataKeyReusePeriodSeconds",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "maxMessageSize": "MaximumMessageSize",
    "messageRetentionSeconds": "MessageRetentionPeriod",
    "policy": "Policy",
    "receiveWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds",
    "redriveAllowPolicy": "RedriveAllowPolicy",
    "redrivePolicy": "RedrivePolicy",
    "sqsManagedSseEnabled": "SqsManagedSseEnabled",
    "visibilityTimeoutSeconds": "VisibilityTimeout",
}


class Queue(ResourceType):
    """A queue of messages."""

    pulumi_type = "aws:sqs/queue:Queue"
    client = "sqs"
    name_property = "name"
    name_limit = 80
    tagging = TagOperations("sqs", "list_queue_tags", "tag_queue", "untag_queue", resource="QueueUrl", key="")
    tag_target = "url"
    defaults: ClassVar = {
        "contentBasedDeduplication": False,
        "delaySeconds": 0,
        "fifoQueue": False,
        "maxMessageSize": 262144,
        "messageRetentionSeconds": 345600,
        "receiveWaitTimeSeconds": 0,
        "visibilityTimeoutSeconds": 30,
    }
    replace = frozenset({"fifoQueue", "namePrefix"})
    json_properties = frozenset({"policy", "redriveAllowPolicy", "redrivePolicy"})
    unread = frozenset({"namePrefix"})

    def finish_name(self, name: str, inputs: Props) -> str:
        """A FIFO queue's name ends as AWS wants it to."""
        return f"{name}.fifo" if inputs.get("fifoQueue") is True else name

    def expected_id(self, aws: Session, inputs: Props) -> str | None:
        """Return the address of the queue of that name, if there is one."""
        answer = self.find(aws, "get_queue_url", QueueName=inputs["name"])
        return str(answer["QueueUrl"]) if answer else None

    def create(self, aws: Session, inputs: Props) -> str:
        """Make the queue; it is known by its address."""
        tags = {"tags": inputs["tagsAll"]} if inputs.get("tagsAll") else {}
        answer = self.call(aws, "create_queue", QueueName=inputs["name"], Attributes=_attributes(inputs), **tags)
        return str(answer["QueueUrl"])

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Read the attributes."""
        answer = self.find(aws, "get_queue_attributes", QueueUrl=resource_id, AttributeNames=["All"])
        if answer is None:
            return None
        found = answer["Attributes"]
        known = {name: found[word] for name, word in _ATTRIBUTES.items() if found.get(word) not in (None, "")}
        props = {"contentBasedDeduplication": False, "fifoQueue": False, **known}
        own = {"arn": found["QueueArn"], "name": resource_id.rpartition("/")[2], "url": resource_id}
        return {**coerced(self.schema, self.schema.inputs, props), **own}

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Set the attributes that changed; one that the program no longer gives is emptied."""
        wanted = {name: new.get(name) for name in _ATTRIBUTES if name != "fifoQueue"}
        changed = {name: value for name, value in wanted.items() if not self.same(name, old.get(name), value)}
        attributes = {_ATTRIBUTES[name]: "" for name in changed if changed[name] is None} | _attributes(changed)
        if attributes:
            self.call(aws, "set_queue_attributes", QueueUrl=resource_id, Attributes=attributes)

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Delete the queue."""
        self.find(aws, "delete_queue", QueueUrl=resource_id)

    def list(self, aws: Session) -> Iterator[str]:
        """List the addresses."""
        for url in self.pages(aws, "list_queues", "QueueUrls"):
            yield str(url)


def _attributes(props: Mapping[str, Any]) -> dict[str, str]:
    given = {word: props.get(name) for name, word in _ATTRIBUTES.items()}
    if not props.get("fifoQueue", True):  # AWS refuses these on a standard queue even when they are false
        given |= {"FifoQueue": None, "ContentBasedDeduplication": None}
    return {word: str(text_of(value)) for word, value in given.items() if value is not None}


RESOURCE = Queue()

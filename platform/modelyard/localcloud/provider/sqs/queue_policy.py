"""`aws:sqs/queuePolicy:QueuePolicy`."""

from collections.abc import Iterator

from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props


class QueuePolicy(ResourceType):
    """Who may send to a queue and receive from it."""

    pulumi_type = "aws:sqs/queuePolicy:QueuePolicy"
    client = "sqs"
    replace = frozenset({"queueUrl"})
    json_properties = frozenset({"policy"})

    def create(self, aws: Session, inputs: Props) -> str:
        """Set the policy; it is known by the queue's address."""
        self._set(aws, str(inputs["queueUrl"]), str(inputs["policy"]))
        return str(inputs["queueUrl"])

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Read the policy."""
        answer = self.find(aws, "get_queue_attributes", QueueUrl=resource_id, AttributeNames=["Policy"])
        policy = (answer or {}).get("Attributes", {}).get("Policy")
        return {"queueUrl": resource_id, "policy": policy} if policy else None

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Set the policy anew."""
        self._set(aws, resource_id, str(new["policy"]))

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Empty the policy."""
        if self.read(aws, resource_id, {}) is not None:
            self._set(aws, resource_id, "")

    def list(self, aws: Session) -> Iterator[str]:
        """List the addresses of the queues that have a policy."""
        for url in self.pages(aws, "list_queues", "QueueUrls"):
            if self.read(aws, str(url), {}) is not None:
                yield str(url)

    def _set(self, aws: Session, url: str, policy: str) -> None:
        self.call(aws, "set_queue_attributes", QueueUrl=url, Attributes={"Policy": policy})


RESOURCE = QueuePolicy()

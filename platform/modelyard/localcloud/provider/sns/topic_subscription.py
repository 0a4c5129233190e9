"""`aws:sns/topicSubscription:TopicSubscription`."""

from collections.abc import Iterator
from typing import ClassVar

from modelyard.localcloud.provider.coerce import coerced, text_of
from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props

_ATTRIBUTES = {
    "deliveryPolicy": "DeliveryPolicy",
    "filterPolicy": "FilterPolicy",
    "filterPolicyScope": "FilterPolicyScope",
    "rawMessageDelivery": "RawMessageDelivery",
    "redrivePolicy": "RedrivePolicy",
    "subscriptionRoleArn": "SubscriptionRoleArn",
}
_READ = {
    "confirmationWasAuthenticated": "ConfirmationWasAuthenticated",
    "endpoint": "Endpoint",
    "ownerId": "Owner",
    "pendingConfirmation": "PendingConfirmation",
    "protocol": "Protocol",
    "topic": "TopicArn",
}


class TopicSubscription(ResourceType):
    """Where a topic's messages go."""

    pulumi_type = "aws:sns/topicSubscription:TopicSubscription"
    client = "sns"
    defaults: ClassVar = {
        "confirmationTimeoutInMinutes": 1,
        "endpointAutoConfirms": False,
        "rawMessageDelivery": False,
    }
    replace = frozenset({"endpoint", "protocol", "topic"})
    json_properties = frozenset({"deliveryPolicy", "filterPolicy", "redrivePolicy"})
    unread = frozenset({"confirmationTimeoutInMinutes", "endpointAutoConfirms", "replayPolicy"})

    def create(self, aws: Session, inputs: Props) -> str:
        """Subscribe; the subscription is known by its ARN."""
        given = {word: str(text_of(inputs[name])) for name, word in _ATTRIBUTES.items() if inputs.get(name)}
        where = {"TopicArn": inputs["topic"], "Protocol": inputs["protocol"], "Endpoint": inputs["endpoint"]}
        answer = self.call(aws, "subscribe", **where, Attributes=given, ReturnSubscriptionArn=True)
        return str(answer["SubscriptionArn"])

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Read the attributes."""
        answer = self.find(aws, "get_subscription_attributes", SubscriptionArn=resource_id)
        if answer is None:
            return None
        found = answer["Attributes"]
        props = {name: found[word] for name, word in {**_ATTRIBUTES, **_READ}.items() if found.get(word)}
        declared = {**self.schema.outputs, **self.schema.inputs}
        return {"rawMessageDelivery": False, **coerced(self.schema, declared, props), "arn": resource_id}

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Set the attributes that changed; one that the program no longer gives is emptied."""
        for name, word in _ATTRIBUTES.items():
            if not self.same(name, old.get(name), new.get(name)):
                value = {"AttributeName": word, "AttributeValue": str(text_of(new.get(name) or ""))}
                if isinstance(new.get(name), bool):
                    value["AttributeValue"] = str(text_of(new[name]))
                self.call(aws, "set_subscription_attributes", SubscriptionArn=resource_id, **value)

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Unsubscribe."""
        self.find(aws, "unsubscribe", SubscriptionArn=resource_id)

    def list(self, aws: Session) -> Iterator[str]:
        """List the ARNs."""
        for subscription in self.pages(aws, "list_subscriptions", "Subscriptions"):
            yield str(subscription["SubscriptionArn"])


RESOURCE = TopicSubscription()

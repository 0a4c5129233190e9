"""`aws:sns/topicPolicy:TopicPolicy`."""

import json
from collections.abc import Iterator

from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.session import Session
from modelyard.localcloud.provider.sns import attributes
from modelyard.wire import Props

_DEFAULT_ID = "__default_policy_ID"
_ACTIONS = (
    "GetTopicAttributes",
    "SetTopicAttributes",
    "AddPermission",
    "RemovePermission",
    "DeleteTopic",
    "Subscribe",
    "ListSubscriptionsByTopic",
    "Publish",
)


class TopicPolicy(ResourceType):
    """Who may publish to a topic; a topic that has AWS's default policy counts as having none."""

    pulumi_type = "aws:sns/topicPolicy:TopicPolicy"
    client = "sns"
    replace = frozenset({"arn"})
    json_properties = frozenset({"policy"})

    def create(self, aws: Session, inputs: Props) -> str:
        """Set the policy; it is known by the topic's ARN."""
        self._set(aws, str(inputs["arn"]), str(inputs["policy"]))
        return str(inputs["arn"])

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Read the policy."""
        found = attributes(aws, resource_id)
        policy = found.get("Policy") if found else None
        if found is None or not policy or json.loads(policy).get("Id") == _DEFAULT_ID:
            return None
        return {"arn": resource_id, "policy": policy, "owner": found.get("Owner", aws.account_id)}

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Set the policy anew."""
        self._set(aws, resource_id, str(new["policy"]))

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Set AWS's default policy again, as the real provider does."""
        if attributes(aws, resource_id) is not None:
            self._set(aws, resource_id, json.dumps(_default_policy(aws, resource_id)))

    def list(self, aws: Session) -> Iterator[str]:
        """List the ARNs of the topics that have a policy of their own."""
        for topic in self.pages(aws, "list_topics", "Topics"):
            if self.read(aws, str(topic["TopicArn"]), {}) is not None:
                yield str(topic["TopicArn"])

    def _set(self, aws: Session, arn: str, policy: str) -> None:
        self.call(aws, "set_topic_attributes", TopicArn=arn, AttributeName="Policy", AttributeValue=policy)


def _default_policy(aws: Session, arn: str) -> Props:
    statement = {
        "Sid": "__default_statement_ID",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": [f"SNS:{action}" for action in _ACTIONS],
        "Resource": arn,
        "Condition": {"StringEquals": {"AWS:SourceOwner": aws.account_id}},
    }
    return {"Version": "2008-10-17", "Id": _DEFAULT_ID, "Statement": [statement]}


RESOURCE = TopicPolicy()

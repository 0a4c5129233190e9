"""Notification topics."""

from typing import Any

from modelyard.localcloud.provider.errors import found
from modelyard.localcloud.provider.session import Session


def attributes(aws: Session, arn: str) -> dict[str, Any] | None:
    """Return a topic's attributes, or None when it is gone."""
    answer = found(aws.client("sns").get_topic_attributes, TopicArn=arn)
    return None if answer is None else dict(answer["Attributes"])

"""`aws:index/getDefaultTags:getDefaultTags`."""

from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props


def call(aws: Session, args: Props) -> Props:
    """Return the provider's tags for all resources."""
    return {"id": "aws", "tags": dict(aws.default_tags)}

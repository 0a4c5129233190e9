"""Application Auto Scaling's resource types."""

from collections.abc import Iterator

from modelyard.localcloud.provider.session import Session
from modelyard.localcloud.provider.tags import TagOperations

CLIENT = "application-autoscaling"
TAGS = TagOperations(CLIENT, key="")
NAMES = {"roleArn": "RoleARN", "arn": "ScalableTargetARN"}
PLACE = frozenset({"resourceId", "scalableDimension", "serviceNamespace"})


def namespaces(aws: Session) -> Iterator[str]:
    """Return the services whose resources can be scaled, by their words."""
    shape = aws.client(CLIENT).meta.service_model.shape_for("ServiceNamespace")
    yield from shape.enum

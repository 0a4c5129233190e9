"""`aws:appautoscaling/target:Target`."""

from collections.abc import Iterator
from typing import Any, ClassVar

from modelyard.localcloud.provider.appautoscaling import CLIENT, NAMES, PLACE, TAGS, namespaces
from modelyard.localcloud.provider.errors import found
from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.session import Session
from modelyard.wire import Props


class Target(ResourceType):
    """What is scaled, and between which bounds."""

    pulumi_type = "aws:appautoscaling/target:Target"
    client = CLIENT
    tagging = TAGS
    names: ClassVar = NAMES
    replace = PLACE

    def expected_id(self, aws: Session, inputs: Props) -> str:
        """A target is known by what it scales: registering another would take it over."""
        return _identifier(inputs)

    def create(self, aws: Session, inputs: Props) -> str:
        """Register the target."""
        self.call(aws, "register_scalable_target", **self.request(aws, "register_scalable_target", inputs))
        return _identifier(inputs)

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Describe the target."""
        answer = self._describe(aws, resource_id)
        return None if answer is None else self.properties(answer)

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Change the bounds."""
        changed = {name: value for name, value in new.items() if name != "tagsAll"}
        self.call(aws, "register_scalable_target", **self.request(aws, "register_scalable_target", changed))

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Deregister the target."""
        if self._describe(aws, resource_id) is not None:
            self.call(aws, "deregister_scalable_target", **place(resource_id))

    def list(self, aws: Session) -> Iterator[str]:
        """List the targets of all services."""
        for namespace in namespaces(aws):
            answer = found(aws.client(CLIENT).describe_scalable_targets, ServiceNamespace=namespace) or {}
            for item in answer.get("ScalableTargets", []):
                yield f"{namespace}/{item['ResourceId']}/{item['ScalableDimension']}"

    def _describe(self, aws: Session, resource_id: str) -> Any:
        where = place(resource_id)
        wanted = {"ResourceIds": [where.pop("ResourceId")], **where}
        answer = self.call(aws, "describe_scalable_targets", **wanted)
        return next(iter(answer["ScalableTargets"]), None)


def _identifier(props: Props) -> str:
    return f"{props['serviceNamespace']}/{props['resourceId']}/{props['scalableDimension']}"


def place(resource_id: str) -> dict[str, str]:
    """Read an identifier such as `sagemaker/endpoint/e/variant/main/sagemaker:variant:DesiredInstanceCount`."""
    namespace, _, rest = resource_id.partition("/")
    resource, _, dimension = rest.rpartition("/")
    return {"ServiceNamespace": namespace, "ResourceId": resource, "ScalableDimension": dimension}


RESOURCE = Target()

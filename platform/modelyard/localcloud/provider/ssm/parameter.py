"""`aws:ssm/parameter:Parameter`."""

from collections.abc import Iterator
from typing import Any, ClassVar

from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.session import Session
from modelyard.localcloud.provider.tags import TagOperations
from modelyard.wire import Props

_DETAILS = ("allowedPattern", "dataType", "description", "keyId", "tier")
_PLAIN = "insecureValue"


class Parameter(ResourceType):
    """A value under a name; `insecureValue` is one that may be shown."""

    pulumi_type = "aws:ssm/parameter:Parameter"
    client = "ssm"
    name_property = "name"
    name_limit = 255
    tagging = TagOperations(
        "ssm",
        tag_operation="add_tags_to_resource",
        untag_operation="remove_tags_from_resource",
        resource="ResourceId",
        tags="TagList",
        added="Tags",
        fixed={"ResourceType": "Parameter"},
    )
    tag_target = "name"
    defaults: ClassVar = {}
    names: ClassVar = {"arn": "ARN"}
    replace = frozenset({"dataType"})
    unread = frozenset({"overwrite", "valueWo", "valueWoVersion", "allowedPattern"})
    volatile = frozenset({"version"})

    def refusals(self, inputs: Props) -> Iterator[tuple[str, str]]:
        """A parameter has one value."""
        if inputs.get("valueWo") is not None:
            yield "valueWo", "is not kept by the local cloud; give value"
        if "value" not in inputs and _PLAIN not in inputs:
            yield "value", "is required and missing; give value or insecureValue"

    def create(self, aws: Session, inputs: Props) -> str:
        """Put the parameter; it is known by its name."""
        tags = [{"Key": key, "Value": value} for key, value in (inputs.get("tagsAll") or {}).items()]
        overwrite = bool(inputs.get("overwrite"))
        tagged = {"Tags": tags} if tags and not overwrite else {}
        self._put(aws, inputs, Overwrite=overwrite, **tagged)
        return str(inputs["name"])

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Get the value and describe the rest."""
        answer = self.find(aws, "get_parameter", Name=resource_id, WithDecryption=True)
        if answer is None:
            return None
        found = answer["Parameter"]
        named = [{"Key": "Name", "Option": "Equals", "Values": [resource_id]}]
        described: dict[str, Any] = next(
            self.pages(aws, "describe_parameters", "Parameters", ParameterFilters=named), {}
        )
        details = {name: described.get(name[0].upper() + name[1:]) for name in _DETAILS}
        plain = _PLAIN in state or (not state and found["Type"] != "SecureString")
        return {
            **{name: value for name, value in details.items() if value},
            "arn": found["ARN"],
            "name": resource_id,
            "type": found["Type"],
            "version": found["Version"],
            _PLAIN if plain else "value": found["Value"],
        }

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Put the parameter anew."""
        names = (*_DETAILS, "type", "value", _PLAIN)
        if any((old.get(name) or None) != (new.get(name) or None) for name in names):
            self._put(aws, {**new, "name": resource_id}, Overwrite=True)

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Delete the parameter."""
        self.find(aws, "delete_parameter", Name=resource_id)

    def list(self, aws: Session) -> Iterator[str]:
        """List the names."""
        for parameter in self.pages(aws, "describe_parameters", "Parameters"):
            yield str(parameter["Name"])

    def _put(self, aws: Session, props: Props, **more: Any) -> None:
        details = {name[0].upper() + name[1:]: props[name] for name in _DETAILS if props.get(name)}
        value = props.get("value", props.get(_PLAIN))
        self.call(aws, "put_parameter", Name=props["name"], Type=props["type"], Value=value, **details, **more)


RESOURCE = Parameter()

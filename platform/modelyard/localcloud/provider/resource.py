"""What every resource type has in common: the lifecycle it implements and what it declares about itself."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from modelyard.localcloud.provider import translate
from modelyard.localcloud.provider.documents import same_document, same_set
from modelyard.localcloud.provider.errors import found
from modelyard.localcloud.provider.schema import Schema, load
from modelyard.localcloud.provider.session import Session
from modelyard.localcloud.provider.tags import Tagging
from modelyard.wire import Props


class ResourceType:
    """One type of resource; a subclass declares what it is and implements its lifecycle.

    `create` only makes the thing and returns its identifier; what takes further calls belongs in `configure`, so that
    a failure there leaves no orphan: the engine keeps what was made, and `update` goes on from there. Outputs always
    come from `read`: what a `create` reports is what a refresh sees.

    A type that `is_view` is another word for what another type lists.
    `chosen` holds the nested properties that AWS fills in, as `rules.status` without indices: they may be missing.
    """

    pulumi_type: ClassVar[str]
    client: ClassVar[str]
    name_property: ClassVar[str | None] = None
    name_limit: ClassVar[int] = 63
    name_separator: ClassVar[str] = "-"
    name_alphabet: ClassVar[str] = "0123456789abcdef"
    name_random: ClassVar[int] = 7
    lower_case_name: ClassVar[bool] = False
    tagging: ClassVar[Tagging | None] = None
    tag_target: ClassVar[str] = "arn"
    immutable: ClassVar[bool] = False
    delete_before_replace: ClassVar[bool] = False
    is_view: ClassVar[bool] = False
    replace: ClassVar[frozenset[str]] = frozenset()
    defaults: ClassVar[Mapping[str, Any]] = {}
    json_properties: ClassVar[frozenset[str]] = frozenset()
    unordered: ClassVar[frozenset[str]] = frozenset()
    chosen: ClassVar[frozenset[str]] = frozenset()
    unread: ClassVar[frozenset[str]] = frozenset()
    volatile: ClassVar[frozenset[str]] = frozenset()
    names: ClassVar[Mapping[str, str]] = {}

    @property
    def schema(self) -> Schema:
        """The properties that `pulumi_aws` declares."""
        return load(self.pulumi_type)

    @property
    def taggable(self) -> bool:
        """Whether the type has tags."""
        return "tags" in self.schema.inputs

    def normalize(self, inputs: Props, urn_name: str) -> Props:
        """Return defaults that depend on other inputs or on the resource's name; they join the checked inputs."""
        del inputs, urn_name
        return {}

    def refusals(self, inputs: Props) -> Iterator[tuple[str, str]]:
        """Return the inputs that the local cloud can't honour, each with the reason and with what to do instead."""
        del inputs
        yield from ()

    def finish_name(self, name: str, inputs: Props) -> str:
        """Return an automatic name in the form that AWS wants, such as with the end of a FIFO queue's."""
        del inputs
        return name

    def expected_id(self, aws: Session, inputs: Props) -> str | None:
        """Return the identifier that a creation would take over, where AWS's operation creates or changes alike."""
        del aws, inputs
        return None

    def create(self, aws: Session, inputs: Props) -> str:
        """Make the resource and return its identifier."""
        raise NotImplementedError

    def configure(self, aws: Session, resource_id: str, inputs: Props) -> None:
        """Take the further steps of a creation; when one fails, the engine keeps the resource as half made."""

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Return what the cloud holds, or None when the resource is gone.

        Args:
            aws: access to the cloud.
            resource_id: the resource's identifier.
            state: what was known before: the last outputs, or the inputs right after a creation.
        """
        raise NotImplementedError

    def import_id(self, aws: Session, resource_id: str) -> str:
        """Return a resource's identifier, given what the real provider imports it by where that is another word."""
        del aws
        return resource_id

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Change the resource in place; its tags are not this method's concern.

        Args:
            aws: access to the cloud.
            resource_id: the resource's identifier.
            old: the last outputs.
            new: the checked inputs.
        """

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Delete the resource; one that is gone already is success."""
        raise NotImplementedError

    def list(self, aws: Session) -> Iterator[str]:
        """Return the identifiers of all resources of the type that a user made, none of AWS's own."""
        raise NotImplementedError

    def may_be(self, resource_id: str, inputs: Props) -> bool:
        """Tell whether a resource could be one that was made of some inputs, by its identifier alone."""
        del resource_id, inputs
        return True

    def same(self, name: str, old: Any, new: Any) -> bool:
        """Tell whether two values of a property mean the same to AWS."""
        if name in self.json_properties:
            return same_document(old, new)
        return same_set(old, new) if name in self.unordered else bool(old == new)

    def must_replace(self, path: str, old: Props, new: Props) -> bool:
        """Tell whether a change can't be made in place.

        Args:
            path: what changed, such as `rules[0].id`.
            old: the checked inputs of before.
            new: the checked inputs of now.
        """
        del old, new
        steps = [step.partition("[")[0] for step in path.split(".")]
        if self.immutable and steps[0] not in {"tags", "tagsAll", *self.unread}:
            return True
        fixed = [entry.split(".") for entry in {*self.replace, self.name_property or "region", "region"}]
        return any(steps[: len(entry)] == entry[: len(steps)] for entry in fixed)

    def request(self, aws: Session, operation: str, props: Props) -> dict[str, Any]:
        """Build the parameters of an operation of the type's service, its tags included."""
        tagged = {**props, "tags": props.get("tagsAll")} if self.taggable else props
        client = aws.client(self.client)
        return translate.request(client, operation, tagged, self.names)

    def properties(self, answer: Mapping[str, Any]) -> Props:
        """Read the declared properties out of an AWS answer, without its tags."""
        known = translate.properties(self.schema, answer, self.names)
        return {name: value for name, value in known.items() if name not in ("tags", "tagsAll")}

    def call(self, aws: Session, operation: str, **parameters: Any) -> Any:
        """Call an operation of the type's service."""
        return getattr(aws.client(self.client), operation)(**parameters)

    def find(self, aws: Session, operation: str, **parameters: Any) -> Any:
        """Call a describing operation; None when the thing does not exist."""
        return found(getattr(aws.client(self.client), operation), **parameters)

    def pages(self, aws: Session, operation: str, member: str, **parameters: Any) -> Iterator[Any]:
        """Return the items of a listing operation, page after page."""
        client = aws.client(self.client)
        if not client.can_paginate(operation):
            yield from getattr(client, operation)(**parameters).get(member) or []
            return
        for page in client.get_paginator(operation).paginate(**parameters):
            yield from page.get(member) or []


class NamedResource(ResourceType):
    """A type with one operation each to create, describe, update, delete and list, known by its name.

    Set `noun` (SageMaker's `model_package_group`) and `listing` (where its list is), and what differs from the rule.
    """

    noun: ClassVar[str]
    listing: ClassVar[str]
    identifier: ClassVar[str] = ""
    updatable: ClassVar[bool] = False
    update_leaves_out: ClassVar[frozenset[str]] = frozenset({"Tags"})

    @property
    def parameter(self) -> str:
        """AWS's parameter that identifies the resource, such as `ModelPackageGroupName`."""
        return self.identifier or f"{self.noun.title().replace('_', '')}Name"

    def create(self, aws: Session, inputs: Props) -> str:
        """Make the resource; it is known by its name."""
        parameters = self.request(aws, f"create_{self.noun}", inputs)
        self.call(aws, f"create_{self.noun}", **parameters)
        return str(parameters[self.parameter])

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Describe the resource."""
        answer = self.find(aws, f"describe_{self.noun}", **{self.parameter: resource_id})
        return None if answer is None else self.properties(answer)

    def update(self, aws: Session, resource_id: str, old: Props, new: Props) -> None:
        """Send all inputs that the update operation takes, when one of them changed."""
        if not self.updatable:
            return
        operation = f"update_{self.noun}"
        before, after = (self.request(aws, operation, props) for props in (old, new))
        for parameters in (before, after):
            for name in self.update_leaves_out:
                parameters.pop(name, None)
        if before != after:
            self.call(aws, operation, **{**after, self.parameter: resource_id})

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Delete the resource by its name."""
        self.find(aws, f"delete_{self.noun}", **{self.parameter: resource_id})

    def list(self, aws: Session) -> Iterator[str]:
        """List the names."""
        for item in self.pages(aws, f"list_{self.noun}s", self.listing):
            yield str(item[self.parameter])

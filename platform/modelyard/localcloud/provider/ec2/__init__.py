"""EC2's networking: virtual networks and what is in them."""

from collections.abc import Iterator
from typing import Any, ClassVar

from modelyard.localcloud.provider.resource import ResourceType
from modelyard.localcloud.provider.session import Session
from modelyard.localcloud.provider.tags import Tags, changes, from_pairs, own_tags, to_pairs
from modelyard.wire import Props


class Ec2Tags:
    """The dialect of EC2, where one operation tags any identifier."""

    def read(self, aws: Session, resource: str) -> dict[str, str]:
        """Return all tags of a resource, those that AWS itself put there left out."""
        mine = [{"Name": "resource-id", "Values": [resource]}]
        pages = aws.client("ec2").get_paginator("describe_tags").paginate(Filters=mine)
        return own_tags(from_pairs([tag for page in pages for tag in page["Tags"]]))

    def write(self, aws: Session, resource: str, old: Tags, new: Tags) -> None:
        """Make the tags of a resource the new ones, given the old ones."""
        added, removed = changes(old, new)
        if removed:
            aws.client("ec2").delete_tags(Resources=[resource], Tags=[{"Key": key} for key in removed])
        if added:
            aws.client("ec2").create_tags(Resources=[resource], Tags=to_pairs(added))


class Ec2Resource(ResourceType):
    """A type of EC2: created with its tags, described by its identifier in a list of one.

    Set `noun` (as in `create_route_table`), `kind` (EC2's word for it in tag specifications) and `identifier` (the
    member that holds its identifier); `members` names the list of the describing operation.
    """

    client = "ec2"
    tagging = Ec2Tags()
    tag_target = "id"
    noun: ClassVar[str]
    kind: ClassVar[str]
    identifier: ClassVar[str]
    members: ClassVar[str]

    def create(self, aws: Session, inputs: Props) -> str:
        """Make the resource with its tags."""
        answer = self.call(aws, f"create_{self.noun}", **self.create_parameters(aws, inputs))
        return str(self.created(answer)[self.identifier])

    def create_parameters(self, aws: Session, inputs: Props) -> dict[str, Any]:
        """Return what the creating operation takes."""
        parameters = self.request(aws, f"create_{self.noun}", {**inputs, "tagsAll": None})
        return parameters | self.tag_specification(inputs)

    def created(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Return the new resource out of the creating operation's answer."""
        return dict(answer[self.noun.title().replace("_", "")])

    def tag_specification(self, inputs: Props) -> dict[str, Any]:
        """Return the parameter that tags a new resource; nothing when it has no tags."""
        tags = to_pairs(inputs.get("tagsAll") or {})
        return {"TagSpecifications": [{"ResourceType": self.kind, "Tags": tags}]} if tags else {}

    def describe(self, aws: Session, resource_id: str) -> dict[str, Any] | None:
        """Return the resource as EC2 describes it, or None when it is gone."""
        by_id = {f"{self.identifier}s": [resource_id]}
        answer = self.find(aws, f"describe_{self.plural}", **by_id)
        return dict(answer[self.members][0]) if answer and answer[self.members] else None

    @property
    def plural(self) -> str:
        """The noun of the describing operation."""
        return f"{self.noun}s"

    def read(self, aws: Session, resource_id: str, state: Props) -> Props | None:
        """Describe the resource, with its ARN and tags."""
        found = self.describe(aws, resource_id)
        if found is None:
            return None
        owner = found.get("OwnerId") or aws.account_id
        arn = aws.arn("ec2", f"{self.kind}/{resource_id}").replace(aws.account_id, owner)
        common = {"arn": arn} | ({"ownerId": owner} if "ownerId" in self.schema.outputs else {})
        return self.properties(found) | common | self.attributes(aws, found, state)

    def attributes(self, aws: Session, found: dict[str, Any], state: Props) -> Props:
        """Return the properties that the rule of names does not find."""
        del aws, found, state
        return {}

    def delete(self, aws: Session, resource_id: str, state: Props) -> None:
        """Delete the resource."""
        self.find(aws, f"delete_{self.noun}", **{self.identifier: resource_id})

    def list(self, aws: Session) -> Iterator[str]:
        """List the identifiers, AWS's own left out."""
        for found in self.pages(aws, f"describe_{self.plural}", self.members):
            if self.is_own(aws, found):
                yield str(found[self.identifier])

    def is_own(self, aws: Session, found: dict[str, Any]) -> bool:
        """Tell whether a user made the described resource."""
        del aws, found
        return True

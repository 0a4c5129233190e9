"""How each service reads and writes tags: one value per dialect, none per resource type."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from modelyard.localcloud.provider.session import Session

Tags = Mapping[str, str]


class Tagging(Protocol):
    """A dialect of tags."""

    def read(self, aws: Session, resource: str) -> dict[str, str]:
        """Return all tags of a resource, those that AWS itself put there left out."""
        ...

    def write(self, aws: Session, resource: str, old: Tags, new: Tags) -> None:
        """Make the tags of a resource the new ones, given the old ones."""
        ...


@dataclass(frozen=True)
class TagOperations:
    """The dialect of most services: an operation each to list, add and remove.

    Args:
        client: boto3's word for the service.
        list_operation: the method that lists, such as `list_tags`.
        tag_operation: the method that adds.
        untag_operation: the method that removes.
        resource: the parameter that says whose tags.
        tags: the parameter and answer that hold tags.
        keys: the parameter that holds the keys to remove.
        key: AWS's word for a tag's key; empty where tags are a plain map.
        value: AWS's word for a tag's value.
        added: the parameter that holds the tags to add, where it is another than in the answer.
        fixed: further parameters that every operation takes.
    """

    client: str
    list_operation: str = "list_tags_for_resource"
    tag_operation: str = "tag_resource"
    untag_operation: str = "untag_resource"
    resource: str = "ResourceARN"
    tags: str = "Tags"
    keys: str = "TagKeys"
    key: str = "Key"
    value: str = "Value"
    added: str = ""
    fixed: Mapping[str, str] = field(default_factory=dict)

    def read(self, aws: Session, resource: str) -> dict[str, str]:
        """Return all tags of a resource, those that AWS itself put there left out."""
        client, target = aws.client(self.client), {self.resource: resource, **self.fixed}
        if client.can_paginate(self.list_operation):
            pages = client.get_paginator(self.list_operation).paginate(**target)
            listed = [tag for page in pages for tag in page.get(self.tags) or []]
        else:
            listed = getattr(client, self.list_operation)(**target).get(self.tags) or []
        return own_tags(listed if isinstance(listed, Mapping) else from_pairs(listed, self.key, self.value))

    def write(self, aws: Session, resource: str, old: Tags, new: Tags) -> None:
        """Make the tags of a resource the new ones, given the old ones."""
        client, target = aws.client(self.client), {self.resource: resource, **self.fixed}
        added, removed = changes(old, new)
        if removed:
            getattr(client, self.untag_operation)(**target, **{self.keys: removed})
        if added:
            tags = to_pairs(added, self.key, self.value) if self.key else added
            getattr(client, self.tag_operation)(**target, **{self.added or self.tags: tags})


def changes(old: Tags, new: Tags) -> tuple[dict[str, str], list[str]]:
    """Return the tags to put and the keys to remove."""
    added = {key: value for key, value in new.items() if old.get(key) != value}
    return added, sorted(key for key in old if key not in new)


def to_pairs(tags: Tags, key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    """Write tags as AWS's list of pairs."""
    return [{key: name, value: text} for name, text in tags.items()]


def from_pairs(pairs: Any, key: str = "Key", value: str = "Value") -> dict[str, str]:
    """Read AWS's list of pairs."""
    return {pair[key]: pair.get(value, "") for pair in pairs or []}


def own_tags(tags: Tags) -> dict[str, str]:
    """Leave out the tags that AWS itself puts on things, in the order of their keys."""
    return {key: tags[key] for key in sorted(tags) if not key.startswith("aws:")}

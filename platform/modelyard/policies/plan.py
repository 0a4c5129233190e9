"""What rules are asked about: the resources that an environment's programs plan."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A resource as a program wants it.

    Args:
        type: Pulumi's token, such as `aws:s3/bucket:Bucket`.
        name: the name in the program.
        urn: its identity.
        inputs: all of its inputs; those that are not known yet are no strings, numbers, lists or mappings.
        id: its identifier in the cloud, once it has one.
        parent: the URN of what it is part of.
        stack: the stack that has it, as `project/stack`.
        protect: whether it may not be deleted.
        needs: for each input, the URNs of the resources that it is made of.
        lost: what takes away the one that is there, such as "replaced (name changed)"; empty where it stays.
        gone: whether no program has it any more; then nothing is known of it but what it was.
    """

    type: str
    name: str
    urn: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    id: str = ""
    parent: str = ""
    stack: str = ""
    protect: bool = False
    needs: Mapping[str, Sequence[str]] = field(default_factory=dict)
    lost: str = ""
    gone: bool = False

    def text(self, name: str) -> str:
        """Return an input that is a text; an empty one where there is none, or it is not known."""
        value = self.inputs.get(name)
        return value if isinstance(value, str) else ""

    def knows(self, name: str) -> bool:
        """Tell whether an input is known: given in a plain value, or not given at all."""
        return plain(self.inputs.get(name))

    def items(self, name: str) -> list[Mapping[str, Any]]:
        """Return the blocks of an input that is a list of them, or one."""
        value = self.inputs.get(name)
        listed = value if isinstance(value, list) else [value]
        return [it for it in listed if isinstance(it, Mapping)]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """All resources of one or more stacks, and where they are to live.

    Args:
        resources: the resources.
        protected: whether the environment is one that may not be destroyed without naming it.
        region: the AWS region.
        required_tags: tags that every resource has to have.
    """

    resources: Sequence[Planned]
    protected: bool = False
    region: str = "us-east-1"
    required_tags: Sequence[str] = ()

    @cached_property
    def _by_type(self) -> Mapping[str, list[Planned]]:
        found: dict[str, list[Planned]] = {}
        for resource in staying(self.resources):
            found.setdefault(resource.type, []).append(resource)
        return found

    def of(self, *types: str) -> Iterator[Planned]:
        """Return the resources of some types."""
        for each in types:
            yield from self._by_type.get(each, ())

    def companions(self, resource: Planned, *types: str, by: str) -> list[Planned]:
        """Return the resources that say more of one: whose input names it.

        Args:
            resource: such as a bucket.
            types: such as that of a bucket's encryption.
            by: the input that names the resource.
        """
        return [it for it in self.of(*types) if names(it, by, resource)]


def staying(resources: Iterable[Planned]) -> list[Planned]:
    """Return the resources that a program has."""
    return [it for it in resources if not it.gone]


def names(resource: Planned, by: str, other: Planned) -> bool:
    """Tell whether a resource's input names another resource.

    What engine and values say counts; where neither says anything yet, a child that is called after the other is its
    own, as components name their children.
    """
    if other.urn in resource.needs.get(by, ()):
        return True
    value = resource.inputs.get(by)
    if isinstance(value, str):
        return value in {other.id, *(it for it in other.inputs.values() if isinstance(it, str))} - {""}
    return by not in resource.needs and resource.parent == other.parent and resource.name.startswith(f"{other.name}-")


def plain(value: Any) -> bool:
    """Tell whether all of a value is known."""
    if isinstance(value, Mapping):
        return all(map(plain, value.values()))
    if isinstance(value, list | tuple):
        return all(map(plain, value))
    return value is None or isinstance(value, str | int | float | bool)

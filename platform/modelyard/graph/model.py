"""Resources by stack and component, and what needs what."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from modelyard.graph.references import Ends, across
from modelyard.policies.plan import Planned

_STACK = "pulumi:pulumi:Stack"
_REFERENCE = "pulumi:pulumi:StackReference"
_LOOSE = "resources"
_ACRONYMS = {
    **{word: word.upper() for word in ("acl", "dns", "iam", "kms", "nat", "oidc", "s3", "sns", "sqs", "vpc")},
    "eip": "elastic IP",
    "mlflow": "MLflow",
}


@dataclass(frozen=True)
class Node:
    """One resource.

    Args:
        stack: the project of its stack, such as `foundation`.
        component: the name of the outermost component that it is part of; `resources` if it is part of none.
        inputs: what the program gives it; what isn't known yet is no plain value.
        needs: URNs of resources and components that it depends on.
    """

    urn: str
    type: str
    name: str
    stack: str
    component: str
    inputs: Mapping[str, Any] = field(default_factory=dict, compare=False)
    needs: tuple[str, ...] = field(default=(), compare=False)

    @property
    def kind(self) -> str:
        """Return the type as people say it, such as `VPC endpoint`."""
        name = re.sub(r"[vV]2$", "", self.type.rpartition(":")[2])
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).split()
        plain = [_ACRONYMS.get(word.lower(), word.lower()) for word in words]
        return " ".join([plain[0][0].upper() + plain[0][1:], *plain[1:]])


@dataclass(frozen=True, order=True)
class Component:
    """A component of a stack.

    Args:
        stack: the stack's project.
        name: its name there.
        title: its class in words.
        kinds: how many resources of each kind it has, the most numerous first.
    """

    stack: str
    name: str
    title: str
    kinds: tuple[tuple[str, int], ...] = ()

    @property
    def size(self) -> int:
        """Return how many resources it has."""
        return sum(count for _, count in self.kinds)


@dataclass(frozen=True, order=True)
class Edge:
    """That one component, or stack, stands on another.

    Args:
        source: what is needed: stack and component; the component is empty for a whole stack.
        target: what needs it.
    """

    source: tuple[str, str]
    target: tuple[str, str]


@dataclass(frozen=True)
class Graph:
    """All resources of an environment.

    Args:
        stacks: projects, each after those it stands on.
        nodes: resources, in the order in which the programs make them.
        components: components, by stack and name.
        edges: between components of one stack, and from a stack to another.
        across: between components of different stacks, as far as the values that pass between them tell.
    """

    stacks: tuple[str, ...]
    nodes: tuple[Node, ...]
    components: tuple[Component, ...]
    edges: tuple[Edge, ...]
    across: tuple[Edge, ...] = ()

    def grounds(self, component: Component) -> list[tuple[str, list[str]]]:
        """Return the titles of what a component stands on in other stacks, by stack."""
        sources = {edge.source for edge in self.across if edge.target == (component.stack, component.name)}
        found = [it for it in self.components if (it.stack, it.name) in sources]
        listed = [(stack, [self.title(it) for it in found if it.stack == stack]) for stack in self.stacks]
        return [(stack, titles) for stack, titles in listed if titles]

    def title(self, component: Component) -> str:
        """Return a component's title; its name too where its stack has another of that title."""
        same = [it for it in self.components if (it.stack, it.title) == (component.stack, component.title)]
        return component.title if len(same) == 1 else f"{component.title}: {component.name}"


def graph(resources: Sequence[Planned]) -> Graph:
    """Make the graph of what programs plan.

    Args:
        resources: of all stacks, each stack after those it stands on.
    """
    stacks: dict[str, list[Planned]] = {}
    for resource in resources:
        stacks.setdefault(resource.stack.partition("/")[0], []).append(resource)
    read = [_Stack(stack, planned) for stack, planned in stacks.items()]
    edges = {edge for it in read for edge in it.edges()}
    return Graph(
        tuple(stacks),
        tuple(node for it in read for node in it.nodes),
        tuple(sorted(component for it in read for component in it.components())),
        tuple(sorted(edge for edge in edges if edge.source[1] or edge.source[0] in stacks)),
        tuple(sorted(Edge(*ends) for ends in _across(resources, read))),
    )


def _across(resources: Sequence[Planned], read: Sequence["_Stack"]) -> Ends:
    home = {node.urn: (node.stack, node.component) for it in read for node in it.nodes}
    references = {it.urn: _referenced(it) for it in resources if it.type == _REFERENCE}
    return across(resources, home, references)


def _referenced(reference: Planned) -> str:
    """Return the project of the stack that a reference is to: the name is `organization/project/stack`."""
    return reference.name.split("/")[-2]


class _Stack:
    """One stack's resources, read."""

    def __init__(self, stack: str, planned: list[Planned]) -> None:
        self._stack = stack
        self._planned = {it.urn: it for it in planned}
        self.nodes = [self._node(it) for it in planned if _is_resource(it)]

    def components(self) -> list[Component]:
        """List the stack's components that have resources."""
        found: dict[str, Counter[str]] = {}
        titles: dict[str, str] = {}
        for node in self.nodes:
            found.setdefault(node.component, Counter())[node.kind] += 1
            titles.setdefault(node.component, self._title(node.urn))
        return [
            Component(self._stack, name, titles[name], tuple(sorted(kinds.items(), key=lambda it: (-it[1], it[0]))))
            for name, kinds in found.items()
        ]

    def edges(self) -> set[Edge]:
        """List what needs what, component by component."""
        found = set()
        for node in self.nodes:
            target = (self._stack, node.component)
            for urn in node.needs:
                source = self._source(urn)
                if source is not None and source != target:
                    found.add(Edge(source, target if source[1] else (self._stack, "")))
        return found

    def _source(self, urn: str) -> tuple[str, str] | None:
        needed = self._planned.get(urn)
        if needed is None:
            return None
        if needed.type == _REFERENCE:
            return _referenced(needed), ""
        return None if needed.type.startswith("pulumi:") else (self._stack, self._outermost(urn)[0])

    def _node(self, planned: Planned) -> Node:
        needs = tuple(sorted({urn for urns in planned.needs.values() for urn in urns}))
        component = self._outermost(planned.urn)[0]
        return Node(planned.urn, planned.type, planned.name, self._stack, component, planned.inputs, needs)

    def _outermost(self, urn: str) -> tuple[str, str]:
        """Return the name and the type of the outermost component that something is part of, or is."""
        found = (_LOOSE, _LOOSE)
        planned = self._planned.get(urn)
        while planned is not None and planned.type != _STACK:
            if _is_component(planned):
                found = (planned.name, planned.type)
            planned = self._planned.get(planned.parent)
        return found

    def _title(self, urn: str) -> str:
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", self._outermost(urn)[1].rpartition(":")[2])
        return words[:1].upper() + words[1:].lower()


def _is_component(planned: Planned) -> bool:
    """A provider's types have a module with a slash, such as `aws:s3/bucket:Bucket`; components' have none."""
    return "/" not in planned.type and not planned.type.startswith("pulumi:")


def _is_resource(planned: Planned) -> bool:
    return not _is_component(planned) and not planned.type.startswith("pulumi:")


def without_shortcuts(edges: Iterable[Edge]) -> list[Edge]:
    """Leave out each edge between components that another way leads along, for a drawing with fewer lines."""
    all_edges = set(edges)
    after: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for edge in all_edges:
        after.setdefault(edge.source, set()).add(edge.target)

    def reaches(start: tuple[str, str], end: tuple[str, str], seen: set[tuple[str, str]]) -> bool:
        return any(it == end or (it not in seen and reaches(it, end, seen | {it})) for it in after.get(start, set()))

    return sorted(
        edge
        for edge in all_edges
        if not any(reaches(other, edge.target, {edge.source}) for other in after[edge.source] - {edge.target})
    )

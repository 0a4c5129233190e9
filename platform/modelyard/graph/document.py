"""A graph as plain data."""

from typing import Any

from modelyard.graph.model import Graph


def document(graph: Graph, environment: str) -> dict[str, Any]:
    """Return the graph for machines.

    Args:
        graph: the graph.
        environment: whose it is.
    """
    return {
        "env": environment,
        "stacks": [{"name": stack, "components": _components(graph, stack)} for stack in graph.stacks],
        "edges": [{"from": _joined(edge.source), "to": _joined(edge.target)} for edge in (*graph.edges, *graph.across)],
    }


def _components(graph: Graph, stack: str) -> list[dict[str, Any]]:
    return [
        {
            "name": component.name,
            "title": component.title,
            "resources": [
                {"type": node.type, "name": node.name, "urn": node.urn, "needs": list(node.needs)}
                for node in graph.nodes
                if (node.stack, node.component) == (stack, component.name)
            ],
        }
        for component in graph.components
        if component.stack == stack
    ]


def _joined(end: tuple[str, str]) -> str:
    return "/".join(part for part in end if part)

"""A graph as a Mermaid flowchart, as GitHub and GitLab show it in Markdown."""

import re
from collections.abc import Iterator

from modelyard.graph.model import Component, Graph, without_shortcuts

_LINES = 8


def mermaid(graph: Graph) -> str:
    """Write the flowchart: a box for each component, within one for each stack."""
    return "\n".join(["flowchart LR", *_stacks(graph), *_edges(graph)]) + "\n"


def _stacks(graph: Graph) -> Iterator[str]:
    for stack in graph.stacks:
        yield f'    subgraph {_identifier(stack, "")}["{_text(stack)}"]'
        for component in graph.components:
            if component.stack == stack:
                yield f'        {_identifier(stack, component.name)}["{_label(graph.title(component), component)}"]'
        yield "    end"


def _edges(graph: Graph) -> Iterator[str]:
    for edge in without_shortcuts(graph.edges):
        arrow = "-->" if edge.source[1] else "-- stack reference -->"
        yield f"    {_identifier(*edge.source)} {arrow} {_identifier(*edge.target)}"
    for edge in graph.across:
        yield f"    {_identifier(*edge.source)} -.-> {_identifier(*edge.target)}"


def _label(title: str, component: Component) -> str:
    kinds = [_text(f"{count} x {kind}" if count > 1 else kind) for kind, count in component.kinds]
    if len(kinds) > _LINES:
        kinds = [*kinds[: _LINES - 1], f"and {len(kinds) - _LINES + 1} more kinds"]
    return "<br/>".join([f"<b>{_text(title)}</b>", *kinds])


def _identifier(stack: str, component: str) -> str:
    """Return a name that Mermaid takes for one: its own words, such as `end`, never stand alone."""
    return "s_" + re.sub(r"\W", "_", f"{stack}__{component}" if component else stack)


def _text(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")

"""A graph as an SVG picture, in a layout of its own: no other program is needed to draw it."""

from collections.abc import Iterator
from xml.sax.saxutils import escape

from modelyard.graph.layout import (
    BOX_WIDTH,
    HEADING,
    LINE_HEIGHT,
    MARGIN,
    PANEL_PADDING,
    TITLE_HEIGHT,
    Box,
    Layout,
    layout,
)
from modelyard.graph.model import Component, Edge, Graph

_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"
_CHARACTERS = 36
_COUNT_CHARACTERS = 6
_TITLE_CHARACTERS = 26
# One colour for each stack: its lines and titles, and the ground behind them.
_COLOURS = (("#1d4ed8", "#eff4ff"), ("#047857", "#ecfdf5"), ("#b45309", "#fffaeb"), ("#7c3aed", "#f5f3ff"))
_STYLE = f"""
  text {{ font-family: {_FONT}; font-size: 12px; fill: #334155; }}
  .heading {{ font-size: 20px; font-weight: 600; fill: #0f172a; }}
  .stack {{ font-size: 15px; font-weight: 600; }}
  .title {{ font-size: 13px; font-weight: 600; fill: #0f172a; }}
  .count {{ fill: #64748b; text-anchor: end; }}
  .between {{ font-size: 11px; fill: #475569; text-anchor: middle; }}
  .line {{ fill: none; stroke-width: 1.6; }}
"""


def svg(graph: Graph, heading: str) -> str:
    """Draw a graph.

    Args:
        graph: the graph.
        heading: what it shows.
    """
    placed = layout(graph)
    width, height = round(placed.width), round(placed.height)
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    )
    parts = [
        f'{opening} role="img">',
        f"<title>{escape(heading)}</title>",
        f"<style>{_STYLE}</style>",
        f"<defs>{''.join(_arrow(index) for index in range(len(_COLOURS) + 1))}</defs>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        _text(MARGIN, HEADING - 24, heading, "heading"),
        *_panels(graph, placed),
        *(_edge(graph, placed, edge) for edge in placed.edges),
        *(_box(graph, it, placed.boxes[it.stack, it.name]) for it in graph.components),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _panels(graph: Graph, placed: Layout) -> Iterator[str]:
    for stack, panel in placed.panels.items():
        colour, ground = _colours(graph, stack)
        count = sum(1 for node in graph.nodes if node.stack == stack)
        yield _rectangle(panel, 14, ground, colour, "0.35")
        left = panel.x + PANEL_PADDING
        yield f'<text class="stack" x="{left:g}" y="{panel.y + 28:g}" style="fill: {colour}">{escape(stack)}</text>'
        yield _text(panel.right - PANEL_PADDING, panel.y + 28, f"{count} resources", "count")


def _box(graph: Graph, component: Component, box: Box) -> str:
    colour, _ = _colours(graph, component.stack)
    lines = [
        _rectangle(box, 8, "#ffffff", colour, "0.7"),
        f'<rect x="{box.x:g}" y="{box.y + 8:g}" width="4" height="18" fill="{colour}"/>',
        _text(box.x + 14, box.y + 22, _short(graph.title(component), _TITLE_CHARACTERS), "title"),
        _text(box.right - 12, box.y + 22, str(component.size), "count"),
    ]
    for number, (kind, count) in enumerate(component.kinds):
        y = box.y + TITLE_HEIGHT + LINE_HEIGHT * (number + 0.7)
        lines.append(_text(box.x + 14, y, _short(kind, _CHARACTERS - _COUNT_CHARACTERS * (count > 1)), ""))
        if count > 1:
            lines.append(_text(box.right - 12, y, f"× {count}", "count"))  # noqa: RUF001 - a multiplication sign
    grounds = [(stack, title) for stack, titles in graph.grounds(component) for title in titles]
    for number, (stack, title) in enumerate(grounds, len(component.kinds)):
        lines.append(_ground(graph, box, stack, title, box.y + TITLE_HEIGHT + LINE_HEIGHT * (number + 0.7)))
    return "<g>" + "".join(lines) + "</g>"


def _ground(graph: Graph, box: Box, stack: str, title: str, y: float) -> str:
    """Say in a stack's colour what of it a component stands on; lines that far would cross all others."""
    colour, _ = _colours(graph, stack)
    words = escape(_short(f"← {title}", _CHARACTERS))
    return f'<text x="{box.x + 14:g}" y="{y:g}" style="fill: {colour}">{words}</text>'


def _edge(graph: Graph, placed: Layout, edge: Edge) -> str:
    if not edge.source[1]:
        return _between(placed, edge)
    source, target = placed.boxes[edge.source], placed.boxes[edge.target]
    colour, _ = _colours(graph, edge.source[0])
    index = _index(graph, edge.source[0])
    start, end = source.y + _out(placed, edge) * source.height, target.y + _in(placed, edge) * target.height
    if target.x <= source.x:  # in one column, or back: around the right side
        path = _curve(source.right, start, target.right, end, BOX_WIDTH / 8, -BOX_WIDTH / 8)
    else:
        half = (target.x - source.right) / 2
        path = _curve(source.right, start, target.x - 2, end, half, half)
    return f'<path class="line" d="{path}" stroke="{colour}" stroke-opacity="0.65" marker-end="url(#arrow{index})"/>'


def _curve(x: float, y: float, to_x: float, to_y: float, out: float, into: float) -> str:
    """Return the path of a line that leaves to the right and bends to its end."""
    return f"M{x:g},{y:g} C{x + out:g},{y:g} {to_x - into:g},{to_y:g} {to_x:g},{to_y:g}"


def _between(placed: Layout, edge: Edge) -> str:
    """Draw the line from one stack to another, with what it is above it."""
    source, target = placed.panels[edge.source[0]], placed.panels[edge.target[0]]
    y = source.y + 90
    line = f'<path class="line" d="M{source.right:g},{y:g} L{target.x - 3:g},{y:g}" stroke="#475569"'
    middle = (source.right + target.x) / 2
    words = _text(middle, y - 18, "stack", "between") + _text(middle, y - 6, "reference", "between")
    return f'{line} marker-end="url(#arrow{len(_COLOURS)})"/>{words}'


def _out(placed: Layout, edge: Edge) -> float:
    """Return where on the right side of its source a line begins: lines share the side evenly."""
    own = sorted(
        (it for it in placed.edges if it.source == edge.source and it.source[1]),
        key=lambda it: placed.boxes[it.target].middle,
    )
    return (own.index(edge) + 1) / (len(own) + 1)


def _in(placed: Layout, edge: Edge) -> float:
    """Return where on the left side of its target a line ends."""
    own = sorted(
        (it for it in placed.edges if it.target == edge.target and it.source[1]),
        key=lambda it: placed.boxes[it.source].middle,
    )
    return (own.index(edge) + 1) / (len(own) + 1)


def _arrow(index: int) -> str:
    colour = _COLOURS[index][0] if index < len(_COLOURS) else "#475569"
    shape = f'<path d="M0,0 L8,4 L0,8 z" fill="{colour}"/>'
    size = 'viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7"'
    return f'<marker id="arrow{index}" {size} orient="auto">{shape}</marker>'


def _rectangle(box: Box, radius: int, fill: str, stroke: str, opacity: str) -> str:
    where = f'x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="{box.height:g}" rx="{radius}"'
    return f'<rect {where} fill="{fill}" stroke="{stroke}" stroke-opacity="{opacity}"/>'


def _text(x: float, y: float, text: str, kind: str) -> str:
    style = f' class="{kind}"' if kind else ""
    return f'<text{style} x="{x:g}" y="{y:g}">{escape(text)}</text>'


def _short(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _index(graph: Graph, stack: str) -> int:
    return graph.stacks.index(stack) % len(_COLOURS)


def _colours(graph: Graph, stack: str) -> tuple[str, str]:
    return _COLOURS[_index(graph, stack)]

"""Where each box of a drawing lies: stacks beside one another, their components in columns by what they stand on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from modelyard.graph.model import Component, Edge, Graph, without_shortcuts

BOX_WIDTH = 244
TITLE_HEIGHT = 34
LINE_HEIGHT = 18
BOX_FOOT = 10
COLUMN_GAP = 56
ROW_GAP = 22
PANEL_PADDING = 26
PANEL_TITLE = 44
PANEL_GAP = 96
MARGIN = 28
HEADING = 58
_MAX_COLUMNS = 4


@dataclass(frozen=True)
class Box:
    """A rectangle, in pixels from the top left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Return its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Return its lower edge."""
        return self.y + self.height

    @property
    def middle(self) -> float:
        """Return half of its height."""
        return self.y + self.height / 2


@dataclass(frozen=True)
class Layout:
    """A drawing's boxes.

    Args:
        panels: one for each stack.
        boxes: one for each component, by stack and name.
        edges: those that are drawn.
    """

    width: float
    height: float
    panels: Mapping[str, Box]
    boxes: Mapping[tuple[str, str], Box]
    edges: Sequence[Edge]


def layout(graph: Graph) -> Layout:
    """Place all boxes of a graph; none of them overlap."""
    edges = without_shortcuts(graph.edges)
    boxes: dict[tuple[str, str], Box] = {}
    panels: dict[str, Box] = {}
    left = float(MARGIN)
    for stack in graph.stacks:
        own = [it for it in graph.components if it.stack == stack]
        columns = _columns(own, edges)
        placed = _place(graph, columns, left + PANEL_PADDING, HEADING + PANEL_TITLE)
        boxes |= placed
        width = 2 * PANEL_PADDING + len(columns) * (BOX_WIDTH + COLUMN_GAP) - COLUMN_GAP
        bottom = max((box.bottom for box in placed.values()), default=HEADING + PANEL_TITLE)
        panels[stack] = Box(left, HEADING, max(width, BOX_WIDTH), bottom + PANEL_PADDING - HEADING)
        left = panels[stack].right + PANEL_GAP
    height = max((panel.bottom for panel in panels.values()), default=HEADING) + MARGIN
    return Layout(left - PANEL_GAP + MARGIN, height, panels, boxes, edges)


def box_height(component: Component, grounds: int = 0) -> float:
    """Return how much room a component's lines take.

    Args:
        component: the component.
        grounds: how many lines say what it stands on in other stacks.
    """
    return TITLE_HEIGHT + LINE_HEIGHT * (len(component.kinds) + grounds) + BOX_FOOT


def _columns(components: list[Component], edges: Sequence[Edge]) -> list[list[Component]]:
    """Put each component to the right of what it stands on, and those without lines where there is room."""
    ranks = _ranks(components, edges)
    joined = {end for edge in edges for end in (edge.source, edge.target)}
    tied = [it for it in components if (it.stack, it.name) in joined]
    loose = [it for it in components if it not in tied]
    count = max((ranks[it.stack, it.name] for it in tied), default=0) + 1
    columns: list[list[Component]] = [[] for _ in range(max(count, min(2, len(components)) or 1))]
    for component in tied:
        columns[ranks[component.stack, component.name]].append(component)
    for component in sorted(loose, key=lambda it: (-box_height(it), it.name)):
        min(columns, key=_height).append(component)
    return [sorted(column, key=lambda it: _weight(it, edges)) for column in columns]


def _ranks(components: list[Component], edges: Sequence[Edge]) -> dict[tuple[str, str], int]:
    """Return how many steps each component is from those that stand on nothing; at most four columns."""
    ranks = {(it.stack, it.name): 0 for it in components}
    inner = [edge for edge in edges if edge.source in ranks and edge.target in ranks]
    for _ in range(_MAX_COLUMNS - 1):
        for edge in inner:
            ranks[edge.target] = min(max(ranks[edge.target], ranks[edge.source] + 1), _MAX_COLUMNS - 1)
    return ranks


def _height(column: list[Component]) -> float:
    return sum(box_height(it) + ROW_GAP for it in column)


def _weight(component: Component, edges: Sequence[Edge]) -> tuple[int, str]:
    """Components with the most lines come first, at the top of their column."""
    end = (component.stack, component.name)
    return -sum(end in (edge.source, edge.target) for edge in edges), component.name


def _place(graph: Graph, columns: list[list[Component]], left: float, top: float) -> dict[tuple[str, str], Box]:
    placed = {}
    for number, column in enumerate(columns):
        y = top
        for component in column:
            height = box_height(component, sum(len(titles) for _, titles in graph.grounds(component)))
            box = Box(left + number * (BOX_WIDTH + COLUMN_GAP), y, BOX_WIDTH, height)
            placed[component.stack, component.name] = box
            y = box.bottom + ROW_GAP
    return placed

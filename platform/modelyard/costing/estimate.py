"""The estimate of a month: each resource's use times the price of a unit, added up by component."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from modelyard.components.cost.settings import UsageSettings
from modelyard.costing import services
from modelyard.costing.prices import Price, PriceTable
from modelyard.costing.usage import Use
from modelyard.graph.model import Graph, Node

_ZERO = Decimal(0)


@dataclass(frozen=True)
class Line:
    """One thing that is charged for.

    Args:
        node: the resource.
        use: what it uses.
        price: of one unit.
    """

    node: Node
    use: Use
    price: Price

    @property
    def usd(self) -> Decimal:
        """Return US dollars a month."""
        return self.price.usd * Decimal(str(self.use.quantity))


@dataclass(frozen=True)
class Unpriced:
    """Something that costs, of which the estimate says nothing.

    Args:
        node: the resource.
        reason: why there is no price.
    """

    node: Node
    reason: str


@dataclass(frozen=True)
class Estimate:
    """An environment's month.

    Args:
        lines: what is priced.
        unpriced: what is not.
        free: the resources that AWS charges nothing for.
    """

    lines: tuple[Line, ...]
    unpriced: tuple[Unpriced, ...]
    free: tuple[Node, ...]

    @property
    def usd(self) -> Decimal:
        """Return US dollars a month, of what is priced."""
        return sum((line.usd for line in self.lines), _ZERO)

    def by_component(self) -> dict[tuple[str, str], list[Line]]:
        """Return the lines by stack and component, the dearest component first."""
        groups: dict[tuple[str, str], list[Line]] = {}
        for line in self.lines:
            groups.setdefault((line.node.stack, line.node.component), []).append(line)
        return dict(sorted(groups.items(), key=lambda it: (-sum(line.usd for line in it[1]), it[0])))


def estimate(graph: Graph, table: PriceTable, region: str, usage: UsageSettings) -> Estimate:
    """Estimate what the resources of a graph cost a month.

    Args:
        graph: the resources.
        table: prices.
        region: whose prices count.
        usage: what is assumed of things that are paid by use.
    """
    lines: list[Line] = []
    unpriced: list[Unpriced] = []
    free: list[Node] = []
    for node in graph.nodes:
        uses = _uses(node, usage)
        if uses is None:
            unpriced.append(Unpriced(node, services.unknown().get(node.type, "there is no rule for this type")))
            continue
        if not uses:
            free.append(node)
        for use in uses:
            _add(node, use, table.find(use.service, use.item, region), region, lines, unpriced)
    return Estimate(tuple(lines), tuple(unpriced), tuple(free))


def _uses(node: Node, usage: UsageSettings) -> list[Use] | None:
    """Return what a resource uses: nothing where it is free, and None where nobody knows."""
    rule = services.rules().get(node.type)
    if rule is not None:
        return rule(node.inputs, usage)
    return [] if node.type.startswith(services.free()) else None


def _add(node: Node, use: Use, price: Price | None, region: str, lines: list[Line], unpriced: list[Unpriced]) -> None:
    if price is None:
        unpriced.append(Unpriced(node, f"there is no price of {use.service} {use.item} in {region}"))
    else:
        lines.append(Line(node, use, price))


def dated(lines: Iterable[Line]) -> list[Price]:
    """Return each price that counted, once."""
    return sorted({line.price for line in lines})

"""What an estimate looks like, for people and for machines."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from modelyard.cli import views
from modelyard.components.cost.settings import UsageSettings
from modelyard.costing.estimate import Estimate, Line, dated
from modelyard.costing.prices import MAX_AGE_DAYS, old

_CENT = Decimal("0.01")


@dataclass(frozen=True, kw_only=True)
class Shown:
    """An estimate with what it was made from.

    Args:
        environment: whose it is.
        region: whose prices count.
        estimate: the estimate.
        usage: what was assumed.
        today: the day, for the prices' age.
    """

    environment: str
    region: str
    estimate: Estimate
    usage: UsageSettings
    today: date

    @property
    def warnings(self) -> list[str]:
        """Return what one should know of the prices."""
        used = dated(self.estimate.lines)
        stale = old(used, self.today)
        if not stale:
            return []
        return [
            f"{len(stale)} of {len(used)} prices are older than {MAX_AGE_DAYS} days, the oldest of {stale[0].date}; "
            "refresh them: modelyard cost update"
        ]


def document(shown: Shown) -> dict[str, Any]:
    """Return the estimate for machines; amounts are US dollars a month."""
    found = shown.estimate
    return {
        "env": shown.environment,
        "region": shown.region,
        "currency": "USD",
        "usd_per_month": _cents(found.usd),
        "components": [
            {
                "stack": stack,
                "component": name,
                "usd_per_month": _cents(_sum(lines)),
                "lines": [_line(it) for it in lines],
            }
            for (stack, name), lines in found.by_component().items()
        ],
        "unpriced": [
            {"stack": it.node.stack, "component": it.node.component, "resource": it.node.name, "type": it.node.type}
            | {"reason": it.reason}
            for it in found.unpriced
        ],
        "free_resources": len(found.free),
        "assumptions": shown.usage.model_dump(),
        "prices": [{**asdict(it), "usd": str(it.usd), "date": str(it.date)} for it in dated(found.lines)],
        "warnings": shown.warnings,
    }


def show(shown: Shown, *, details: bool) -> None:
    """Write the estimate for people.

    Args:
        shown: the estimate.
        details: whether each resource has a line.
    """
    found = shown.estimate
    views.line(f"[bold]{shown.environment}[/bold], a month in {shown.region}, in US dollars")
    views.table(("stack", "component", "USD", "mostly"), _rows(found))
    if details:
        views.line()
        views.table(("resource", "charged for", "quantity", "unit", "each", "USD", "because of"), _details(found))
    views.line(f"[bold]total {_cents(found.usd):.2f}[/bold]; {len(found.free)} resources cost nothing of their own")
    if found.unpriced:
        kinds = Counter((it.node.type, it.reason) for it in found.unpriced)
        views.line(f"[bold]unpriced[/bold], and not in the total: {len(found.unpriced)}")
        views.table(("count", "type", "why"), [(count, kind, why) for (kind, why), count in sorted(kinds.items())])
    assumed = ", ".join(f"{name} {value:g}" for name, value in shown.usage.model_dump().items())
    views.line(f"[dim]assumed of a month (cost.usage in the settings, or --assume): {views.escaped(assumed)}[/dim]")
    for text in shown.warnings:
        views.warning(text)


def _rows(found: Estimate) -> list[tuple[str, str, str, str]]:
    return [
        (stack, name, f"{_cents(_sum(lines)):.2f}", _mostly(lines))
        for (stack, name), lines in found.by_component().items()
    ]


def _mostly(lines: Sequence[Line]) -> str:
    """Name the kind of resource that costs most, and its share."""
    kinds: Counter[str] = Counter()
    for line in lines:
        kinds[line.node.kind] += line.usd  # type: ignore[assignment]  # a Counter adds up any number
    kind, usd = kinds.most_common(1)[0]
    total = _sum(lines)
    return f"{kind} {usd / total:.0%}" if total else kind


def _details(found: Estimate) -> list[tuple[str, ...]]:
    return [
        (
            line.node.name,
            f"{line.price.service} {line.price.item}",
            f"{line.use.quantity:,.10g}",
            line.price.unit,
            f"{line.price.usd:f}",
            f"{_cents(line.usd):.2f}",
            line.use.why,
        )
        for lines in found.by_component().values()
        for line in lines
    ]


def _line(line: Line) -> dict[str, Any]:
    return {
        "resource": line.node.name,
        "type": line.node.type,
        "service": line.price.service,
        "item": line.price.item,
        "unit": line.price.unit,
        "quantity": line.use.quantity,
        "usd_each": str(line.price.usd),
        "usd_per_month": float(line.usd),
        "because_of": line.use.why,
    }


def _sum(lines: Sequence[Line]) -> Decimal:
    return sum((line.usd for line in lines), Decimal(0))


def _cents(usd: Decimal) -> float:
    return float(usd.quantize(_CENT))

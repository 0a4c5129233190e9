"""What a month of a branch's stack costs, by its plan; what costs too much is refused before anything is made."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from modelyard.components.cost.settings import UsageSettings
from modelyard.costing.estimate import Estimate, estimate
from modelyard.costing.prices import table
from modelyard.engine.base import Diagnostic, Severity
from modelyard.graph.model import graph
from modelyard.policies.plan import Planned
from modelyard.previews.limits import over_budget

_SHOWN = 5


@dataclass
class Budget:
    """Estimates plans, and keeps the last estimate.

    Args:
        region: whose prices count.
        limit: US dollars a month.
        prices: a table of prices of the user's own, if there is one.
        found: the last estimate.
    """

    region: str
    limit: float
    prices: Sequence[Path] = ()
    found: Estimate | None = field(default=None)

    def check(self, planned: Sequence[Planned]) -> list[Diagnostic]:
        """Say what is wrong with what a plan costs."""
        usage = UsageSettings.model_validate({})
        self.found = estimate(graph(planned), table(list(self.prices)), self.region, usage)
        problem = over_budget(float(self.found.usd), self.limit)
        return [Diagnostic(Severity.ERROR, problem)] if problem else []

    @property
    def usd(self) -> float | None:
        """Return US dollars a month; None where nothing was estimated."""
        return None if self.found is None else float(self.found.usd)

    @property
    def dearest(self) -> list[tuple[str, float]]:
        """Return the dearest resources, with US dollars a month."""
        totals: dict[str, float] = {}
        for line in self.found.lines if self.found else ():
            name = f"{line.node.kind} {line.node.name}"
            totals[name] = totals.get(name, 0.0) + float(line.usd)
        return sorted(totals.items(), key=lambda it: (-it[1], it[0]))[:_SHOWN]

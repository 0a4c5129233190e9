"""Which resources a deployment is limited to.

Source: `UrnTargets` in `pkg/resource/deploy/deployment.go` of Pulumi.
"""

import re
from collections.abc import Iterable

from modelyard.engine.embedded.state.resource import PROVIDER_PREFIX, ROOT_TYPE, Resource


class Targets:
    """A set of URNs, some of them patterns: `*` is any text without a colon, `**` any text.

    Args:
        patterns: URNs and patterns; none of them means every resource.
        dependents: whether what needs one of them belongs to the set.
    """

    def __init__(self, patterns: Iterable[str], *, dependents: bool = False) -> None:
        self._literals: set[str] = set()
        self._matchers: list[re.Pattern[str]] = []
        self._dependents = dependents
        for pattern in patterns:
            if "*" in pattern:
                parts = ["[^:]*".join(map(re.escape, part.split("*"))) for part in pattern.split("**")]
                self._matchers.append(re.compile(".*".join(parts)))
            else:
                self._literals.add(pattern)
        self._actual: set[str] = set()

    @property
    def limited(self) -> bool:
        """Tell whether there is any limit."""
        return bool(self._literals or self._matchers)

    def named(self, urn: str) -> bool:
        """Tell whether a URN is in the set by its name; nothing is when there is no limit."""
        return urn in self._literals or any(matcher.fullmatch(urn) for matcher in self._matchers)

    def include(self, resource: Resource) -> bool:
        """Tell whether a deployment may touch a resource; providers and the stack itself go without saying."""
        if not self.limited or resource.type == ROOT_TYPE or resource.type.startswith(PROVIDER_PREFIX):
            return True
        found = self.named(resource.urn) or (self._dependents and bool(resource.needs() & self._actual))
        if found:
            self._actual.add(resource.urn)
        return found

    def closure(self, resources: Iterable[Resource]) -> set[str]:
        """Return the URNs of the named resources and of all that need them, of resources given dependencies first."""
        found: set[str] = set()
        for resource in resources:
            if self.named(resource.urn) or resource.needs() & found:
                found.add(resource.urn)
        return found

"""Loading Pulumi's Python SDK without what hardly any program uses.

`import pulumi` loads the Automation API, policy packs, dill and OpenTelemetry's SDK: a third of its time and memory.
These modules are loaded when they are first used: each is there from the start, under its own name, and fills itself
when something is read from it. That is the standard library's own `LazyLoader`.
"""

import importlib.util
import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

_SELDOM = {"pulumi.automation", "pulumi.policy", "dill"}
_TRACING = "pulumi.runtime._instrumentation"  # does nothing without TRACEPARENT, and nothing else reads it


class _LazyFinder:
    """Finds the modules that are seldom used, to be loaded when they are."""

    def __init__(self, names: set[str]) -> None:
        self._names = names

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a module as it is found anyway, with a loader that waits."""
        if name not in self._names:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = importlib.util.LazyLoader(spec.loader)
        return spec


def lighten() -> None:
    """Have `import pulumi` put off what is seldom used; without effect where it is loaded already."""
    if not any(isinstance(finder, _LazyFinder) for finder in sys.meta_path):
        names = _SELDOM if "TRACEPARENT" in os.environ else _SELDOM | {_TRACING}
        sys.meta_path.insert(0, _LazyFinder(names))

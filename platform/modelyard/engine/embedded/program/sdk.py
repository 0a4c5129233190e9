"""Pulumi's Python SDK without what costs much and serves nobody here.

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
from typing import Any

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


def quieten() -> None:
    """Keep the SDK's own debug messages from the engine: they are half of all calls, and nobody is shown them.

    What a program itself says with `pulumi.debug` or `pulumi.log.debug` is passed on.
    """
    from pulumi import log

    passed_on = log.debug

    def debug(msg: str, *args: Any, **kwargs: Any) -> None:
        if not str(sys._getframe(1).f_globals.get("__name__")).startswith("pulumi."):
            passed_on(msg, *args, **kwargs)

    log.debug = debug

"""A stack to run programs on, and what happened to it; its cloud is a dict."""

import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.fake_provider import FakeProvider, World

from modelyard.engine.base import Deployment, Diagnostic, Engine, Event, Gate, Options, Result, Severity
from modelyard.engine.embedded.engine import EmbeddedEngine
from modelyard.engine.embedded.state.store import StackStore
from modelyard.engine.plan import Op
from modelyard.errors import StateError

HEADER = """
import pulumi

Opts, Alias = pulumi.ResourceOptions, pulumi.Alias

class Thing(pulumi.CustomResource):
    out: pulumi.Output[str]
    def __init__(self, name, opts=None, kind="Thing", **props):
        super().__init__(f"fake:index:{kind}", name, {"out": None, **props}, opts)

class Group(pulumi.ComponentResource):
    def __init__(self, name, opts=None, kind="Group"):
        super().__init__(f"test:index:{kind}", name, None, opts)

class Fake(pulumi.ProviderResource):
    def __init__(self, name="p", opts=None, **inputs):
        super().__init__("fake", name, inputs, opts)

"""


class Bench:
    """One stack, its cloud, and what happened to it."""

    def __init__(self, folder: Path, engine: Engine | None = None, world: World | None = None) -> None:
        self.folder = folder
        self.program = folder / "program"
        self.program.mkdir(parents=True)
        (self.program / "Pulumi.yaml").write_text("name: bench\nruntime: python\n")
        self.world = world or World()
        self.events: list[Event] = []
        self.engine = engine or EmbeddedEngine()
        self.config: dict[str, str] = {}
        self.environment: dict[str, str] = {}
        self.assumed: dict[str, dict[str, Any]] = {}
        self.gate: Gate | None = None

    @property
    def cloud(self) -> dict[str, dict[str, Any]]:
        return self.world.cloud

    @property
    def calls(self) -> list[str]:
        return self.world.calls

    @property
    def faults(self) -> dict[str, str]:
        return self.world.faults

    def deployment(self, stack: str = "dev", **options: Any) -> Deployment:
        return Deployment(
            project="bench",
            stack=stack,
            program=self.program,
            state=self.folder / "state",
            config=self.config,
            environment=self.environment,
            plugins={"fake": lambda: FakeProvider(self.world)},
            options=Options(**options),
            assumed=self.assumed,
            gate=self.gate,
        )

    def write(self, program: str) -> None:
        (self.program / "__main__.py").write_text(HEADER + textwrap.dedent(program))

    def up(self, program: str | None = None, **options: Any) -> Result:
        return self._run("up", program, {}, options)

    def preview(self, program: str | None = None, verb: str = "up", **options: Any) -> Result:
        return self._run("preview", program, {"verb": verb}, options)

    def destroy(self, *, unprotect: bool = False, **options: Any) -> Result:
        return self._run("destroy", None, {"unprotect": unprotect}, options)

    def refresh(self, **options: Any) -> Result:
        return self._run("refresh", None, {}, options)

    def export_state(self, stack: str = "dev") -> dict[str, Any]:
        return self.engine.export_state(self.deployment(stack))

    def import_state(self, document: dict[str, Any], stack: str = "dev", *, force: bool = False) -> None:
        self.engine.import_state(self.deployment(stack), document, force=force)

    def resources(self, stack: str = "dev") -> list[dict[str, Any]]:
        """Return the resources of the state, as Pulumi writes them; none where there is no such stack."""
        try:
            return self.export_state(stack)["deployment"].get("resources") or []
        except StateError:
            return []

    def resource(self, name: str, stack: str = "dev") -> dict[str, Any]:
        """Return the one live resource of a name."""
        [found] = [it for it in self.resources(stack) if named(it["urn"]) == name and not it.get("delete")]
        return found

    def things(self, stack: str = "dev") -> list[str]:
        """Return the names of things in the state, in its order."""
        return [named(it["urn"]) for it in self.resources(stack) if it["type"].startswith("fake:index:")]

    def store(self, stack: str = "dev") -> StackStore:
        return StackStore(self.folder / "state", "bench", stack)

    def said(self, severity: Severity) -> list[str]:
        """Return what was said since the last operation began."""
        return [it.message for it in self.events if isinstance(it, Diagnostic) and it.severity is severity]

    @staticmethod
    def ops(result: Result) -> dict[str, Op]:
        """Map the names of things to what happened to them."""
        return {change.name: change.op for change in result.changes if change.type.startswith("fake:")}

    @staticmethod
    def errors(result: Result) -> dict[str, str]:
        """Map the names of resources that failed, in a step or before one, to why."""
        told = {named(it.urn): it.message for it in result.diagnostics if it.severity is Severity.ERROR and it.urn}
        return told | {change.name: change.error for change in result.changes if change.error}

    def _run(self, verb: str, program: str | None, arguments: dict[str, Any], options: dict[str, Any]) -> Result:
        if program is not None:
            self.write(program)
        self.calls.clear()
        self.events.clear()
        stack = options.pop("stack", "dev")
        work: Callable[..., Result] = getattr(self.engine, verb)
        return work(self.deployment(stack, **options), self.events.append, **arguments)


def named(urn: str) -> str:
    """Return the name in a URN."""
    return urn.split("::", 3)[3]

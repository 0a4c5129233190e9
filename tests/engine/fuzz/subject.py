"""One stack under test: its folder, its cloud, its program, and what each operation on it did."""

import random
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.fuzz.cloud import Call, CallFault, Cloud, Provider
from engine.fuzz.disk import DiskFault, FaultyDisk
from engine.fuzz.host import Host
from engine.fuzz.life import Killed, Life
from engine.fuzz.programs import PACKAGE, Program

from modelyard.engine.base import Deployment, Event, Options, Result
from modelyard.engine.embedded.engine import EmbeddedEngine
from modelyard.engine.embedded.state.resource import Resource
from modelyard.engine.embedded.state.snapshot import Snapshot
from modelyard.engine.embedded.state.store import StackStore
from modelyard.errors import ModelyardError

PROJECT, STACK = "fuzz", "dev"


@dataclass(frozen=True)
class Plan:
    """What goes wrong during one operation.

    Args:
        calls: what happens at the n-th call of the provider.
        disk: what happens at the n-th primitive of the disk.
        power: whether a death is a power cut, which loses what was not synced.
        chance: the seed of what is left to chance.
    """

    calls: Mapping[int, CallFault] = field(default_factory=dict)
    disk: Mapping[int, DiskFault] = field(default_factory=dict)
    power: bool = False
    chance: int = 0


FINE = Plan()


@dataclass
class Report:
    """What one operation did.

    Args:
        result: what the engine returned, if it did.
        error: what it raised, if that was an error that a user can mend.
        killed: whether its process died.
        hit: whether something went wrong in it, of what was planned.
        before: the state's resources before it, those among them that a killed process may have made, and `after`
            those after it.
    """

    verb: str
    options: Options
    result: Result | None = None
    error: ModelyardError | None = None
    killed: bool = False
    hit: bool = False
    events: list[Event] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    before: list[Resource] = field(default_factory=list)
    begun: list[Resource] = field(default_factory=list)
    after: list[Resource] = field(default_factory=list)

    @property
    def succeeded(self) -> bool:
        """Tell whether it did all it was to do."""
        return self.result is not None and self.result.outcome == "succeeded"

    def said(self) -> str:
        """Return all that a user could have seen of it."""
        return "\n".join(map(repr, [*self.events, self.result, self.error, getattr(self.error, "hint", "")]))


Work = Callable[[EmbeddedEngine, StackStore], None]
EngineFactory = Callable[[Host, FaultyDisk], EmbeddedEngine]
Watch = Callable[["Subject", FaultyDisk, str, str, str], None]


@dataclass
class Subject:
    """A stack, and the processes that work on it one after the other."""

    folder: Path
    make_engine: EngineFactory = lambda host, disk: EmbeddedEngine(host, disk=disk)
    make_provider: Callable[[Cloud], Any] = Provider
    make_disk: Callable[..., FaultyDisk] = FaultyDisk
    cloud: Cloud = field(default_factory=Cloud)
    program: Program = ()
    started: int = 0

    def __post_init__(self) -> None:
        self.code = self.folder / "program"
        self.state = self.folder / "state"
        for path in (self.code, self.state):
            path.mkdir(parents=True, exist_ok=True)
        (self.code / "Pulumi.yaml").write_text(f"name: {PROJECT}\nruntime: python\n")

    def deployment(self, options: Options | None = None) -> Deployment:
        """Describe the stack to an engine."""
        return Deployment(
            project=PROJECT,
            stack=STACK,
            program=self.code,
            state=self.state,
            plugins={PACKAGE: lambda: self.make_provider(self.cloud)},
            options=options or Options(parallel=1),
        )

    def store(self, folder: Path | None = None) -> StackStore:
        """Return the stack's state as another process sees it."""
        return StackStore(folder or self.state, PROJECT, STACK)

    def snapshot(self, folder: Path | None = None) -> Snapshot:
        """Read the state as another process sees it."""
        return self.store(folder).snapshot

    @contextmanager
    def as_after_power_cut(self, disk: FaultyDisk) -> Iterator[Path]:
        """Lend a folder that holds the state as a power cut at this moment would leave it at worst."""
        with tempfile.TemporaryDirectory(dir=self.folder) as name:
            folder = Path(name)
            for path, data in disk.after_power_cut().items():
                target = folder / path.relative_to(self.state)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)
            yield folder

    def operate(
        self,
        operation: str | Work,
        plan: Plan = FINE,
        options: Options | None = None,
        *,
        width: int = 1,
        program: Program | None = None,
        watch: Callable[[FaultyDisk, str, str, str], None] | None = None,
        sink: Callable[[FaultyDisk, Event], None] | None = None,
        **arguments: Any,
    ) -> Report:
        """Let a new process carry out one operation."""
        options = options or Options(parallel=1)
        snapshot = self.snapshot()
        verb = operation if isinstance(operation, str) else operation.__name__
        report = Report(verb, options, before=snapshot.resources, begun=[it.resource for it in snapshot.pending])
        life, chance = Life(), random.Random(plan.chance)
        disk = self.make_disk(self.state, life, plan.disk, chance)
        self.cloud.begin(life, plan.calls)
        self.cloud.watch = (lambda *call: watch(disk, *call)) if watch else None

        def take(event: Event) -> None:
            report.events.append(event)
            if sink is not None and not life.dead:
                sink(disk, event)

        host = Host(self.program if program is None else program, width)
        engine = self.make_engine(host, disk)
        before = signal.signal(signal.SIGINT, signal.default_int_handler)  # test runners may have made it deadly
        try:
            if isinstance(operation, str):
                report.result = getattr(engine, operation)(self.deployment(options), take, **arguments)
            else:
                operation(engine, StackStore(self.state, PROJECT, STACK, disk))
        except ModelyardError as error:
            report.error = error
        except (Killed, KeyboardInterrupt):
            report.killed = True
        finally:
            signal.signal(signal.SIGINT, before)
        life.dead = True
        self.cloud.watch = None
        if report.killed and plan.power:
            disk.cut_power(chance)
        report.hit = disk.hit or self.cloud.hit or report.killed
        report.calls = list(self.cloud.calls)
        self.cloud.begin(Life(), {})
        report.after = self.resources()
        return report

    def resources(self) -> list[Resource]:
        """Return the state's resources, dependencies first."""
        return self.snapshot().resources

    def files(self) -> dict[str, bytes]:
        """Return all files of the state."""
        return {str(path.relative_to(self.state)): path.read_bytes() for path in self._all() if path.is_file()}

    def remove(self) -> None:
        """Leave nothing behind."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _all(self) -> list[Path]:
        return sorted(self.state.rglob("*"))

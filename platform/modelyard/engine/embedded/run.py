"""One deployment while it goes on: what every part of the engine shares."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from modelyard import wire
from modelyard.engine.base import Change, Deployment, Diagnostic, EventSink, Planned, Severity, StepDone, StepStarted
from modelyard.engine.embedded.providers.plugin import Plugin
from modelyard.engine.embedded.providers.plugins import Plugins
from modelyard.engine.embedded.state.resource import Resource, split_provider
from modelyard.engine.embedded.state.snapshot import Record, Snapshot
from modelyard.engine.embedded.state.store import StackStore
from modelyard.engine.embedded.steps.autonaming import Autonaming
from modelyard.engine.embedded.steps.targeting import Targets
from modelyard.engine.plan import Op
from modelyard.errors import DeploymentError

_WHOLE = {Op.CREATE, Op.DELETE, Op.IMPORT}  # what is told with all its inputs


class RefusedError(DeploymentError):
    """Nothing may be changed; why has been said already."""


@dataclass
class Run:
    """What a deployment knows and has done so far.

    Args:
        deployment: the stack and its program.
        store: the stack's files; open for writing unless this is a preview.
        plugins: its providers.
        sink: takes events, one at a time.
        preview: whether nothing may change.
        outputs_before: what the stack gave out before the program said anything about it.
        seen: what the program has registered so far, under its old name too.
        unfinished: what failed, or was not tried because something that it needs failed; the rest goes on.
        not_created: what a limit to some resources kept from being created.
        replaced: what was, or will be, replaced.
        deleting: what is being deleted, in whatever role.
        condemned: for what is deleted before its successor comes, an event that tells when it is gone.
        fallen: for what is deleted along with something else, the inputs that force its replacement.
        renamed: for what was found under an alias, that alias.
        planning: held while it is decided what to do with a resource.
    """

    deployment: Deployment
    store: StackStore
    plugins: Plugins
    sink: EventSink
    preview: bool
    changes: list[Change] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    failed: bool = False
    cancelled: bool = False
    stopping: threading.Event = field(default_factory=threading.Event)
    root: str = ""
    outputs_before: wire.Props = field(default_factory=dict)
    secret_keys: frozenset[str] = frozenset()
    autonaming: Autonaming = field(default_factory=Autonaming)
    unfinished: set[str] = field(default_factory=set)
    not_created: set[str] = field(default_factory=set)
    replaced: set[str] = field(default_factory=set)
    deleting: set[str] = field(default_factory=set)
    condemned: dict[str, threading.Event] = field(default_factory=dict)
    fallen: dict[str, tuple[str, ...]] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    planning: threading.RLock = field(default_factory=threading.RLock)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _admission: threading.Lock = field(default_factory=threading.Lock)
    _refused: bool | None = None
    _number: int = 0

    def __post_init__(self) -> None:
        options = self.deployment.options
        self.targets = Targets(options.targets, dependents=options.target_dependents)
        self.replace_targets = Targets(options.replace)
        self._operations = threading.BoundedSemaphore(max(options.parallel, 1))

    @property
    def snapshot(self) -> Snapshot:
        """Return the stack's resources as they are now."""
        return self.store.snapshot

    def record(self, record: Record, *, durable: bool = True) -> None:
        """Apply a record; outside a preview it is journalled first."""
        with self._lock:
            if self.preview:
                self.snapshot.apply(record)
            else:
                self.store.commit(record, durable=durable)

    def admit(self, op: Op = Op.UPDATE) -> None:
        """Ask, before the first change of all, whether the deployment may make any.

        Args:
            op: what is about to be done; nothing is asked for what changes nothing.

        Raises:
            RefusedError: it may not; why has been said.
        """
        gate = self.deployment.gate
        if gate is None or self.preview or not op.is_change:
            return
        with self._admission:
            if self._refused is None:
                answers = gate()
                self._refused = any(it.severity is Severity.ERROR for it in answers)
                for answer in answers:
                    self.say(answer.severity, answer.message, answer.urn)
        if self._refused:
            self.stopping.set()
            raise RefusedError("the deployment was refused")

    def call(self, kind: str, resource: Resource) -> int | None:
        """Note that a provider call begins; returns its number, none in a preview."""
        if self.preview:
            return None
        with self._lock:
            self._number += 1
            number = self._number
        self.record(self.snapshot.begin(number, kind, resource))
        return number

    def settle(self, number: int | None) -> None:
        """Note that a provider call ended and changed nothing."""
        if number is not None:
            self.record(self.snapshot.end(number))

    def carry_out(self, change: Change, work: Callable[[], Any]) -> Any:
        """Do a step and report its start, its end and, if it fails, why.

        Raises:
            DeploymentError: the step failed; it has been reported.
        """
        with self._operations:
            if not self.preview and change.op.is_change:
                self._emit(StepStarted(change))
            started = time.perf_counter()
            try:
                result = work()
            except DeploymentError as error:
                self.fail(replace(change, seconds=time.perf_counter() - started, error=told(error)))
                raise
        self.done(replace(change, id=getattr(result, "id", change.id), seconds=time.perf_counter() - started))
        return result

    def done(self, change: Change) -> None:
        """Report a step."""
        with self._lock:
            self.changes.append(change)
        self._emit(StepDone(change))

    def fail(self, change: Change) -> None:
        """Report a step that failed; no new step is started, unless the deployment is to go on."""
        self.done(change)
        self.failed = True
        if self.deployment.options.continue_on_error:
            self.unfinished.add(change.urn)
        else:
            self.stopping.set()

    def stop_for(self, error: DeploymentError) -> None:
        """Fail because of an error that no step has reported."""
        if not self.failed:
            self.say(Severity.ERROR, str(error))
        self.stopping.set()

    def cancel(self) -> None:
        """Start nothing new; what is under way ends and is saved."""
        self.cancelled = True
        self.stopping.set()
        threading.Thread(target=self.plugins.cancel, daemon=True).start()  # off the signal's back

    def say(self, severity: Severity, message: str, urn: str = "", *, fatal: bool = True) -> None:
        """Pass on a diagnostic; an error fails the deployment, unless it is only what the program says."""
        diagnostic = Diagnostic(severity, message, urn)
        with self._lock:
            if severity in (Severity.WARNING, Severity.ERROR):
                self.diagnostics.append(diagnostic)
        self.failed = self.failed or (fatal and severity is Severity.ERROR)
        self._emit(diagnostic)

    def plugin(self, resource: Resource) -> Plugin:
        """Return the provider of a resource, started from state where the program hasn't.

        Raises:
            DeploymentError: there is none.
        """
        provider = self.provider(resource.provider)
        if provider is not None:
            self.plugins.restore(provider)
        return self.plugins.of(resource.provider)

    def provider(self, reference: str) -> Resource | None:
        """Return the provider resource that a reference, `urn::id`, names."""
        urn, provider_id = wanted = split_provider(reference)
        for found in (self.snapshot.current(urn), self.snapshot.before(urn)):
            if found is not None and found.id == provider_id:
                return found
        return next((item for item in self.snapshot.resources if (item.urn, item.id) == wanted), None)

    def _emit(self, event: Any) -> None:
        with self._lock:
            self.sink(event)


def describe(op: Op, resource: Resource, *, becomes: Resource | None = None, **details: Any) -> Change:
    """Make the change of a resource.

    Args:
        op: what happens to it.
        resource: the resource as it is.
        becomes: the resource as it is going to be, where that is another.
        details: the other fields.
    """
    after = becomes or resource
    planned = Planned(inputs=after.inputs, protect=after.protect, needs=after.property_dependencies)
    return Change(
        op=op,
        urn=resource.urn,
        type=resource.type,
        name=resource.name,
        parent=resource.parent,
        id=resource.id,
        inputs=wire.mask(resource.inputs) if op in _WHOLE else {},
        planned=None if op is Op.DELETE else planned,
        **details,
    )


def told(error: DeploymentError) -> str:
    """Format an error with what to do next."""
    return f"{error}\n  -> {error.hint}" if error.hint else str(error)


def now() -> str:
    """Return the time as Pulumi's state writes it."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")

"""What every engine is given, promises and returns."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, Protocol

from modelyard.engine.plan import Op

PluginFactory = Callable[[], Any]
"""Makes a `pulumirpc.ResourceProvider` servicer, one for each provider resource."""
Gate = Callable[[], Sequence["Diagnostic"]]
"""Asked once, before the first change of an `up`; an error among its answers refuses all of it."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a deployment goes about its work; every one of them is one of the Pulumi CLI's.

    Args:
        targets: only these resources are touched: URNs, in which `*` stands for any text without a colon
            and `**` for any text.
        target_dependents: whether what depends on a target is touched too.
        replace: these resources are replaced though nothing about them changed; URNs as in `targets`.
        continue_on_error: whether what doesn't depend on a failed step still goes on, deletions among it.
        refresh: whether the state is first made what the cloud says.
        parallel: how many resource operations may run at once.
        message: what the stack's history says of this deployment.
    """

    targets: tuple[str, ...] = ()
    target_dependents: bool = False
    replace: tuple[str, ...] = ()
    continue_on_error: bool = False
    refresh: bool = False
    parallel: int = 16
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """One stack of one project, and what its program needs to run.

    Args:
        project: the project's name, as in its Pulumi.yaml.
        stack: the stack's name.
        program: the folder that holds Pulumi.yaml.
        state: the folder of the backend.
        config: configuration values by `namespace:key`, over those of the project and the stack's own file.
        environment: environment variables for the program, over this process's own.
        plugins: resource providers by package name.
        options: how to go about it.
        backend: the address of the backend, as PULUMI_BACKEND_URL takes it; empty for the file backend in `state`.
        secrets_provider: what encrypts a new stack's secrets, as `pulumi stack init --secrets-provider` takes it.
        assumed: outputs, by `project/stack`, that a preview takes for a stack's: those it is going to have.
        gate: what an `up` asks before it changes anything, if it does.
    """

    project: str
    stack: str
    program: Path
    state: Path
    config: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    plugins: Mapping[str, PluginFactory] = field(default_factory=dict)
    options: Options = field(default_factory=Options)
    backend: str = ""
    secrets_provider: str = "passphrase"
    assumed: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    gate: Gate | None = None

    @property
    def title(self) -> str:
        """Name the stack as a person would."""
        return f"{self.project}/{self.stack}"


class Severity(StrEnum):
    """How much a diagnostic matters."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A resource as a deployment makes it, or leaves it.

    Args:
        inputs: all of its inputs; what is secret or not known yet keeps its wrapper.
        protect: whether it may not be deleted.
        needs: for each input, the URNs of the resources that it is made of; none where the engine can't tell.
    """

    inputs: Mapping[str, Any] = field(default_factory=dict)
    protect: bool = False
    needs: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Change:
    """What happens, would happen or happened to one resource.

    Args:
        changes: for each changed input, by its path, what it was and what it becomes; secrets masked.
        inputs: all inputs of a resource that is made or deleted; secrets masked.
        replaced_by: the inputs that force a replacement.
        seconds: how long the step took.
        planned: the whole resource, whatever happens to it; none of what goes.
    """

    op: Op
    urn: str
    type: str
    name: str
    parent: str = ""
    id: str = ""
    changes: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    inputs: Mapping[str, Any] = field(default_factory=dict, compare=False)
    replaced_by: tuple[str, ...] = ()
    seconds: float = 0.0
    error: str = ""
    planned: Planned | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class StepStarted:
    """A step is about to be carried out."""

    change: Change


@dataclass(frozen=True)
class StepDone:
    """A step was carried out, or would be; `change.error` says why it failed."""

    change: Change


@dataclass(frozen=True)
class Diagnostic:
    """Something the program, a provider or the engine has to say."""

    severity: Severity
    message: str
    urn: str = ""


Event = StepStarted | StepDone | Diagnostic
EventSink = Callable[[Event], None]
Outcome = Literal["succeeded", "failed", "cancelled"]
Verb = Literal["preview", "up", "destroy", "refresh"]
UpdateVerb = Literal["preview", "up", "destroy", "refresh", "import"]


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a deployment did, or would do."""

    verb: Verb
    outcome: Outcome
    changes: tuple[Change, ...]
    outputs: Mapping[str, Any]
    seconds: float
    diagnostics: tuple[Diagnostic, ...] = ()

    def count(self, op: Op) -> int:
        """Count the resources that an operation touched."""
        return sum(1 for change in self.changes if change.op is op and not change.error)

    @property
    def has_changes(self) -> bool:
        """Tell whether anything but `same` is planned or was done."""
        return any(change.op.is_change for change in self.changes)


@dataclass(frozen=True, kw_only=True)
class Update:
    """One entry of a stack's history: one deployment that changed it, or could have.

    Args:
        version: its number, counted from 1.
        verb: what was done; `import` is a state that was imported or edited.
        started: when it began, as seconds since 1970 in UTC.
        seconds: how long it took.
        who: user and machine, such as `ada@laptop`.
        message: what its caller said of it.
        changes: how many resources each operation touched.
    """

    version: int
    verb: UpdateVerb
    outcome: Outcome
    started: float
    seconds: float
    who: str = ""
    message: str = ""
    changes: Mapping[Op, int] = field(default_factory=dict)


class Engine(Protocol):
    """Runs a Pulumi program against a backend."""

    def preview(self, deployment: Deployment, sink: EventSink, *, verb: Verb = "up") -> Result:
        """Tell what `up`, `destroy` or `refresh` would do, without changing anything."""

    def up(self, deployment: Deployment, sink: EventSink) -> Result:
        """Make the cloud what the program says."""

    def destroy(self, deployment: Deployment, sink: EventSink, *, unprotect: bool = False) -> Result:
        """Delete all that the state holds; the program is not run."""

    def refresh(self, deployment: Deployment, sink: EventSink) -> Result:
        """Make the state what the cloud says."""

    def export_state(self, deployment: Deployment) -> dict[str, Any]:
        """Return the stack's state as `pulumi stack export` does: `{"version": 3, "deployment": {...}}`.

        Raises:
            StateError: there is no such stack, or its state is damaged.
        """

    def import_state(self, deployment: Deployment, document: Mapping[str, Any], *, force: bool = False) -> None:
        """Take an exported state for the stack's, as `pulumi stack import` does.

        Raises:
            StateError: it is not a valid state, or another stack's and not forced.
        """

    def history(self, deployment: Deployment) -> list[Update]:
        """Return what was done to the stack, newest first."""

    def cancel(self, deployment: Deployment) -> str:
        """Stop the deployment that is changing the stack, or break the lock that a dead one left; say which."""

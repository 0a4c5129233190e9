"""The embedded engine: preview, up, destroy and refresh on this machine."""

import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from types import FrameType
from typing import Any

from modelyard.engine.base import Deployment, Diagnostic, EventSink, Outcome, Result, Severity, Update, Verb
from modelyard.engine.embedded import cancelling
from modelyard.engine.embedded.edits import moving, transfer
from modelyard.engine.embedded.program import configuration
from modelyard.engine.embedded.program.host import run_program
from modelyard.engine.embedded.providers.builtin import BuiltinProvider
from modelyard.engine.embedded.providers.enginehost import EngineHost
from modelyard.engine.embedded.providers.plugins import Plugins
from modelyard.engine.embedded.providers.processes import Processes
from modelyard.engine.embedded.requests.hooks import delete_hooks
from modelyard.engine.embedded.requests.monitor import Monitor
from modelyard.engine.embedded.run import RefusedError, Run
from modelyard.engine.embedded.state import history
from modelyard.engine.embedded.state.disk import Disk
from modelyard.engine.embedded.state.history import Noted
from modelyard.engine.embedded.state.snapshot import verify
from modelyard.engine.embedded.state.store import StackStore
from modelyard.engine.embedded.steps import autonaming
from modelyard.engine.embedded.steps.adoption import settle_interrupted
from modelyard.engine.embedded.steps.deletion import delete_leftovers
from modelyard.engine.embedded.steps.refreshing import refresh, refresh_before

ProgramHost = Callable[[Run, Monitor, configuration.StackConfig], None]
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # the last is the terminal closing


class EmbeddedEngine:
    """Runs Pulumi programs in Python with nothing but what PyPI has; see `modelyard.engine.base.Engine`.

    Args:
        host: runs a deployment's program against a monitor.
        disk: the file system that the state is on.
    """

    def __init__(self, host: ProgramHost = run_program, *, disk: Disk | None = None) -> None:
        self._host = host
        self._disk = disk or Disk()

    def preview(self, deployment: Deployment, sink: EventSink, *, verb: Verb = "up") -> Result:
        """Plan without changing anything; the state is read, not locked."""
        store = self._store(deployment)
        verify(store.snapshot.resources)  # read now: damage is told before the program starts
        work = {"destroy": _destroy, "refresh": refresh}.get(verb, self._program)
        with _running(deployment, store, sink, preview=True) as run:
            return self._finish("preview", run, lambda: work(run))

    def up(self, deployment: Deployment, sink: EventSink) -> Result:
        """Make the cloud what the program says."""
        return self._change("up", deployment, sink, self._program)

    def destroy(self, deployment: Deployment, sink: EventSink, *, unprotect: bool = False) -> Result:
        """Delete all that the state holds; the program is not run."""
        return self._change("destroy", deployment, sink, lambda run: _destroy(run, unprotect=unprotect))

    def refresh(self, deployment: Deployment, sink: EventSink) -> Result:
        """Make the state what the cloud says."""
        return self._change("refresh", deployment, sink, refresh)

    def _change(self, verb: Verb, deployment: Deployment, sink: EventSink, work: Callable[[Run], None]) -> Result:
        deployment = deployment if verb == "up" else replace(deployment, gate=None)
        store, noted = self._store(deployment), Noted(verb, deployment)
        for sentence in moving.settle(store):
            sink(Diagnostic(Severity.WARNING, sentence))
        with store.writing(closing=noted.close), _running(deployment, store, sink, preview=False) as run:
            settle_interrupted(run)
            noted.result = self._finish(verb, run, lambda: work(run))
            noted.config = {key: it for key, it in run.deployment.config.items() if key not in run.secret_keys}
            return noted.result

    def export_state(self, deployment: Deployment) -> dict[str, Any]:
        """Return the stack's state as `pulumi stack export` does: `{"version": 3, "deployment": {...}}`."""
        return transfer.export(self._store(deployment))

    def import_state(self, deployment: Deployment, document: Mapping[str, Any], *, force: bool = False) -> None:
        """Take an exported state for the stack's, as `pulumi stack import` does."""
        transfer.take(self._store(deployment), document, force=force)

    def history(self, deployment: Deployment) -> list[Update]:
        """Return what was done to the stack, newest first."""
        return history.read(self._store(deployment))

    def cancel(self, deployment: Deployment) -> str:
        """Stop the deployment that is changing the stack, or break the lock that a dead one left; say which."""
        return cancelling.cancel(self._store(deployment))

    def _store(self, deployment: Deployment) -> StackStore:
        return StackStore(deployment.state, deployment.project, deployment.stack, self._disk)

    def _program(self, run: Run) -> None:
        config = configuration.load(run.deployment)
        run.deployment = replace(run.deployment, config=config.values)
        run.secret_keys = config.secret_keys
        run.autonaming = autonaming.parse(config.values, project=run.deployment.project, stack=run.deployment.stack)
        if run.deployment.options.refresh or not run.snapshot.resources:  # it changes something: no program need wait
            try:
                run.admit()
            except RefusedError:
                return
        if run.deployment.options.refresh:
            refresh_before(run)
        monitor = Monitor(run, on_finished=lambda: _leftovers(run))
        self._host(run, monitor, config)

    def _finish(self, verb: Verb, run: Run, work: Callable[[], None]) -> Result:
        started = time.perf_counter()
        with _interruptible(run):
            work()
        if run.failed:
            _keep_outputs(run)
        outcome: Outcome = "cancelled" if run.cancelled else "failed" if run.failed else "succeeded"
        root = run.snapshot.current(run.root) if run.root else None
        outputs = root.outputs if root else run.store.outputs()
        return Result(
            verb=verb,
            outcome=outcome,
            changes=tuple(run.changes),
            outputs=outputs if verb != "destroy" else {},
            seconds=time.perf_counter() - started,
            diagnostics=tuple(run.diagnostics),
        )


@contextmanager
def _running(deployment: Deployment, store: StackStore, sink: EventSink, *, preview: bool) -> Iterator[Run]:
    """Make a run, and end the plugins that it has started."""
    processes = Processes(deployment.program, deployment.environment)
    run = Run(deployment, store, Plugins(deployment.plugins, processes), sink, preview=preview)
    run.plugins.serve("pulumi", lambda: BuiltinProvider(run))
    run.plugins.hooks.preview, run.plugins.hooks.say = preview, run.say
    host = EngineHost(run)
    processes.engine, processes.say = host.address, run.say
    try:
        yield run
    finally:
        run.plugins.close()
        host.close()


def _destroy(run: Run, *, unprotect: bool = False) -> None:
    _refuse_hooks(run)
    if run.deployment.options.refresh:
        refresh_before(run)
    if not run.stopping.is_set():
        delete_leftovers(run, unprotect=unprotect)


def _refuse_hooks(run: Run) -> None:
    """Delete nothing if something has hooks that have to run then: they are functions of the program."""
    for urn, names in delete_hooks(run.snapshot.resources).items():
        message = f"Resource has delete hooks registered, but the program is not running. Hooks: {', '.join(names)}"
        run.say(Severity.ERROR, f"{message}\n  -> take them out of the program and run up, then destroy", urn)
        run.stopping.set()


def _keep_outputs(run: Run) -> None:
    """Keep the outputs that a program which failed did not come to give."""
    root = run.snapshot.current(run.root) if run.root else None
    if root is not None and not run.preview and run.outputs_before.keys() - root.outputs.keys():
        run.record(run.snapshot.end(None, put=replace(root, outputs={**run.outputs_before, **root.outputs})))


def _leftovers(run: Run) -> None:
    if not run.stopping.is_set():
        with suppress(RefusedError):
            delete_leftovers(run)


@contextmanager
def _interruptible(run: Run) -> Iterator[None]:
    """Let the first Ctrl-C end the deployment in order, and the second at once; the state is saved either way."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupted(number: int, frame: FrameType | None) -> None:
        if run.cancelled:
            raise KeyboardInterrupt
        run.cancel()

    previous = {number: signal.signal(number, interrupted) for number in _STOP_SIGNALS}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)

"""The embedded engine: preview, up, destroy and refresh on this machine."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import FrameType

from modelyard import wire
from modelyard.engine.base import Deployment, EventSink, Outcome, Result, Verb
from modelyard.engine.embedded import configuration
from modelyard.engine.embedded.adoption import settle_interrupted
from modelyard.engine.embedded.deletion import delete_leftovers
from modelyard.engine.embedded.monitor import Monitor
from modelyard.engine.embedded.plugins import Plugins
from modelyard.engine.embedded.program import run_program
from modelyard.engine.embedded.registration import keep_secrets
from modelyard.engine.embedded.run import Run, describe, now
from modelyard.engine.embedded.snapshot import verify
from modelyard.engine.embedded.state import Resource
from modelyard.engine.embedded.store import StackStore
from modelyard.engine.plan import Op, compare
from modelyard.errors import DeploymentError

ProgramHost = Callable[[Run, Monitor, configuration.StackConfig], None]
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # the last is the terminal closing


class EmbeddedEngine:
    """Runs Pulumi programs in Python with nothing but what PyPI has; see `modelyard.engine.base.Engine`.

    Args:
        host: runs a deployment's program against a monitor.
    """

    def __init__(self, host: ProgramHost = run_program) -> None:
        self._host = host

    def preview(self, deployment: Deployment, sink: EventSink, *, verb: Verb = "up") -> Result:
        """Plan without changing anything; the state is read, not locked."""
        store = StackStore(deployment.state, deployment.project, deployment.stack)
        verify(store.snapshot.resources)  # read now: damage is told before the program starts
        run = Run(deployment, store, Plugins(deployment.plugins), sink, preview=True)
        work = {"destroy": delete_leftovers, "refresh": _refresh}.get(verb, self._program)
        return self._finish("preview", run, lambda: work(run))

    def up(self, deployment: Deployment, sink: EventSink) -> Result:
        """Make the cloud what the program says."""
        return self._change("up", deployment, sink, self._program)

    def destroy(self, deployment: Deployment, sink: EventSink, *, unprotect: bool = False) -> Result:
        """Delete all that the state holds; the program is not run."""
        return self._change("destroy", deployment, sink, lambda run: delete_leftovers(run, unprotect=unprotect))

    def refresh(self, deployment: Deployment, sink: EventSink) -> Result:
        """Make the state what the cloud says."""
        return self._change("refresh", deployment, sink, _refresh)

    def _change(self, verb: Verb, deployment: Deployment, sink: EventSink, work: Callable[[Run], None]) -> Result:
        store = StackStore(deployment.state, deployment.project, deployment.stack)
        with store.writing():
            run = Run(deployment, store, Plugins(deployment.plugins), sink, preview=False)
            settle_interrupted(run)
            return self._finish(verb, run, lambda: work(run))

    def _program(self, run: Run) -> None:
        config = configuration.load(run.deployment)
        run.deployment = replace(run.deployment, config=config.values)
        run.secret_keys = config.secret_keys
        monitor = Monitor(run, on_finished=lambda: _leftovers(run))
        self._host(run, monitor, config)

    def _finish(self, verb: Verb, run: Run, work: Callable[[], None]) -> Result:
        started = time.perf_counter()
        with _interruptible(run):
            work()
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


def _leftovers(run: Run) -> None:
    if not run.stopping.is_set():
        delete_leftovers(run)


def _refresh(run: Run) -> None:
    for index, resource in enumerate(list(run.snapshot.old)):
        if resource is not None and not resource.delete and not run.cancelled:
            run.seen.add(resource.urn)
            _refresh_one(run, index, resource)


def _refresh_one(run: Run, index: int, resource: Resource) -> None:
    if not resource.custom or resource.external or resource.is_provider:
        run.record(run.snapshot.end(None, put=resource, drop=index), durable=False)
        return
    try:
        found, outputs, inputs = run.plugin(resource).read(resource)
    except DeploymentError as error:
        run.record(run.snapshot.end(None, put=resource, drop=index), durable=False)
        run.fail(describe(Op.REFRESH, resource, error=str(error)))
        return
    if not found:
        run.record(run.snapshot.end(None, drop=index))
        run.done(describe(Op.DELETE, resource))
        return
    changes = compare(wire.reveal(resource.inputs), inputs)  # what the cloud computes by itself is no drift
    live = replace(
        resource,
        inputs=dict(keep_secrets(resource.inputs, inputs)),
        outputs=dict(keep_secrets(resource.outputs, outputs)),
        modified=now() if changes else resource.modified,
    )
    run.record(run.snapshot.end(None, put=live, drop=index))
    run.done(describe(Op.REFRESH if changes else Op.SAME, resource, changes=changes))


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

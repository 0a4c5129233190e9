"""Executions of pipelines: one thread each, a pool for its steps."""

import logging
import threading
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from modelyard.localcloud.runtime.events import iso
from modelyard.localcloud.runtime.host import Host
from modelyard.localcloud.runtime.logs import now
from modelyard.localcloud.runtime.pipelines import definition, steps
from modelyard.localcloud.runtime.pipelines.record import KIND, Record
from modelyard.localcloud.runtime.pipelines.references import PathError, Scope
from modelyard.localcloud.runtime.pipelines.runner import StepRunner

DEFAULT_PARALLEL_STEPS = 50
ACTIVE = frozenset({"Executing", "Stopping"})
CLOUD_STOPPED = "InternalServerError: the local cloud was stopped while this ran; start the pipeline again"
_log = logging.getLogger(__name__)


class Executions:
    """The executions that run now.

    Args:
        host: the local cloud.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._running: dict[str, tuple[threading.Event, threading.Thread]] = {}
        self._closing = threading.Event()

    def start(self, region: str, arn: str) -> None:
        """Run an execution whose document is in the store."""
        stopping = threading.Event()
        thread = threading.Thread(target=self._run, args=(region, arn, stopping), name=arn, daemon=True)
        self._running[arn] = (stopping, thread)
        thread.start()

    def stop(self, region: str, arn: str) -> None:
        """Ask an execution to end; its jobs are stopped."""
        Record(self._host, region, arn).ask_to_stop()
        if arn in self._running:
            self._running[arn][0].set()

    def close(self) -> None:
        """End all because the cloud stops."""
        self._closing.set()
        running = list(self._running.values())
        for stopping, _ in running:
            stopping.set()
        for _, thread in running:
            thread.join(timeout=20)

    def recover(self) -> None:
        """Fail the executions that a dead cloud left unfinished."""
        for region in self._host.store.regions():
            for document in self._host.collection(region, KIND).all():
                if document["PipelineExecutionStatus"] in ACTIVE:
                    record = Record(self._host, region, document["PipelineExecutionArn"], silent=True)
                    record.abandon(CLOUD_STOPPED)

    def _run(self, region: str, arn: str, stopping: threading.Event) -> None:
        record = Record(self._host, region, arn)
        record.announce()
        try:
            Execution(self._host, record, stopping).run()
        except Exception as error:  # noqa: BLE001  # an execution must end, whatever happened
            _log.exception("execution %s", arn)
            record.set_status("Failed", f"InternalServerError: {type(error).__name__}: {error}")
        if self._closing.is_set():
            record.abandon(CLOUD_STOPPED)
        self._running.pop(arn, None)


class Execution:
    """One execution: starts each step once what it needs has succeeded.

    Args:
        host: the local cloud.
        record: its document.
        stopping: set when it is to end early.
    """

    def __init__(self, host: Host, record: Record, stopping: threading.Event) -> None:
        document = record.read()
        self._record = record
        self._stopping = stopping
        self._definition = definition.parse(document["PipelineDefinition"])
        self._succeeded: dict[str, steps.Result] = {}
        self._dropped: set[str] = set()
        self._failed = False
        self._ended = False
        scope = Scope(
            parameters=self._definition.values(
                {item["Name"]: item["Value"] for item in document.get("PipelineParameters", [])}
            ),
            execution={
                "PipelineExecutionId": record.execution_id,
                "PipelineExecutionArn": record.arn,
                "PipelineName": document["PipelineName"],
                "PipelineArn": document["PipelineArn"],
                "StartDateTime": iso(document["CreationTime"]),
                "CurrentDateTime": iso(now()),
            },
            properties={},
            steps=self._definition.steps,
            read=lambda uri: _read(host, record.region, uri),
        )
        self._runner = StepRunner(host, record, scope, stopping)
        limit = (document.get("ParallelismConfiguration") or {}).get("MaxParallelExecutionSteps")
        self._parallel = int(limit or DEFAULT_PARALLEL_STEPS)

    def run(self) -> None:
        """Run to the end and set the execution's status."""
        left = dict(self._definition.steps)
        running: dict[Future[steps.Result], str] = {}
        with ThreadPoolExecutor(self._parallel) as pool:
            while True:
                for name in [] if self._stopping.is_set() or self._ended else self._ready(left):
                    running[pool.submit(self._runner.run, left.pop(name))] = name
                if not running:
                    break
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    self._finish(running.pop(future), future)
        self._conclude()

    def _ready(self, left: dict[str, definition.Step]) -> list[str]:
        """Return the steps that can start, after dropping those that never will."""
        changed = True
        while changed:
            gone = [name for name, step in left.items() if self._is_dropped(step)]
            for name in gone:
                del left[name]
                self._dropped.add(name)
            changed = bool(gone)
        return [name for name, step in left.items() if step.needs <= self._succeeded.keys()]

    def _is_dropped(self, step: definition.Step) -> bool:
        if step.needs & self._dropped:
            return True
        if step.parent is None or step.parent[0] not in self._succeeded:
            return False
        return self._succeeded[step.parent[0]].outcome is not step.parent[1]

    def _finish(self, name: str, future: "Future[steps.Result]") -> None:
        try:
            self._succeeded[name] = future.result()
        except steps.StepStopped:
            self._dropped.add(name)
        except (steps.StepError, PathError):
            self._dropped.add(name)
            self._failed = True
            self._ended = self._ended or self._definition.steps[name].type == "Fail"

    def _conclude(self) -> None:
        if self._stopping.is_set():
            self._record.set_status("Stopped")
        elif self._failed:
            self._record.set_status("Failed", "Step failure: One or multiple steps failed.")
        else:
            self._record.set_status("Succeeded")


def _read(host: Host, region: str, uri: str) -> str:
    client = host.client("s3", region)
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    try:
        content: bytes = client.get_object(Bucket=bucket, Key=key)["Body"].read()
    except client.exceptions.ClientError as error:
        raise PathError(f"ClientError: can't read {uri}: {error}") from error
    return content.decode()

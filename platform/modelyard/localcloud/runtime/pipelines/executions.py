"""Executions of pipelines: one thread each, a pool for its steps."""

import logging
import threading
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any

from modelyard.localcloud.runtime.events import iso
from modelyard.localcloud.runtime.host import Host
from modelyard.localcloud.runtime.logs import now
from modelyard.localcloud.runtime.pipelines import definition, selection, steps
from modelyard.localcloud.runtime.pipelines.record import KIND, Record
from modelyard.localcloud.runtime.pipelines.references import PathError, Scope
from modelyard.localcloud.runtime.pipelines.runner import StepRunner
from modelyard.localcloud.runtime.workers import Workers

DEFAULT_PARALLEL_STEPS = 50
COMPLETED, SKIPPED = "Completed", "Skipped"
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
        self._workers = Workers()

    def start(self, region: str, arn: str) -> None:
        """Run an execution whose document is in the store."""
        self._workers.start(arn, arn, lambda stopping: self._run(region, arn, stopping))

    def stop(self, region: str, arn: str) -> None:
        """Ask an execution to end; its jobs are stopped."""
        Record(self._host, region, arn).ask_to_stop()
        self._workers.stop(arn)

    def close(self) -> None:
        """End all because the cloud stops."""
        self._workers.close()

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
        if self._workers.closing:
            record.abandon(CLOUD_STOPPED)


class Execution:
    """One execution: starts each step once what it needs has ended as it should.

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
        self._left = selection.chosen(self._definition.steps, document.get("SelectiveExecutionConfig"))
        self._results: dict[str, steps.Result] = {}
        self._outcomes: dict[str, str] = {}
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
            properties={name: step["Properties"] for name, step in document["Steps"].items() if "Properties" in step},
            steps=self._definition.steps,
            read=lambda uri: _read(host, record.region, uri),
        )
        self._take_up(document["Steps"])
        self._runner = StepRunner(host, record, scope, stopping)
        limit = (document.get("ParallelismConfiguration") or {}).get("MaxParallelExecutionSteps")
        self._parallel = int(limit or DEFAULT_PARALLEL_STEPS)

    def run(self) -> None:
        """Run to the end and set the execution's status."""
        running: dict[Future[steps.Result], str] = {}
        with ThreadPoolExecutor(self._parallel) as pool:
            while True:
                for name in [] if self._stopping.is_set() or self._ended else self._ready():
                    running[pool.submit(self._runner.run, self._left.pop(name))] = name
                if not running:
                    break
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    self._finish(running.pop(future), future)
        self._conclude()

    def _take_up(self, before: dict[str, Any]) -> None:
        """Take over the steps that an earlier attempt of this execution has done."""
        for name, step in before.items():
            if name in self._left and step["StepStatus"] == "Succeeded":
                said = step.get("Metadata", {}).get("Condition", {}).get("Outcome")
                outcome = None if said is None else said == "True"
                self._results[name] = steps.Result(step.get("Metadata", {}), step.get("Properties", {}), outcome)
                self._outcomes[name] = COMPLETED
                del self._left[name]

    def _ready(self) -> list[str]:
        """Return the steps that can start, after dropping those that never will."""
        changed = True
        while changed:
            gone = [name for name, step in self._left.items() if self._is_dropped(step)]
            for name in gone:
                del self._left[name]
                self._outcomes[name] = SKIPPED
            changed = bool(gone)
        return [name for name, step in self._left.items() if step.needs.keys() <= self._outcomes.keys()]

    def _is_dropped(self, step: definition.Step) -> bool:
        """Tell whether what a step needs has ended otherwise than it should."""
        for name, trigger in step.needs.items():
            outcome = self._outcomes.get(name)
            if outcome == SKIPPED or (outcome and trigger not in ("Any", outcome)):
                return True
        if step.parent is None or step.parent[0] not in self._results:
            return False
        return self._results[step.parent[0]].outcome is not step.parent[1]

    def _finish(self, name: str, future: "Future[steps.Result]") -> None:
        try:
            self._results[name] = future.result()
            self._outcomes[name] = COMPLETED
        except steps.StepStopped:
            self._outcomes[name] = "Stopped"
        except (steps.StepError, PathError):
            self._outcomes[name] = "Failed"
            self._ended = self._ended or self._definition.steps[name].type == "Fail"

    def _conclude(self) -> None:
        failed = {name for name, outcome in self._outcomes.items() if outcome == "Failed"}
        if self._stopping.is_set():
            self._record.set_status("Stopped")
        elif failed and all(self._is_handled(name) for name in failed):
            self._record.set_status("CompletedWithFailures")
        elif failed:
            self._record.set_status("Failed", "Step failure: One or multiple steps failed.")
        else:
            self._record.set_status("Succeeded")

    def _is_handled(self, failed: str) -> bool:
        """Tell whether a step ran because another one failed."""
        return any(
            step.needs.get(failed) in ("Failed", "Any") and self._outcomes.get(name) == COMPLETED
            for name, step in self._definition.steps.items()
        )


def _read(host: Host, region: str, uri: str) -> str:
    client = host.client("s3", region)
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    try:
        content: bytes = client.get_object(Bucket=bucket, Key=key)["Body"].read()
    except client.exceptions.ClientError as error:
        raise PathError(f"ClientError: can't read {uri}: {error}") from error
    return content.decode()

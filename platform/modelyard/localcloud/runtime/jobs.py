"""What training and processing jobs have in common: a thread each, an end in any case, a stop."""

import logging
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from modelyard.localcloud.runtime import lineage
from modelyard.localcloud.runtime.container import Container
from modelyard.localcloud.runtime.host import Host
from modelyard.localcloud.runtime.logs import now
from modelyard.localcloud.runtime.objects import ObjectError
from modelyard.localcloud.runtime.workers import Workers

DAY_SECONDS = 86_400
CLOUD_STOPPED = "InternalServerError: the local cloud was stopped while this ran; start it again"
UNFINISHED = frozenset({"InProgress", "Stopping"})
FAILURE_LIMIT = 1024
_log = logging.getLogger(__name__)

Document = dict[str, Any]


class JobError(Exception):
    """A job can't go on; the message is its FailureReason."""


@dataclass(frozen=True)
class JobKind:
    """One kind of job.

    Args:
        name: the kind of its documents, such as `TrainingJob`.
        event: the detail type of its events.
    """

    name: str
    event: str

    @property
    def name_field(self) -> str:
        """The field that holds a job's name."""
        return f"{self.name}Name"

    @property
    def status_field(self) -> str:
        """The field that holds a job's status."""
        return f"{self.name}Status"


Work = Callable[["Run"], None]


@dataclass(frozen=True)
class Run:
    """One run of one job.

    Args:
        host: the local cloud.
        kind: of the job.
        region: where it is.
        job: its document as it was at the start.
        stopping: set when it is to end early.
    """

    host: Host
    kind: JobKind
    region: str
    job: Document
    stopping: threading.Event

    @property
    def name(self) -> str:
        """The job's name."""
        return str(self.job[self.kind.name_field])

    @property
    def arn(self) -> str:
        """The job's ARN."""
        return str(self.job[f"{self.kind.name}Arn"])

    @property
    def timeout_seconds(self) -> float:
        """The job's MaxRuntimeInSeconds."""
        return float(self.job.get("StoppingCondition", {}).get("MaxRuntimeInSeconds", DAY_SECONDS))

    @property
    def folder(self) -> Path:
        """Where the job's files are while it runs."""
        return self.host.folder / "jobs" / self.region / self.kind.name / self.name

    def container(self) -> Container:
        """Return an empty folder of the job's own; a deleted job of the same name leaves nothing in it."""
        shutil.rmtree(self.folder, ignore_errors=True)
        return Container(self.folder)

    def current(self) -> Document:
        """Return the document as it is now."""
        return self.host.collection(self.region, self.kind.name).get(self.name) or self.job

    def update(self, **changes: Any) -> None:
        """Change fields of the document."""
        self.host.collection(self.region, self.kind.name).update(self.name, LastModifiedTime=now(), **changes)

    def finish(self, status: str, reason: str = "", **changes: Any) -> None:
        """Set the last status and tell the event bus.

        Args:
            status: `Completed`, `Failed` or `Stopped`.
            reason: why, if it failed.
            changes: other fields.
        """
        if reason:
            changes["FailureReason"] = reason[:FAILURE_LIMIT]
        self.update(**{self.kind.status_field: status}, **changes)
        self.announce()

    def announce(self) -> None:
        """Put the document as it is now on the event bus."""
        document = self.host.collection(self.region, self.kind.name).get(self.name)
        if document:
            self.host.events.send(self.region, self.kind.event, [self.arn], document)


class Jobs:
    """The jobs of one kind that run now.

    Args:
        host: the local cloud.
        kind: of the jobs.
        work: does one job, sets its fields, and returns when it is over; it raises `JobError` to fail.
        failed: the fields that a failure sets besides status and reason, given the job's document.
        resumes: whether a job that a dead cloud left unfinished goes on by itself.
    """

    def __init__(
        self,
        host: Host,
        kind: JobKind,
        work: Work,
        failed: Callable[[Document], dict[str, Any]],
        resumes: Callable[[Document], bool] = lambda _job: False,
    ) -> None:
        self._host = host
        self._kind = kind
        self._work = work
        self._failed = failed
        self._resumes = resumes
        self._workers = Workers()

    def start(self, region: str, name: str) -> None:
        """Run a job whose document is in the store."""
        self._workers.start((region, name), name, lambda stopping: self._run(region, name, stopping))

    def stop(self, region: str, name: str) -> None:
        """Ask a running job to end."""
        field = self._kind.status_field
        # It may have ended since the caller looked: an end is never taken back.
        self._host.collection(region, self._kind.name).change(
            name, lambda job: {**job, field: "Stopping"} if job[field] == "InProgress" else job
        )
        self._workers.stop((region, name))

    def close(self) -> None:
        """End all jobs because the cloud stops; they fail and say so."""
        self._workers.close()

    def recover(self) -> None:
        """Fail the jobs that a dead cloud left unfinished, or go on with them."""
        for region in self._host.store.regions():
            collection = self._host.collection(region, self._kind.name)
            for job in collection.all():
                if job[self._kind.status_field] == "InProgress" and self._resumes(job):
                    self.start(region, job[self._kind.name_field])
                elif job[self._kind.status_field] in UNFINISHED:
                    run = Run(self._host, self._kind, region, job, threading.Event())
                    run.update(
                        **self._failed(run.current()),
                        FailureReason=CLOUD_STOPPED,
                        **{self._kind.status_field: "Failed"},
                    )

    def _run(self, region: str, name: str, stopping: threading.Event) -> None:
        document = self._host.collection(region, self._kind.name).get(name)
        if document is not None:
            run = Run(self._host, self._kind, region, document, stopping)
            try:
                self._work(run)
            except JobError as error:
                self._fail(run, str(error))
            except (ObjectError, ClientError, BotoCoreError) as error:
                self._fail(run, str(error) if isinstance(error, ObjectError) else f"ClientError: {error}")
            except Exception as error:  # noqa: BLE001  # a job must not stay InProgress, whatever happened
                _log.exception("%s %s", self._kind.name, name)
                self._fail(run, f"InternalServerError: {type(error).__name__}: {error}")
            if self._workers.closing:
                self._say_why(run)
            self._write_lineage(run)
            shutil.rmtree(run.folder, ignore_errors=True)

    def _fail(self, run: Run, reason: str) -> None:
        run.finish("Failed", reason, **self._failed(run.current()))

    def _write_lineage(self, run: Run) -> None:
        job = run.current()
        if job.get(self._kind.status_field) == "Completed":
            lineage.of_job(self._host, run.region, self._kind.name, job)

    def _say_why(self, run: Run) -> None:
        document = self._host.collection(run.region, self._kind.name).get(run.name) or {}
        if document.get(self._kind.status_field) == "Stopped":
            run.update(
                **self._failed(run.current()), FailureReason=CLOUD_STOPPED, **{self._kind.status_field: "Failed"}
            )

"""One local cloud inside its server process: its state, its runtime and the services over them."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from wsgiref.types import WSGIEnvironment

from modelyard.localcloud import replaying, services
from modelyard.localcloud.guard import Answer, Guard, Streamed
from modelyard.localcloud.runtime import builds
from modelyard.localcloud.runtime.alarms import Alarms
from modelyard.localcloud.runtime.asynchronous import AsyncInvocations
from modelyard.localcloud.runtime.automl.job import auto_ml_jobs
from modelyard.localcloud.runtime.autoscaling import AutoScaling
from modelyard.localcloud.runtime.clients import Clients
from modelyard.localcloud.runtime.clock import Clock
from modelyard.localcloud.runtime.deliveries import Deliveries
from modelyard.localcloud.runtime.endpoints import Endpoints
from modelyard.localcloud.runtime.events import Events
from modelyard.localcloud.runtime.feature_store import FeatureStore
from modelyard.localcloud.runtime.host import Host
from modelyard.localcloud.runtime.invocations import Invocations
from modelyard.localcloud.runtime.offline_store import OfflineStore
from modelyard.localcloud.runtime.pipelines import record
from modelyard.localcloud.runtime.pipelines.executions import Executions
from modelyard.localcloud.runtime.processing import processing_jobs
from modelyard.localcloud.runtime.records import Records
from modelyard.localcloud.runtime.streams import Streams
from modelyard.localcloud.runtime.timekeeper import Timekeeper, Work
from modelyard.localcloud.runtime.tracking import TrackingServers
from modelyard.localcloud.runtime.training import training_jobs
from modelyard.localcloud.runtime.transform.job import transform_jobs
from modelyard.localcloud.runtime.tuning.job import tuning_jobs
from modelyard.localcloud.runtime.vitals import Vitals
from modelyard.localcloud.state import requests, snapshot
from modelyard.localcloud.state.gate import Gate
from modelyard.localcloud.state.journal import Journal
from modelyard.localcloud.state.saver import Saver
from modelyard.localcloud.state.store import Store

_SAVE_PATIENCE_SECONDS = 10.0
_WORKING = ("InProgress", "Stopping")
_INVOKED = re.compile(
    r"^/endpoints/(?P<name>[^/]+)/(?P<kind>invocations|async-invocations|invocations-response-stream)$"
)


class LocalCloud:
    """Everything that one server process owns.

    Args:
        folder: where state and the work of jobs and endpoints are kept.
        endpoint_url: where it is served.
    """

    def __init__(self, folder: Path, endpoint_url: str) -> None:
        self.folder = folder
        self.gate = Gate()
        self.journal = Journal(folder)
        self.store = Store(self.gate.changed, self.journal)
        requests.install()
        clients = Clients(endpoint_url)
        self.host = Host(folder, self.store, clients, Events(clients), Deliveries(clients), Clock())
        self.alarms = Alarms(self.host)
        self.training = training_jobs(self.host)
        self.processing = processing_jobs(self.host)
        self.transform = transform_jobs(self.host)
        self.tuning = tuning_jobs(self.host)
        self.auto_ml = auto_ml_jobs(self.host)
        self.builds = builds.Builds(self.host)
        # Those that start jobs of another kind come first: they end before what they started.
        self._jobs = (self.builds, self.auto_ml, self.tuning, self.training, self.processing, self.transform)
        self.executions = Executions(self.host)
        self.endpoints = Endpoints(self.host, self.alarms.state)
        self.invocations = Invocations(self.host, self.endpoints)
        self.asynchronous = AsyncInvocations(self.host, self.endpoints, self.invocations)
        self._invoke: dict[str, Callable[..., Answer | Streamed]] = {
            "invocations": self.invocations.invoke,
            "async-invocations": self.asynchronous.invoke,
            "invocations-response-stream": Streams(self.invocations).invoke,
        }
        self.tracking = TrackingServers(self.host)
        self.records = Records(folder / "feature-store.sqlite")
        self.offline = OfflineStore(self.host, self.records)
        self._features = FeatureStore(self.host, self.records, self.offline)
        self._scaling = AutoScaling(self.host, self.alarms, self.endpoints)
        self._vitals = Vitals(self.host, self.endpoints, self.asynchronous)
        work = Work(self._every_minute, self._flush, self.is_busy, self._watches_minutes)
        self.timekeeper = Timekeeper(self.host, self.alarms, work)
        self._saver = Saver(folder, self.gate, self.store, self.journal)
        self.damage = ""
        services.install(self)

    def restore(self, guard: Guard) -> None:
        """Take up the state of the last run; what was running then has failed, or goes on.

        Args:
            guard: answers again what was asked since the last snapshot.
        """
        contents, self.damage, first_log = snapshot.load(self.folder)
        if contents:
            self.store.restore(contents)
        replaying.follow(self.journal, first_log, self.store, guard)
        shutil.rmtree(self.folder / "jobs", ignore_errors=True)  # what a killed cloud left of its jobs' files
        for jobs in self._jobs:
            jobs.recover()
        self.executions.recover()
        self.timekeeper.restore()
        self._saver.start()

    def resume(self) -> None:
        """Serve endpoints and tracking servers again; the cloud must answer by now, for their objects come from it."""
        self.endpoints.recover()
        self.tracking.recover()
        self.asynchronous.recover()
        self.offline.start()
        self.timekeeper.start()

    def stop_work(self) -> None:
        """End all that runs, while the cloud still answers."""
        self.timekeeper.close()
        self.executions.close()
        for jobs in self._jobs:
            jobs.close()
        self.asynchronous.close()
        self.invocations.close()
        self.offline.close()
        self.endpoints.close()
        self.tracking.close()

    def close(self) -> None:
        """Save the state."""
        self._saver.stop()
        self.journal.close()

    def save(self) -> bool:
        """Save the state now; false if the cloud is too busy for it."""
        return self._saver.save(timeout=_SAVE_PATIENCE_SECONDS)

    def runtime(self, region: str, path: str, environ: WSGIEnvironment) -> Answer | Streamed | None:
        """Answer a request to a runtime API, which never waits at the gate; None if it is none."""
        match = _INVOKED.match(path)
        if not match:
            return self._features.answer(region, path, environ)
        invoke = self._invoke[match["kind"]]
        return invoke(region, match["name"], environ)

    def is_busy(self) -> bool:
        """Tell whether anything is under way that would go on by itself."""
        documents = (
            (record.KIND, "PipelineExecutionStatus", ("Executing", "Stopping")),
            ("TrainingJob", "TrainingJobStatus", _WORKING),
            ("ProcessingJob", "ProcessingJobStatus", _WORKING),
            ("TransformJob", "TransformJobStatus", _WORKING),
            ("HyperParameterTuningJob", "HyperParameterTuningJobStatus", _WORKING),
            ("AutoMLJob", "AutoMLJobStatus", _WORKING),
            (builds.KIND, "buildStatus", (builds.RUNNING,)),
        )
        return (
            self.host.deliveries.pending > 0
            or self.asynchronous.busy()
            or self.endpoints.busy()
            or any(self.store.holds(kind, field, values) for kind, field, values in documents)
        )

    def _flush(self) -> None:
        self.invocations.flush()
        self.offline.flush()

    def _every_minute(self) -> None:
        self.invocations.flush()
        self._vitals.report()
        self._scaling.evaluate()

    def _watches_minutes(self) -> bool:
        return bool(self.endpoints.serving()) or self._scaling.any()

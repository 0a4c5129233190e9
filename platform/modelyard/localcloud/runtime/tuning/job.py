"""Tuning jobs: training jobs side by side, each told what the search chose after those that ended."""

import contextlib
import secrets
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from modelyard.localcloud.runtime.host import Host
from modelyard.localcloud.runtime.jobs import UNFINISHED, JobError, JobKind, Jobs, Run
from modelyard.localcloud.runtime.logs import now
from modelyard.localcloud.runtime.tuning.definition import Document, Training, most_jobs, strategy, trainings
from modelyard.localcloud.runtime.tuning.search import Search

KIND = JobKind("HyperParameterTuningJob", "SageMaker HyperParameter Tuning Job State Change")
FAILURES_ALLOWED = 5
CONVERGED_AFTER = 10
_POLL_SECONDS = 0.1
_OUTCOMES = {"Completed": "Completed", "Stopped": "Stopped", "Failed": "NonRetryableError"}


def tuning_jobs(host: Host) -> Jobs:
    """Return the runner of tuning jobs."""
    return Jobs(host, KIND, lambda run: _Tuning(run).run(), lambda _job: {"HyperParameterTuningEndTime": now()})


@dataclass
class Trial:
    """One training job.

    Args:
        training: its definition's place.
        number: the search's number of it.
        name: the job's.
        hyperparameters: the tuned ones.
        pruned: whether it was ended because it isn't worth going on with.
    """

    training: int
    number: int
    name: str
    hyperparameters: dict[str, str]
    pruned: bool = False


class _Tuning:
    """One run of one tuning job."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._host = run.host
        self._trainings: list[Training] = trainings(run.job)
        try:
            self._searches = [Search(list(item.ranges), strategy(run.job, item)) for item in self._trainings]
        except ImportError as error:
            raise JobError("ClientError: tuning needs the package optuna: pip install optuna") from error
        config = run.job["HyperParameterTuningJobConfig"]
        self._limits = config["ResourceLimits"]
        self._criteria = config.get("TuningJobCompletionCriteria") or {}
        self._deadline = time.monotonic() + float(self._limits.get("MaxRuntimeInSeconds") or float("inf"))
        self._running: list[Trial] = []
        self._launched = self._failed = self._worse = 0
        self._best: float | None = None
        self._collection = run.host.collection(run.region, "TrainingJob")

    def run(self) -> None:
        """Run to the end."""
        self._run.announce()
        self._learn()
        while self._goes_on() or self._running:
            if self._goes_on():
                self._launch()
            else:
                self._stop_rest()
            self._look()
            self._run.stopping.wait(_POLL_SECONDS) if not self._run.stopping.is_set() else time.sleep(_POLL_SECONDS)
        self._conclude()

    def _goes_on(self) -> bool:
        left = self._launched < most_jobs(self._run.job) and not all(item.is_exhausted for item in self._searches)
        return not self._ends_early() and (left or bool(self._running))

    def _ends_early(self) -> bool:
        hopeless = self._best is None and self._failed >= FAILURES_ALLOWED
        return self._run.stopping.is_set() or time.monotonic() > self._deadline or hopeless or self._is_satisfied()

    def _is_satisfied(self) -> bool:
        """Tell whether TuningJobCompletionCriteria say that the job is done."""
        target = self._criteria.get("TargetObjectiveMetricValue")
        if target is not None and self._best is not None and not self._is_better(target, self._best):
            return True
        patience = (self._criteria.get("BestObjectiveNotImproving") or {}).get("MaxNumberOfTrainingJobsNotImproving")
        converges = (self._criteria.get("ConvergenceDetected") or {}).get("CompleteOnConvergence") == "Enabled"
        return bool(patience and self._worse >= patience) or (converges and self._worse >= CONVERGED_AFTER)

    def _launch(self) -> None:
        parallel = int(self._limits["MaxParallelTrainingJobs"])
        while len(self._running) < parallel and self._launched < most_jobs(self._run.job):
            open_ones = [place for place, search in enumerate(self._searches) if not search.is_exhausted]
            if not open_ones:
                return
            self._start(open_ones[self._launched % len(open_ones)])

    def _start(self, place: int) -> None:
        number, hyperparameters = self._searches[place].ask()
        self._launched += 1
        name = f"{self._run.name}-{self._launched:03d}-{secrets.token_hex(4)}"
        tags = [{"Key": k, "Value": v} for k, v in self._host.store.tags(self._run.arn).items()]
        request = self._trainings[place].request(name, hyperparameters, tags)
        client = self._host.client("sagemaker", self._run.region)
        try:
            client.create_training_job(**request)
        except ClientError as error:
            raise JobError(f"ClientError: {error}") from error
        self._collection.update(name, TuningJobArn=self._run.arn, TunedHyperParameters=hyperparameters)
        self._collection.update(name, TrainingJobDefinitionName=self._trainings[place].name)
        self._running.append(Trial(place, number, name, hyperparameters))
        self._count()

    def _look(self) -> None:
        for trial in list(self._running):
            job = self._collection.get(trial.name)
            if job is None or job["TrainingJobStatus"] not in UNFINISHED:
                self._running.remove(trial)
                self._end(trial, job or {})
            elif not trial.pruned:
                self._consider(trial, job)

    def _consider(self, trial: Trial, job: Document) -> None:
        values = self._host.metrics.values(job["TrainingJobArn"], self._trainings[trial.training].metric)
        if self._searches[trial.training].report(trial.number, values):
            trial.pruned = True
            self._stop(trial)

    def _end(self, trial: Trial, job: Document) -> None:
        training, search = self._trainings[trial.training], self._searches[trial.training]
        value = objective(job, training.metric)
        completed = job.get("TrainingJobStatus") in ("Completed", "Stopped") and value is not None
        search.tell(trial.number, value if completed else None, pruned=trial.pruned)
        self._failed += not completed
        if completed and value is not None:
            improved = self._best is None or self._is_better(value, self._best)
            self._worse = 0 if improved else self._worse + 1
            self._best = value if improved else self._best
        self._count()

    def _is_better(self, one: float, other: float) -> bool:
        return one > other if self._trainings[0].maximize else one < other

    def _learn(self) -> None:
        """Begin with what the parents of a warm start found."""
        for parent in (self._run.job.get("WarmStartConfig") or {}).get("ParentHyperParameterTuningJobs") or []:
            for job in trained(self._host, self._run.region, parent["HyperParameterTuningJobName"]):
                for training, search in zip(self._trainings, self._searches, strict=True):
                    value = objective(job, training.metric)
                    if value is not None:
                        search.learn(job.get("TunedHyperParameters") or {}, value)

    def _stop_rest(self) -> None:
        for trial in self._running:
            if not trial.pruned:
                trial.pruned = True
                self._stop(trial)

    def _stop(self, trial: Trial) -> None:
        # It may end a moment before.
        with contextlib.suppress(ClientError):
            self._host.client("sagemaker", self._run.region).stop_training_job(TrainingJobName=trial.name)

    def _count(self) -> None:
        self._run.update(**counters(trained(self._host, self._run.region, self._run.name), self._trainings))

    def _conclude(self) -> None:
        self._count()
        ended = now()
        started: datetime = self._run.job["CreationTime"]
        fields: dict[str, Any] = {
            "HyperParameterTuningEndTime": ended,
            "ConsumedResources": {"RuntimeInSeconds": int((ended - started).total_seconds())},
            "TuningJobCompletionDetails": {"NumberOfTrainingJobsObjectiveNotImproving": self._worse},
        }
        if self._run.stopping.is_set():
            self._run.finish("Stopped", **fields)
        elif self._best is None:
            raise JobError(
                f"No training job succeeded after {self._launched} attempts. Please take a look at the training job "
                "failures to get more details."
            )
        else:
            self._run.finish("Completed", **fields)


def trained(host: Host, region: str, tuning_job: str) -> list[Document]:
    """Return the training jobs of a tuning job, oldest first."""
    ending = f":hyper-parameter-tuning-job/{tuning_job}"
    jobs = host.collection(region, "TrainingJob").all()
    return [job for job in jobs if str(job.get("TuningJobArn", "")).endswith(ending)]


def objective(job: Document, metric: str) -> float | None:
    """Return a training job's last value of a metric, or None."""
    for item in job.get("FinalMetricDataList") or []:
        if item["MetricName"] == metric:
            return float(item["Value"])
    return None


def summary(job: Document, training: Training, tuning_job: str) -> Document:
    """Return what a tuning job shows of one of its training jobs."""
    value = objective(job, training.metric)
    running = job["TrainingJobStatus"] in UNFINISHED
    shown = ("TrainingJobName", "TrainingJobArn", "CreationTime", "TrainingStartTime", "TrainingEndTime")
    found: Document = {key: job[key] for key in (*shown, "TrainingJobStatus", "FailureReason") if job.get(key)}
    found["TuningJobName"] = tuning_job
    found["TunedHyperParameters"] = job.get("TunedHyperParameters") or {}
    found["ObjectiveStatus"] = "Pending" if running else "Failed" if value is None else "Succeeded"
    if training.name:
        found["TrainingJobDefinitionName"] = training.name
    if value is not None and not running:
        metric = {"Type": training.objective, "MetricName": training.metric, "Value": value}
        found["FinalHyperParameterTuningJobObjectiveMetric"] = metric
    return found


def summaries(host: Host, region: str, tuning_job: Document) -> list[Document]:
    """Return what a tuning job shows of all of its training jobs, oldest first."""
    by_name = {item.name: item for item in trainings(tuning_job)}
    name = tuning_job["HyperParameterTuningJobName"]
    return [
        summary(job, by_name.get(job.get("TrainingJobDefinitionName") or "", next(iter(by_name.values()))), name)
        for job in trained(host, region, name)
    ]


def counters(jobs: list[Document], definitions: list[Training]) -> Document:
    """Return the two counters of a tuning job."""
    training = dict.fromkeys(("Completed", "InProgress", "RetryableError", "NonRetryableError", "Stopped"), 0)
    objectives = dict.fromkeys(("Succeeded", "Pending", "Failed"), 0)
    by_name = {item.name: item for item in definitions}
    for job in jobs:
        training[_OUTCOMES.get(job["TrainingJobStatus"], "InProgress")] += 1
        definition = by_name.get(job.get("TrainingJobDefinitionName") or "", definitions[0])
        objectives[summary(job, definition, "")["ObjectiveStatus"]] += 1
    return {"TrainingJobStatusCounters": training, "ObjectiveStatusCounters": objectives}


def best(found: list[Document]) -> Document | None:
    """Return the summary of the best training job."""
    scored = [item for item in found if "FinalHyperParameterTuningJobObjectiveMetric" in item]
    if not scored:
        return None
    sign = 1 if scored[0]["FinalHyperParameterTuningJobObjectiveMetric"]["Type"] == "Maximize" else -1
    return max(scored, key=lambda item: sign * item["FinalHyperParameterTuningJobObjectiveMetric"]["Value"])

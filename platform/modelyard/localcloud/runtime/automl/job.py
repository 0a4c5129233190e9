"""AutoML jobs: a processing job that prepares the data, then a training job for each candidate."""

import contextlib
import io
import json
import secrets
import tarfile
import time
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from modelyard.localcloud.runtime import objects
from modelyard.localcloud.runtime.automl import plan as plans
from modelyard.localcloud.runtime.automl.requests import Requests
from modelyard.localcloud.runtime.host import Host
from modelyard.localcloud.runtime.jobs import UNFINISHED, JobError, JobKind, Jobs, Run
from modelyard.localcloud.runtime.logs import now

KIND = JobKind("AutoMLJob", "SageMaker AutoML Job State Change")
CANDIDATE_KIND = "AutoMLCandidate"
PARALLEL = 2
_POLL_SECONDS = 0.1
_SOURCE = Path(__file__).parent / "candidates"
_STEPS = {"TrainingJob": "AWS::SageMaker::TrainingJob", "ProcessingJob": "AWS::SageMaker::ProcessingJob"}

Document = dict[str, Any]


def auto_ml_jobs(host: Host) -> Jobs:
    """Return the runner of AutoML jobs."""
    return Jobs(host, KIND, lambda run: _Search(run).run(), _failed)


def _failed(_job: Document) -> Document:
    return {"AutoMLJobSecondaryStatus": "Failed", "EndTime": now()}


class _Search:
    """One run of one AutoML job."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._client = run.host.client("sagemaker", run.region)
        self._config: Document = run.job["AutoMLProblemTypeConfig"]["TabularJobConfig"]
        self._limits: Document = self._config.get("CompletionCriteria") or {}
        self._deadline = time.monotonic() + float(self._limits.get("MaxAutoMLJobRuntimeInSeconds") or float("inf"))
        self._requests = Requests(run)
        self._candidates = run.host.collection(run.region, CANDIDATE_KIND)
        self._running: list[tuple[plans.Candidate, Document]] = []
        self._metric = ""

    def run(self) -> None:
        """Run to the end."""
        self._run.announce()
        try:
            algorithms = plans.algorithms(self._config)
            kind = self._prepare()
            self._metric = self._objective(kind)
            plan = plans.Plan(algorithms, maximize=plans.is_maximized(self._metric))
        except plans.PlanError as error:
            raise JobError(f"ClientError: {error}") from error
        if not self._run.stopping.is_set():
            self._enter("ModelTuning")
            self._train(plan, kind)
        self._conclude()

    def _prepare(self) -> str:
        """Split the data and return the kind of problem."""
        self._enter("AnalyzingData")
        objects.write(self._s3, self._requests.source_uri, _source())
        request = self._requests.preparation()
        name = request["ProcessingJobName"]
        self._client.create_processing_job(**request)
        job = self._wait("ProcessingJob", name)
        if job.get("ProcessingJobStatus") != "Completed" and not self._run.stopping.is_set():
            raise JobError(f"ClientError: {job.get('ExitMessage') or job.get('FailureReason') or 'no data'}")
        if self._run.stopping.is_set():
            return ""
        summary = json.loads(objects.read(self._s3, self._requests.summary_uri))
        kind = str(summary["problem_type"])
        resolved: Document = {
            "AutoMLProblemTypeResolvedAttributes": {"TabularResolvedAttributes": {"ProblemType": kind}}
        }
        resolved["CompletionCriteria"] = {**self._limits, "MaxCandidates": self._most}
        resolved["AutoMLJobObjective"] = {"MetricName": self._objective(kind)}
        self._run.update(ResolvedAttributes=resolved)
        return kind

    def _objective(self, kind: str) -> str:
        asked = (self._run.job.get("AutoMLJobObjective") or {}).get("MetricName")
        if kind and asked and asked not in plans.METRICS[kind]:
            raise plans.PlanError(f"{asked} is no metric of {kind}; choose of {', '.join(plans.METRICS[kind])}.")
        return str(asked or plans.DEFAULT_METRICS.get(kind, ""))

    @property
    def _s3(self) -> Any:
        return self._run.host.client("s3", self._run.region)

    @property
    def _most(self) -> int:
        return int(self._limits.get("MaxCandidates") or plans.DEFAULT_MOST_CANDIDATES)

    def _train(self, plan: plans.Plan, kind: str) -> None:
        launched = 0
        while launched < self._most or self._running:
            ending = self._run.stopping.is_set() or time.monotonic() > self._deadline
            while launched < self._most and len(self._running) < PARALLEL and not ending:
                self._launch(plan.next(), launched, kind)
                launched += 1
            if ending:
                launched = self._most
                for _, document in self._running:
                    self._stop(document)
            for candidate, document in list(self._running):
                job = self._run.host.collection(self._run.region, "TrainingJob").get(document["CandidateName"]) or {}
                if job.get("TrainingJobStatus") not in UNFINISHED:
                    self._running.remove((candidate, document))
                    plan.tell(candidate, self._end(document, job))
            time.sleep(_POLL_SECONDS)

    def _launch(self, candidate: plans.Candidate, number: int, kind: str) -> None:
        name = f"{self._run.name}-{candidate.algorithm[:12]}-{number + 1:03d}-{secrets.token_hex(3)}"
        request = self._requests.training(name, candidate, kind)
        answer = self._client.create_training_job(**request)
        moment = now()
        document = {
            "CandidateName": name,
            "AutoMLJobName": self._run.name,
            "CandidateStatus": "InProgress",
            "ObjectiveStatus": "Pending",
            "CandidateSteps": [
                _step("ProcessingJob", self._requests.preparation_arn),
                _step("TrainingJob", answer["TrainingJobArn"]),
            ],
            "CreationTime": moment,
            "LastModifiedTime": moment,
        }
        self._candidates.add(name, document)
        self._running.append((candidate, document))

    def _end(self, document: Document, job: Document) -> float | None:
        """Write down how a candidate did, and return its objective."""
        found = {
            item["MetricName"].partition(":")[2]: float(item["Value"]) for item in job.get("FinalMetricDataList") or []
        }
        value = found.get(self._metric)
        good = job.get("TrainingJobStatus") == "Completed" and value is not None
        changes: Document = {
            "CandidateStatus": job.get("TrainingJobStatus", "Failed"),
            "ObjectiveStatus": "Succeeded" if good else "Failed",
            "EndTime": now(),
            "LastModifiedTime": now(),
        }
        if job.get("FailureReason"):
            changes["FailureReason"] = job["FailureReason"]
        if good:
            changes |= self._requests.result(document["CandidateName"], job, self._metric, found)
        self._candidates.update(document["CandidateName"], **changes)
        best = best_candidate(candidates(self._run.host, self._run.region, self._run.name))
        if best:
            self._run.update(BestCandidate=best)
        return value if good else None

    def _conclude(self) -> None:
        if self._run.stopping.is_set():
            self._run.finish("Stopped", AutoMLJobSecondaryStatus="Stopped", EndTime=now())
            return
        best = self._run.current().get("BestCandidate")
        if best is None:
            found = candidates(self._run.host, self._run.region, self._run.name)
            said = next(
                (item["FailureReason"] for item in found if item.get("FailureReason")), "none was tried in time"
            )
            raise JobError(f"AlgorithmError: no candidate could be trained: {said}")
        objects.write(self._s3, self._requests.insights_uri(best["CandidateName"]), _insights(best))
        late = time.monotonic() > self._deadline
        last = "MaxAutoMLJobRuntimeReached" if late else "Completed"
        self._run.finish("Completed", AutoMLJobSecondaryStatus=last, EndTime=now())

    def _enter(self, status: str) -> None:
        self._run.update(AutoMLJobSecondaryStatus=status)

    def _wait(self, kind: str, name: str) -> Document:
        collection, asked = self._run.host.collection(self._run.region, kind), False
        while True:
            job = collection.wait(name, lambda doc: doc[f"{kind}Status"] not in UNFINISHED, _POLL_SECONDS) or {}
            if job.get(f"{kind}Status") not in UNFINISHED:
                return job
            if self._run.stopping.is_set() and not asked:
                asked = True
                with contextlib.suppress(ClientError):
                    self._client.stop_processing_job(ProcessingJobName=name)

    def _stop(self, document: Document) -> None:
        # It may end a moment before, or be asked twice.
        with contextlib.suppress(ClientError):
            self._client.stop_training_job(TrainingJobName=document["CandidateName"])


def candidates(host: Host, region: str, name: str) -> list[Document]:
    """Return the candidates of a job, oldest first."""
    return [item for item in host.collection(region, CANDIDATE_KIND).all() if item["AutoMLJobName"] == name]


def best_candidate(found: list[Document]) -> Document | None:
    """Return the candidate with the best objective."""
    scored = [item for item in found if "FinalAutoMLJobObjectiveMetric" in item]
    if not scored:
        return None
    sign = 1 if scored[0]["FinalAutoMLJobObjectiveMetric"]["Type"] == "Maximize" else -1
    return max(scored, key=lambda item: sign * item["FinalAutoMLJobObjectiveMetric"]["Value"])


def _step(kind: str, arn: str) -> Document:
    return {"CandidateStepType": _STEPS[kind], "CandidateStepArn": arn, "CandidateStepName": arn.rpartition("/")[2]}


def _insights(best: Document) -> bytes:
    values = {
        item["StandardMetricName"]: {"value": item["Value"]} for item in best["CandidateProperties"]["CandidateMetrics"]
    }
    return json.dumps({"candidate": best["CandidateName"], "metrics": values}, indent=2).encode()


def _source() -> bytes:
    """Return the candidates' code as a `sourcedir.tar.gz`."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for path in sorted(_SOURCE.glob("*.py")):
            tar.add(path, arcname=f"candidates/{path.name}")
        for name in ("train", "prepare"):
            text = f"import sys\nfrom candidates.{name} import main\nsys.exit(main())\n".encode()
            member = tarfile.TarInfo(f"{name}.py")
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text))
    return buffer.getvalue()

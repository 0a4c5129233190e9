"""Hyperparameter tuning jobs: created here, run by the runtime."""

from modelyard.localcloud.runtime.tuning import job as tuning
from modelyard.localcloud.runtime.tuning.definition import trainings
from modelyard.localcloud.runtime.tuning.space import RangeError
from modelyard.localcloud.services.sagemaker import listing
from modelyard.localcloud.services.sagemaker.base import (
    ActionResult,
    Document,
    EmptyResult,
    Operations,
    invalid,
)
from modelyard.localcloud.services.sagemaker.job_documents import JobDocuments

JOBS = JobDocuments(
    "HyperParameterTuningJob",
    "hyper-parameter-tuning-job",
    (
        "HyperParameterTuningEndTime",
        "Strategy",
        "TrainingJobStatusCounters",
        "ObjectiveStatusCounters",
        "ResourceLimits",
    ),
)


class TuningJobs(Operations):
    """Operations on tuning jobs."""

    def create_hyper_parameter_tuning_job(self) -> ActionResult:
        """Start a job."""
        request = self.request
        try:
            definitions = trainings(request)
        except RangeError as error:
            raise invalid(str(error)) from error
        for parent in (request.get("WarmStartConfig") or {}).get("ParentHyperParameterTuningJobs") or []:
            name = parent["HyperParameterTuningJobName"]
            self.found(JOBS.kind, name, invalid(f"The parent hyperparameter tuning job {name} does not exist."))
        config = request["HyperParameterTuningJobConfig"]
        shown = {"Strategy": config["Strategy"], "ResourceLimits": config["ResourceLimits"]}
        job = JOBS.create(self, request, **shown, **tuning.counters([], definitions))
        self.cloud.tuning.start(self.here, job[JOBS.name])
        return ActionResult({JOBS.arn: job[JOBS.arn]})

    def describe_hyper_parameter_tuning_job(self) -> ActionResult:
        """Return a job, with the best of its training jobs until now."""
        job = JOBS.find(self)
        for definition in self._definitions(job):
            definition.setdefault("StaticHyperParameters", {})
            definition["StaticHyperParameters"]["_tuning_objective_metric"] = self._metric(job, definition)
        best = tuning.best(self._summaries(job))
        if best:
            job["BestTrainingJob"] = best
            if job.get("WarmStartConfig"):
                job["OverallBestTrainingJob"] = best
        return ActionResult(job)

    def list_hyper_parameter_tuning_jobs(self) -> ActionResult:
        """Return jobs, newest first unless asked otherwise."""
        return ActionResult(JOBS.page(self, "HyperParameterTuningJobSummaries"))

    def list_training_jobs_for_hyper_parameter_tuning_job(self) -> ActionResult:
        """Return the training jobs of a job; by the objective, those that have none come last."""
        request = self.request
        found = self._summaries(JOBS.find(self))
        if request.get("SortBy") == "FinalObjectiveMetricValue":
            found = _by_objective(found, descending=request.get("SortOrder") == "Descending")
            wanted = request.get("StatusEquals")
            chosen = [item for item in found if not wanted or item["TrainingJobStatus"] == wanted]
        else:
            order = {"SortBy": "Name", "SortOrder": "Ascending", **request}
            chosen = listing.select(found, order, "TrainingJobName", "TrainingJobStatus")
        return ActionResult(listing.page(chosen, request, "TrainingJobSummaries", lambda item: item))

    def stop_hyper_parameter_tuning_job(self) -> EmptyResult:
        """Ask a job and its training jobs to end."""
        self.cloud.tuning.stop(self.here, JOBS.stoppable(self)[JOBS.name])
        return EmptyResult()

    def delete_hyper_parameter_tuning_job(self) -> EmptyResult:
        """Delete a job that is over; its training jobs stay."""
        JOBS.delete(self)
        return EmptyResult()

    def _summaries(self, job: Document) -> list[Document]:
        return tuning.summaries(self.cloud.host, self.here, job)

    @staticmethod
    def _definitions(job: Document) -> list[Document]:
        one = job.get("TrainingJobDefinition")
        return [one] if one else list(job.get("TrainingJobDefinitions") or [])

    @staticmethod
    def _metric(job: Document, definition: Document) -> str:
        config = job["HyperParameterTuningJobConfig"]
        objective = definition.get("TuningObjective") or config["HyperParameterTuningJobObjective"]
        return str(objective["MetricName"])


def _by_objective(found: list[Document], *, descending: bool) -> list[Document]:
    field = "FinalHyperParameterTuningJobObjectiveMetric"
    scored = [item for item in found if field in item]
    scored.sort(key=lambda item: float(item[field]["Value"]), reverse=descending)
    return [*scored, *(item for item in found if field not in item)]

"""AutoML jobs (the operations of version 2): created here, run by the runtime."""

from modelyard.localcloud.runtime.automl import job as automl
from modelyard.localcloud.runtime.automl.plan import METRICS
from modelyard.localcloud.services.sagemaker import listing
from modelyard.localcloud.services.sagemaker.base import ActionResult, Document, EmptyResult, Operations, invalid
from modelyard.localcloud.services.sagemaker.job_documents import JobDocuments

JOBS = JobDocuments(
    "AutoMLJob",
    "automl-job",
    ("AutoMLJobSecondaryStatus", "EndTime", "FailureReason", "PartialFailureReasons"),
    missing="Requested resource not found.",
)
_KIND = "TabularJobConfig"


class AutoMLJobs(Operations):
    """Operations on AutoML jobs."""

    def create_auto_ml_job_v2(self) -> ActionResult:
        """Start a job."""
        request = self.request
        problem = _problem(request)
        if problem:
            raise invalid(problem)
        job = JOBS.create(self, request, AutoMLJobSecondaryStatus="Starting", AutoMLProblemTypeConfigName="Tabular")
        self.cloud.auto_ml.start(self.here, job[JOBS.name])
        return ActionResult({JOBS.arn: job[JOBS.arn]})

    def describe_auto_ml_job_v2(self) -> ActionResult:
        """Return a job, with the best candidate until now."""
        return ActionResult(JOBS.find(self))

    def list_auto_ml_jobs(self) -> ActionResult:
        """Return jobs, newest first unless asked otherwise."""
        return ActionResult(JOBS.page(self, "AutoMLJobSummaries"))

    def list_candidates_for_auto_ml_job(self) -> ActionResult:
        """Return a job's candidates, newest first unless asked otherwise."""
        request = self.request
        job = JOBS.find(self)
        found = automl.candidates(self.cloud.host, self.here, job[JOBS.name])
        wanted = request.get("CandidateNameEquals")
        found = [item for item in found if wanted in (None, item["CandidateName"])]
        if request.get("SortBy") == "FinalObjectiveMetricValue":
            chosen = _by_objective(found, descending=request.get("SortOrder") != "Ascending")
            status = request.get("StatusEquals")
            chosen = [item for item in chosen if status in (None, item["CandidateStatus"])]
        else:
            chosen = listing.select(found, request, "CandidateName", "CandidateStatus")
        return ActionResult(listing.page(chosen, request, "Candidates", lambda item: item))

    def stop_auto_ml_job(self) -> EmptyResult:
        """Ask a job and its candidates to end."""
        self.cloud.auto_ml.stop(self.here, JOBS.stoppable(self)[JOBS.name])
        return EmptyResult()


def _problem(request: Document) -> str:
    kinds = [name for name, value in request["AutoMLProblemTypeConfig"].items() if value is not None]
    if kinds != [_KIND]:
        return f"The local cloud's AutoML takes {_KIND}, not {', '.join(kinds) or 'nothing'}."
    config = request["AutoMLProblemTypeConfig"][_KIND]
    metric = (request.get("AutoMLJobObjective") or {}).get("MetricName")
    kind = config.get("ProblemType")
    if bool(kind) != bool(metric):
        return "ProblemType and AutoMLJobObjective must be given together, or neither of them."
    if kind and metric not in METRICS[kind]:
        return f"{metric} is no metric of {kind}; the local cloud knows {', '.join(METRICS[kind])}."
    if config.get("GenerateCandidateDefinitionsOnly") or request.get("ModelDeployConfig"):
        return "The local cloud's AutoML has neither GenerateCandidateDefinitionsOnly nor ModelDeployConfig."
    channels = [item.get("ChannelType") or "training" for item in request["AutoMLJobInputDataConfig"]]
    if "training" not in channels or len(set(channels)) != len(channels):
        return "AutoMLJobInputDataConfig needs one training channel, and may have one validation channel."
    sources = [item["DataSource"]["S3DataSource"]["S3DataType"] for item in request["AutoMLJobInputDataConfig"]]
    if any(source != "S3Prefix" for source in sources):
        return "The local cloud's AutoML reads S3Prefix."
    return ""


def _by_objective(found: list[Document], *, descending: bool) -> list[Document]:
    field = "FinalAutoMLJobObjectiveMetric"
    scored = [item for item in found if field in item]
    scored.sort(key=lambda item: float(item[field]["Value"]), reverse=descending)
    return [*scored, *(item for item in found if field not in item)]

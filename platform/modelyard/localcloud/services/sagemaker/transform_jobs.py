"""Batch transform jobs: created here, run by the runtime."""

from modelyard.localcloud.runtime.transform import job as transform
from modelyard.localcloud.services.sagemaker.base import ActionResult, EmptyResult, Operations, invalid
from modelyard.localcloud.services.sagemaker.job_documents import JobDocuments

JOBS = JobDocuments(
    "TransformJob",
    "transform-job",
    ("TransformEndTime", "FailureReason"),
    missing="Could not find requested job with name: {name}",
)


class TransformJobs(Operations):
    """Operations on transform jobs."""

    def create_transform_job(self) -> ActionResult:
        """Start a job."""
        request = self.request
        said = transform.problem(request)
        if said:
            raise invalid(said)
        model = request["ModelName"]
        self.found("Model", model, invalid(f'Could not find model "{self.arn("model", model)}".'))
        job = JOBS.create(self, request)
        self.cloud.transform.start(self.here, job["TransformJobName"])
        return ActionResult({"TransformJobArn": job["TransformJobArn"]})

    def describe_transform_job(self) -> ActionResult:
        """Return a job."""
        return ActionResult(JOBS.find(self))

    def list_transform_jobs(self) -> ActionResult:
        """Return jobs, newest first unless asked otherwise."""
        return ActionResult(JOBS.page(self, "TransformJobSummaries"))

    def stop_transform_job(self) -> EmptyResult:
        """Ask a job to end."""
        self.cloud.transform.stop(self.here, JOBS.stoppable(self)["TransformJobName"])
        return EmptyResult()

"""Processing jobs: created here, run by the runtime."""

from modelyard.localcloud.services.sagemaker import listing
from modelyard.localcloud.services.sagemaker.base import (
    ActionResult,
    Document,
    EmptyResult,
    Operations,
    ResourceInUseException,
    invalid,
)

KIND = "ProcessingJob"
_SUMMARY = (
    "ProcessingJobName",
    "ProcessingJobArn",
    "CreationTime",
    "ProcessingEndTime",
    "LastModifiedTime",
    "ProcessingJobStatus",
    "FailureReason",
    "ExitMessage",
)


class ProcessingJobs(Operations):
    """Operations on processing jobs."""

    def create_processing_job(self) -> ActionResult:
        """Start a job."""
        request = self.request
        name = request["ProcessingJobName"]
        arn = self.arn("processing-job", name)
        document = {**request, **self.stamp(), "ProcessingJobArn": arn, "ProcessingJobStatus": "InProgress"}
        document.pop("Tags", None)
        if not self.collection(KIND).add(name, document):
            raise ResourceInUseException(
                "Job name must be unique within an AWS account and region, and a job with this name already exists "
                f"({arn})"
            )
        self.tag(arn, request)
        self.cloud.processing.start(self.here, name)
        return ActionResult({"ProcessingJobArn": arn})

    def describe_processing_job(self) -> ActionResult:
        """Return a job."""
        return ActionResult(self._processing_job())

    def list_processing_jobs(self) -> ActionResult:
        """Return jobs, newest first unless asked otherwise."""
        request = self.request
        chosen = listing.select(self.collection(KIND).all(), request, "ProcessingJobName", "ProcessingJobStatus")
        return ActionResult(
            listing.page(chosen, request, "ProcessingJobSummaries", lambda job: {k: job.get(k) for k in _SUMMARY})
        )

    def stop_processing_job(self) -> EmptyResult:
        """Ask a job to end."""
        job = self._processing_job()
        if job["ProcessingJobStatus"] not in ("InProgress", "Stopping"):
            raise invalid(f"The request was rejected because the job is in status {job['ProcessingJobStatus']}.")
        self.cloud.processing.stop(self.here, job["ProcessingJobName"])
        return EmptyResult()

    def delete_processing_job(self) -> EmptyResult:
        """Delete a job that is over."""
        job = self._processing_job()
        if job["ProcessingJobStatus"] in ("InProgress", "Stopping"):
            raise ResourceInUseException(f"Processing job {job['ProcessingJobName']} is still running")
        self.forget(KIND, job["ProcessingJobName"], job["ProcessingJobArn"])
        return EmptyResult()

    def _processing_job(self) -> Document:
        name = self.request["ProcessingJobName"]
        return self.found(KIND, name, invalid(f"Could not find requested job with name: {name}"))

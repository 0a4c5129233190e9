"""Training jobs: created here, run by the runtime."""

from modelyard.localcloud.runtime import training
from modelyard.localcloud.runtime.logs import now
from modelyard.localcloud.services.sagemaker import listing
from modelyard.localcloud.services.sagemaker.base import (
    ActionResult,
    Document,
    EmptyResult,
    Operations,
    ResourceInUseException,
    invalid,
)

KIND = "TrainingJob"
_SUMMARY = (
    "TrainingJobName",
    "TrainingJobArn",
    "CreationTime",
    "TrainingEndTime",
    "LastModifiedTime",
    "TrainingJobStatus",
    "SecondaryStatus",
)


class TrainingJobs(Operations):
    """Operations on training jobs."""

    def create_training_job(self) -> ActionResult:
        """Start a job."""
        request = self.request
        _check_spot(request)
        name = request["TrainingJobName"]
        arn, outputs = self.arn("training-job", name), request["OutputDataConfig"]["S3OutputPath"]
        document = {
            "EnableNetworkIsolation": False,
            "EnableInterContainerTrafficEncryption": False,
            "EnableManagedSpotTraining": False,
            **request,
            **self.stamp(),
            "TrainingJobArn": arn,
            # The model says that it is always there: until the upload it is where the model will be.
            "ModelArtifacts": {"S3ModelArtifacts": f"{outputs.rstrip('/')}/{name}/output/model.tar.gz"},
            "TrainingJobStatus": "InProgress",
            "SecondaryStatus": "Starting",
            "SecondaryStatusTransitions": training.secondary([], "Starting", now()),
        }
        document.pop("Tags", None)
        if not self.collection(KIND).add(name, document):
            raise ResourceInUseException(
                "Training job names must be unique within an AWS account and region, and a training job with this "
                f"name already exists ({arn})"
            )
        self.tag(arn, request)
        self.cloud.training.start(self.here, name)
        return ActionResult({"TrainingJobArn": arn})

    def describe_training_job(self) -> ActionResult:
        """Return a job."""
        return ActionResult(self._training_job())

    def list_training_jobs(self) -> ActionResult:
        """Return jobs, newest first unless asked otherwise."""
        request = self.request
        chosen = listing.select(self.collection(KIND).all(), request, "TrainingJobName", "TrainingJobStatus")
        return ActionResult(
            listing.page(chosen, request, "TrainingJobSummaries", lambda job: {k: job.get(k) for k in _SUMMARY})
        )

    def stop_training_job(self) -> EmptyResult:
        """Ask a job to end."""
        job = self._training_job()
        if job["TrainingJobStatus"] not in ("InProgress", "Stopping"):
            raise invalid(f"The request was rejected because the training job is in status {job['TrainingJobStatus']}.")
        self.cloud.training.stop(self.here, job["TrainingJobName"])
        return EmptyResult()

    def delete_training_job(self) -> EmptyResult:
        """Delete a job that is over."""
        job = self._training_job()
        if job["TrainingJobStatus"] in ("InProgress", "Stopping"):
            raise ResourceInUseException(f"Training job {job['TrainingJobName']} is still running")
        self.forget(KIND, job["TrainingJobName"], job["TrainingJobArn"])
        return EmptyResult()

    def _training_job(self) -> Document:
        return self.found(KIND, self.request["TrainingJobName"], invalid("Requested resource not found."))


def _check_spot(request: Document) -> None:
    """Refuse a spot job that says nothing of how long it may wait, as SageMaker does."""
    if not request.get("EnableManagedSpotTraining"):
        return
    condition = request.get("StoppingCondition") or {}
    longest = condition.get("MaxWaitTimeInSeconds")
    if not longest or longest < condition.get("MaxRuntimeInSeconds", 0):
        raise invalid(
            "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds when "
            "EnableManagedSpotTraining is true"
        )

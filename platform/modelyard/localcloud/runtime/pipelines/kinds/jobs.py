"""Steps that start a job and wait for its end."""

from dataclasses import dataclass
from typing import Any

from modelyard.localcloud.runtime.jobs import UNFINISHED
from modelyard.localcloud.runtime.pipelines.steps import (
    JOB_NAME_LIMIT,
    Call,
    Kind,
    Result,
    StepError,
    StepStopped,
    described,
)

_SHORT_NAME_LIMIT = 32
_TOP_JOBS = 50


@dataclass(frozen=True)
class Job:
    """How one kind of job is started and stopped.

    Args:
        kind: such as `TrainingJob`.
        label: what a step's metadata calls it.
        start: the client's method that starts it.
        stop: the client's method that stops it.
        name_limit: the characters that its name may have.
    """

    kind: str
    label: str
    start: str
    stop: str
    name_limit: int = JOB_NAME_LIMIT


PROCESSING = Job("ProcessingJob", "ProcessingJob", "create_processing_job", "stop_processing_job")
TRAINING = Job("TrainingJob", "TrainingJob", "create_training_job", "stop_training_job")
TRANSFORM = Job("TransformJob", "TransformJob", "create_transform_job", "stop_transform_job")
TUNING = Job(
    "HyperParameterTuningJob",
    "TuningJob",
    "create_hyper_parameter_tuning_job",
    "stop_hyper_parameter_tuning_job",
    _SHORT_NAME_LIMIT,
)
AUTO_ML = Job("AutoMLJob", "AutoMLJob", "create_auto_ml_job_v2", "stop_auto_ml_job", _SHORT_NAME_LIMIT)


def run_job(call: Call, job: Job, arguments: dict[str, Any]) -> Result:
    """Start a job and wait for its end.

    Raises:
        StepError: it failed.
        StepStopped: the execution is stopped.
    """
    client, kind = call.sagemaker, job.kind
    named = {f"{kind}Name": call.new_name(job.name_limit), **arguments}
    name = named[f"{kind}Name"]
    metadata = {job.label: {"Arn": getattr(client, job.start)(**named)[f"{kind}Arn"]}}
    call.started(metadata)
    document = _wait(call, job, name)
    status = document.get(f"{kind}Status", "Failed")
    if status == "Completed":
        return Result(metadata, document)
    if call.stopping.is_set():
        raise StepStopped
    reason = document.get("FailureReason") or f"ClientError: the job {name} is {status}"
    raise StepError(reason, metadata, fault=_fault(reason))


def _wait(call: Call, job: Job, name: str) -> dict[str, Any]:
    collection, asked = call.host.collection(call.region, job.kind), False
    status = f"{job.kind}Status"
    while True:
        document = collection.wait(name, lambda doc: doc[status] not in UNFINISHED, 0.2) or {}
        if document.get(status) not in UNFINISHED:
            return document
        if call.stopping.is_set() and not asked:
            asked = True
            _ask_to_stop(call.sagemaker, job, name)


def _ask_to_stop(client: Any, job: Job, name: str) -> None:
    try:
        getattr(client, job.stop)(**{f"{job.kind}Name": name})
    except client.exceptions.ClientError:
        # It ended a moment before.
        return


def _fault(reason: str) -> str:
    """Return by what name a RetryPolicy knows a job's failure."""
    for beginning, fault in (
        ("InternalServerError", "SageMaker.JOB_INTERNAL_ERROR"),
        ("CapacityError", "SageMaker.CAPACITY_ERROR"),
        ("ResourceLimitExceeded", "SageMaker.RESOURCE_LIMIT"),
    ):
        if reason.startswith(beginning):
            return fault
    return ""


def _plain(job: Job) -> Kind:
    return lambda call: run_job(call, job, call.with_tags())


def _tuning(call: Call) -> Result:
    result = run_job(call, TUNING, call.with_tags())
    name = result.properties["HyperParameterTuningJobName"]
    client = call.sagemaker
    properties = described(client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name))
    best = properties.get("BestTrainingJob", {}).get("FinalHyperParameterTuningJobObjectiveMetric", {})
    jobs = client.list_training_jobs_for_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=name,
        SortBy="FinalObjectiveMetricValue",
        SortOrder="Descending" if best.get("Type") == "Maximize" else "Ascending",
        MaxResults=_TOP_JOBS,
    )["TrainingJobSummaries"]
    return Result(result.metadata, {**properties, "TrainingJobSummaries": jobs})


def _auto_ml(call: Call) -> Result:
    result = run_job(call, AUTO_ML, _version_2(call.with_tags()))
    best = result.properties["BestCandidate"]["CandidateProperties"]["CandidateArtifactLocations"]
    reports = {
        "ModelInsightsJsonReportPath": f"{best['ModelInsights']}/statistics.json",
        "ExplainabilityJsonReportPath": f"{best['Explainability']}/statistics.json",
    }
    return Result(result.metadata, {**result.properties, "BestCandidateProperties": reports})


def _version_2(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return a CreateAutoMLJobV2 request; the SDK's own step still writes one of CreateAutoMLJob."""
    if "AutoMLProblemTypeConfig" in arguments:
        return arguments
    given = dict(arguments)
    config, inputs = given.pop("AutoMLJobConfig", None) or {}, given.pop("InputDataConfig")
    for name in ("GenerateCandidateDefinitionsOnly", "ProblemType"):
        if given.get(name) is None:
            given.pop(name, None)
    tabular: dict[str, Any] = {
        "TargetAttributeName": inputs[0]["TargetAttributeName"],
        **{key: given.pop(key) for key in ("GenerateCandidateDefinitionsOnly", "ProblemType") if key in given},
        **{key: config[key] for key in ("CompletionCriteria", "CandidateGenerationConfig", "Mode") if config.get(key)},
    }
    kept = ("ChannelType", "ContentType", "CompressionType", "DataSource")
    channels: list[dict[str, Any]] = [{key: item[key] for key in kept if item.get(key) is not None} for item in inputs]
    split: dict[str, Any] = {"DataSplitConfig": config["DataSplitConfig"]} if config.get("DataSplitConfig") else {}
    return {
        **given,
        **split,
        "AutoMLJobInputDataConfig": channels,
        "AutoMLProblemTypeConfig": {"TabularJobConfig": tabular},
    }


STEPS: dict[str, Kind] = {
    "Processing": _plain(PROCESSING),
    "Training": _plain(TRAINING),
    "Transform": _plain(TRANSFORM),
    "Tuning": _tuning,
    "AutoML": _auto_ml,
}

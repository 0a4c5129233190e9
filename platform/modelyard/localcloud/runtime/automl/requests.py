"""The requests by which an AutoML job makes its own jobs, and where their outputs are."""

import json
import secrets
from typing import Any

from modelyard.localcloud.runtime import objects
from modelyard.localcloud.runtime.automl import plan as plans
from modelyard.localcloud.runtime.host import sagemaker_arn
from modelyard.localcloud.runtime.jobs import JobError, Run

DEFAULT_FRACTION = 0.2
_INSTANCE = {"InstanceType": "ml.m5.4xlarge", "InstanceCount": 1, "VolumeSizeInGB": 30}
_INPUT = "/opt/ml/processing/input"
_OUTPUT = "/opt/ml/processing/output"
_UNPACK = "mkdir -p /opt/ml/processing/code && tar -xzf {source}/sourcedir.tar.gz -C /opt/ml/processing/code && "

Document = dict[str, Any]


class Requests:
    """The requests of one job.

    Args:
        run: the AutoML job.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._job = run.job
        self._config: Document = run.job["AutoMLProblemTypeConfig"]["TabularJobConfig"]
        self._base = f"{run.job['OutputDataConfig']['S3OutputPath'].rstrip('/')}/{run.name}"
        self._preparation = f"{run.name}-db-1-{secrets.token_hex(8)}"
        self._tags = [{"Key": key, "Value": value} for key, value in run.host.store.tags(run.arn).items()]

    @property
    def source_uri(self) -> str:
        """Where the candidates' code goes."""
        return f"{self._base}/sagemaker-automl-candidates/source/sourcedir.tar.gz"

    @property
    def summary_uri(self) -> str:
        """Where the preparation says what the problem is."""
        return f"{self._base}/preprocessed-data/summary/summary.json"

    @property
    def preparation_arn(self) -> str:
        """The processing job's ARN."""
        return sagemaker_arn(self._run.region, "processing-job", self._preparation)

    def insights_uri(self, candidate: str) -> str:
        """Where a candidate's metrics go."""
        return f"{self._insights(candidate)}/statistics.json"

    def preparation(self) -> Document:
        """Return the CreateProcessingJob request that splits the data."""
        channels = {item.get("ChannelType") or "training": item for item in self._job["AutoMLJobInputDataConfig"]}
        settings = {
            "target": self._config["TargetAttributeName"],
            "problem_type": self._config.get("ProblemType") or "",
            "fraction": (self._job.get("DataSplitConfig") or {}).get("ValidationFraction") or DEFAULT_FRACTION,
            "features": self._features(),
            "weight": self._config.get("SampleWeightAttributeName") or "",
        }
        words = ["--input", f"{_INPUT}/training", "--output", _OUTPUT, "--message", "/opt/ml/output/message"]
        words += ["--validation", f"{_INPUT}/validation"] if "validation" in channels else []
        command = (
            _UNPACK.format(source=f"{_INPUT}/source") + 'cd /opt/ml/processing/code && exec python3 prepare.py "$@"'
        )
        inputs = [_input("source", self.source_uri)]
        inputs += [_input(name, item["DataSource"]["S3DataSource"]["S3Uri"]) for name, item in channels.items()]
        outputs = [
            _output(name, f"{self._base}/preprocessed-data/{name}") for name in ("train", "validation", "summary")
        ]
        return {
            "ProcessingJobName": self._preparation,
            "RoleArn": self._job["RoleArn"],
            "AppSpecification": {
                "ImageUri": self._image,
                "ContainerEntrypoint": ["/bin/sh", "-c", command, "prepare"],
                "ContainerArguments": [*words, "--settings", json.dumps(settings)],
            },
            "ProcessingInputs": inputs,
            "ProcessingOutputConfig": {"Outputs": outputs},
            "ProcessingResources": {"ClusterConfig": _INSTANCE},
            **({"Tags": self._tags} if self._tags else {}),
        }

    def training(self, name: str, candidate: plans.Candidate, kind: str) -> Document:
        """Return the CreateTrainingJob request of one candidate."""
        limits = self._config.get("CompletionCriteria") or {}
        seconds = limits.get("MaxRuntimePerTrainingJobInSeconds")
        hyperparameters = {
            "sagemaker_program": "train.py",
            "sagemaker_submit_directory": self.source_uri,
            "algorithm": candidate.algorithm,
            "problem-type": kind,
            "target": json.dumps(self._config["TargetAttributeName"]),
            "parameters": json.dumps(candidate.parameters),
        }
        if self._config.get("SampleWeightAttributeName"):
            hyperparameters["weight"] = json.dumps(self._config["SampleWeightAttributeName"])
        return {
            "TrainingJobName": name,
            "RoleArn": self._job["RoleArn"],
            "HyperParameters": hyperparameters,
            "AlgorithmSpecification": {
                "TrainingImage": self._image,
                "TrainingInputMode": "File",
                "MetricDefinitions": [
                    {"Name": f"validation:{metric}", "Regex": f"validation:{metric}=([-+.0-9einfa]+);"}
                    for metric in plans.METRICS[kind]
                ],
            },
            "InputDataConfig": [
                _channel(part, f"{self._base}/preprocessed-data/{part}") for part in ("train", "validation")
            ],
            "OutputDataConfig": {"S3OutputPath": f"{self._base}/training"},
            "ResourceConfig": _INSTANCE,
            "StoppingCondition": {"MaxRuntimeInSeconds": int(seconds)} if seconds else {},
            **({"Tags": self._tags} if self._tags else {}),
        }

    def result(self, name: str, job: Document, metric: str, found: dict[str, float]) -> Document:
        """Return what a candidate that was trained shows."""
        environment = {
            "SAGEMAKER_PROGRAM": "inference.py",
            "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": "text/csv",
            "SAGEMAKER_INFERENCE_OUTPUT": "predicted_label",
            "SAGEMAKER_INFERENCE_SUPPORTED": "predicted_label,probability,probabilities,labels",
        }
        container = {
            "Image": self._image,
            "ModelDataUrl": job["ModelArtifacts"]["S3ModelArtifacts"],
            "Environment": environment,
        }
        objective = {
            "Type": "Maximize" if plans.is_maximized(metric) else "Minimize",
            "MetricName": metric,
            "StandardMetricName": metric,
            "Value": found[metric],
        }
        metrics = [
            {"MetricName": key, "StandardMetricName": key, "Value": value, "Set": "Validation"}
            for key, value in found.items()
        ]
        # The code explains nothing of a candidate, so that only its metrics have a place.
        places = {"Explainability": self._insights(name), "ModelInsights": self._insights(name)}
        return {
            "FinalAutoMLJobObjectiveMetric": objective,
            "InferenceContainers": [container],
            "InferenceContainerDefinitions": {"CPU": [container]},
            "CandidateProperties": {"CandidateArtifactLocations": places, "CandidateMetrics": metrics},
        }

    @property
    def _image(self) -> str:
        """The image of AWS's own candidates, which runs as scikit-learn's does."""
        region = self._run.region
        return f"683313688378.dkr.ecr.{region}.amazonaws.com/sagemaker-scikit-learn-automl:2.5-1-cpu-py3"

    def _insights(self, candidate: str) -> str:
        return f"{self._base}/documentation/model_monitor/{candidate}"

    def _features(self) -> list[str] | None:
        uri = self._config.get("FeatureSpecificationS3Uri")
        if not uri:
            return None
        try:
            return list(
                json.loads(objects.read(self._run.host.client("s3", self._run.region), uri))["FeatureAttributeNames"]
            )
        except (ValueError, KeyError, TypeError) as error:
            raise JobError(f"ClientError: {uri} is no feature specification: {error!r}") from error


def _input(name: str, uri: str) -> Document:
    place = {"S3Uri": uri, "LocalPath": f"{_INPUT}/{name}", "S3DataType": "S3Prefix", "S3InputMode": "File"}
    return {"InputName": name, "S3Input": place}


def _output(name: str, uri: str) -> Document:
    return {
        "OutputName": name,
        "S3Output": {"S3Uri": uri, "LocalPath": f"{_OUTPUT}/{name}", "S3UploadMode": "EndOfJob"},
    }


def _channel(name: str, uri: str) -> Document:
    source = {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "FullyReplicated"}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}, "ContentType": "text/csv"}

"""Tuning jobs, really run: each of their training jobs is one."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import ROLE, Cloud, archive, until

pytest.importorskip("optuna")
TRAIN = """
import argparse, os, pathlib
parser = argparse.ArgumentParser()
parser.add_argument("-x", type=float)
parser.add_argument("--kind", default="a")
parser.add_argument("--fixed")
options = parser.parse_args()
assert options.fixed == "yes"
pathlib.Path(os.environ["SM_MODEL_DIR"], "x.txt").write_text(str(options.x))
print(f"score={-(options.x - 2) ** 2 + (1 if options.kind == 'b' else 0)};")
"""
SLEEPS = 'import time\nprint("score=1;")\ntime.sleep(60)\n'


def training(cloud: Cloud, name: str, script: str) -> dict[str, Any]:
    source = cloud.put(f"{name}/sourcedir.tar.gz", archive({"train.py": script}))
    return {
        "AlgorithmSpecification": {
            "TrainingImage": "sklearn",
            "TrainingInputMode": "File",
            "MetricDefinitions": [{"Name": "score", "Regex": "score=([-0-9.e]+);"}],
        },
        "StaticHyperParameters": {
            "sagemaker_program": json.dumps("train.py"),
            "sagemaker_submit_directory": json.dumps(source),
            "fixed": "yes",
        },
        "RoleArn": ROLE,
        "OutputDataConfig": {"S3OutputPath": "s3://work/tuned"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
    }


def request(cloud: Cloud, name: str, script: str = TRAIN, **config: Any) -> dict[str, Any]:
    ranges = {"ContinuousParameterRanges": [{"Name": "x", "MinValue": "-5", "MaxValue": "5"}]}
    given = {
        "Strategy": "Bayesian",
        "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "score"},
        "ResourceLimits": {"MaxNumberOfTrainingJobs": 4, "MaxParallelTrainingJobs": 2},
        "ParameterRanges": ranges,
        "RandomSeed": 1,
    }
    return {
        "HyperParameterTuningJobName": name,
        "HyperParameterTuningJobConfig": given | config,
        "TrainingJobDefinition": training(cloud, name, script),
    }


def ended(cloud: Cloud, name: str) -> dict[str, Any]:
    return cloud.ended("hyper_parameter_tuning_job", "HyperParameterTuningJob", name)


def children(cloud: Cloud, name: str, **order: Any) -> list[dict[str, Any]]:
    answer = cloud.client("sagemaker").list_training_jobs_for_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=name, **order
    )
    jobs: list[dict[str, Any]] = answer["TrainingJobSummaries"]
    return jobs


def test_the_best_of_real_training_jobs_is_found(cloud: Cloud) -> None:
    sagemaker = cloud.client("sagemaker")
    tags = [{"Key": "team", "Value": "a"}]
    sagemaker.create_hyper_parameter_tuning_job(**request(cloud, "finds"), Tags=tags)
    job = ended(cloud, "finds")
    assert (job["HyperParameterTuningJobStatus"], job.get("FailureReason")) == ("Completed", None)
    assert job["TrainingJobStatusCounters"] == {
        "Completed": 4,
        "InProgress": 0,
        "RetryableError": 0,
        "NonRetryableError": 0,
        "Stopped": 0,
    }
    assert job["ObjectiveStatusCounters"] == {"Succeeded": 4, "Pending": 0, "Failed": 0}
    found = children(cloud, "finds", SortBy="FinalObjectiveMetricValue", SortOrder="Descending")
    values = [item["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] for item in found]
    assert values == sorted(values, reverse=True)
    best = job["BestTrainingJob"]
    assert (best["TrainingJobName"], best["TuningJobName"]) == (found[0]["TrainingJobName"], "finds")
    x = float(best["TunedHyperParameters"]["x"])
    assert best["FinalHyperParameterTuningJobObjectiveMetric"] == {
        "Type": "Maximize",
        "MetricName": "score",
        "Value": pytest.approx(-((x - 2) ** 2), abs=1e-4),
    }
    real = sagemaker.describe_training_job(TrainingJobName=best["TrainingJobName"])
    assert real["TuningJobArn"] == job["HyperParameterTuningJobArn"]
    assert real["HyperParameters"]["_tuning_objective_metric"] == "score"
    assert sagemaker.list_tags(ResourceArn=real["TrainingJobArn"])["Tags"] == tags
    assert [item["TrainingJobName"][:10] for item in children(cloud, "finds")] == [
        f"finds-{number:03d}-" for number in (1, 2, 3, 4)
    ]


def test_a_grid_is_tried_whole_and_a_target_ends_a_job(cloud: Cloud) -> None:
    sagemaker = cloud.client("sagemaker")
    choices = {
        "CategoricalParameterRanges": [{"Name": "x", "Values": ["1", "3"]}, {"Name": "kind", "Values": ["a", "b"]}]
    }
    limits = {"MaxParallelTrainingJobs": 2}
    sagemaker.create_hyper_parameter_tuning_job(
        **request(cloud, "grid", Strategy="Grid", ParameterRanges=choices, ResourceLimits=limits)
    )
    done = ended(cloud, "grid")
    tried = [item["TunedHyperParameters"] for item in children(cloud, "grid")]
    assert tried == [{"x": x, "kind": kind} for x in ("1", "3") for kind in ("a", "b")]
    assert done["BestTrainingJob"]["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] == 0.0
    wanted = {"TargetObjectiveMetricValue": -100.0}
    sagemaker.create_hyper_parameter_tuning_job(
        **request(
            cloud,
            "enough",
            TuningJobCompletionCriteria=wanted,
            ResourceLimits={"MaxNumberOfTrainingJobs": 50, "MaxParallelTrainingJobs": 1},
        )
    )
    assert ended(cloud, "enough")["TrainingJobStatusCounters"]["Completed"] == 1


def test_a_job_stops_with_its_training_jobs_and_fails_without_a_success(cloud: Cloud) -> None:
    sagemaker = cloud.client("sagemaker")
    sagemaker.create_hyper_parameter_tuning_job(**request(cloud, "endless-tuning", SLEEPS))
    until(lambda: children(cloud, "endless-tuning"), lambda found: len(found) == 2)
    sagemaker.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName="endless-tuning")
    assert ended(cloud, "endless-tuning")["HyperParameterTuningJobStatus"] == "Stopped"
    assert {item["TrainingJobStatus"] for item in children(cloud, "endless-tuning")} == {"Stopped"}
    limits = {"MaxNumberOfTrainingJobs": 30, "MaxParallelTrainingJobs": 5}
    sagemaker.create_hyper_parameter_tuning_job(
        **request(cloud, "hopeless", "raise SystemExit(1)", ResourceLimits=limits)
    )
    failed = ended(cloud, "hopeless")
    launched = len(children(cloud, "hopeless"))
    assert launched < 15
    assert failed["FailureReason"] == (
        f"No training job succeeded after {launched} attempts. Please take a look at the training job failures to get "
        "more details."
    )


def test_requests_are_checked(cloud: Cloud) -> None:
    sagemaker = cloud.client("sagemaker")

    def refused(**changes: Any) -> str:
        with pytest.raises(ClientError) as error:
            sagemaker.create_hyper_parameter_tuning_job(**request(cloud, "checked", **changes))
        assert error.value.response["Error"]["Code"] == "ValidationException"
        return str(error.value.response["Error"]["Message"])

    assert refused(HyperParameterTuningJobObjective={"Type": "Maximize", "MetricName": "other"}) == (
        "The objective metric [other] is not in the algorithm's MetricDefinitions."
    )
    assert refused(Strategy="Grid") == "Grid search takes categorical ranges only, and [x] is none."
    assert refused(ParameterRanges={}) == "At least one hyperparameter range must be given."
    with pytest.raises(ClientError) as missing:
        sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName="never")
    assert missing.value.response["Error"]["Code"] == "ResourceNotFound"


def test_jobs_are_listed_and_deleted(cloud: Cloud) -> None:
    sagemaker = cloud.client("sagemaker")
    limits = {"MaxNumberOfTrainingJobs": 1, "MaxParallelTrainingJobs": 1}
    for number in (1, 2):
        sagemaker.create_hyper_parameter_tuning_job(**request(cloud, f"listed-{number}", ResourceLimits=limits))
        ended(cloud, f"listed-{number}")
    pages = sagemaker.get_paginator("list_hyper_parameter_tuning_jobs").paginate(
        NameContains="listed", PaginationConfig={"PageSize": 1}
    )
    summaries = [page["HyperParameterTuningJobSummaries"] for page in pages]
    assert [[item["HyperParameterTuningJobName"] for item in page] for page in summaries] == [
        ["listed-2"],
        ["listed-1"],
    ]
    assert (summaries[0][0]["Strategy"], summaries[0][0]["ResourceLimits"]) == ("Bayesian", limits)
    with pytest.raises(ClientError) as twice:
        sagemaker.create_hyper_parameter_tuning_job(**request(cloud, "listed-1"))
    assert twice.value.response["Error"]["Code"] == "ResourceInUse"
    sagemaker.delete_hyper_parameter_tuning_job(HyperParameterTuningJobName="listed-1")
    with pytest.raises(ClientError) as gone:
        sagemaker.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName="listed-1")
    assert gone.value.response["Error"]["Code"] == "ResourceNotFound"

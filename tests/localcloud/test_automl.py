"""AutoML jobs, really searched: the best candidate is served by an endpoint."""

import csv
import io
import json
import random
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import ROLE, Cloud, until

for package in ("optuna", "sklearn", "pandas", "skops"):
    pytest.importorskip(package)


def table(rows: int, *, regression: bool = False) -> str:
    """Return rows whose target follows from two numbers and a word."""
    source, file = random.Random(5), io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["age", "plan", "spend", "churned"])
    for _ in range(rows):
        age, plan, spend = source.uniform(18, 80), source.choice(["free", "paid"]), source.uniform(0, 100)
        score = (age > 45) + (plan == "free") - spend / 100
        target = round(score * 10 + source.uniform(-0.5, 0.5), 3) if regression else "yes" if score > 0.6 else "no"
        writer.writerow([round(age, 1), plan, "" if source.random() < 0.05 else round(spend, 2), target])
    return file.getvalue()


def request(name: str, uri: str, **changes: Any) -> dict[str, Any]:
    tabular = {
        "TargetAttributeName": "churned",
        "CompletionCriteria": {"MaxCandidates": 3},
        "CandidateGenerationConfig": {"AlgorithmsConfig": [{"AutoMLAlgorithms": ["linear-learner", "randomforest"]}]},
        **changes.pop("tabular", {}),
    }
    given = {
        "AutoMLJobName": name,
        "AutoMLJobInputDataConfig": [
            {"ChannelType": "training", "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}}}
        ],
        "OutputDataConfig": {"S3OutputPath": "s3://work/automl"},
        "AutoMLProblemTypeConfig": {"TabularJobConfig": tabular},
        "RoleArn": ROLE,
    }
    return given | changes


def ended(cloud: Cloud, name: str) -> dict[str, Any]:
    describe = cloud.client("sagemaker").describe_auto_ml_job_v2
    return until(
        lambda: describe(AutoMLJobName=name),
        lambda job: job["AutoMLJobStatus"] not in ("InProgress", "Stopping"),
        seconds=240,
    )


@pytest.mark.slow
def test_the_best_candidate_serves(cloud: Cloud) -> None:
    sagemaker = cloud.client("sagemaker")
    uri = cloud.put("automl/data/table.csv", table(400))
    sagemaker.create_auto_ml_job_v2(**request("finds-best", uri))
    job = ended(cloud, "finds-best")
    assert (job["AutoMLJobStatus"], job.get("FailureReason")) == ("Completed", None)
    attributes = job["ResolvedAttributes"]
    assert attributes["AutoMLProblemTypeResolvedAttributes"] == {
        "TabularResolvedAttributes": {"ProblemType": "BinaryClassification"}
    }
    assert attributes["AutoMLJobObjective"] == {"MetricName": "F1"}
    found = sagemaker.list_candidates_for_auto_ml_job(AutoMLJobName="finds-best", SortBy="FinalObjectiveMetricValue")
    values = [item["FinalAutoMLJobObjectiveMetric"]["Value"] for item in found["Candidates"]]
    assert (len(values), values) == (3, sorted(values, reverse=True))
    best = job["BestCandidate"]
    assert best["CandidateName"] == found["Candidates"][0]["CandidateName"]
    assert values[0] > 0.85
    assert [step["CandidateStepType"] for step in best["CandidateSteps"]] == [
        "AWS::SageMaker::ProcessingJob",
        "AWS::SageMaker::TrainingJob",
    ]
    insights = best["CandidateProperties"]["CandidateArtifactLocations"]["ModelInsights"]
    statistics = json.loads(cloud.get(f"{insights}/statistics.json"))
    assert statistics["metrics"]["F1"]["value"] == pytest.approx(values[0])
    container = best["InferenceContainers"][0]
    container["Environment"]["SAGEMAKER_INFERENCE_OUTPUT"] = "predicted_label,probability"
    sagemaker.create_model(ModelName="finds-best", Containers=[container], ExecutionRoleArn=ROLE)
    variant = {
        "VariantName": "all",
        "ModelName": "finds-best",
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
    }
    sagemaker.create_endpoint_config(EndpointConfigName="finds-best", ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName="finds-best", EndpointConfigName="finds-best")
    state = until(
        lambda: sagemaker.describe_endpoint(EndpointName="finds-best"), lambda it: it["EndpointStatus"] != "Creating"
    )
    assert (state["EndpointStatus"], state.get("FailureReason")) == ("InService", None)
    answer = cloud.client("sagemaker-runtime").invoke_endpoint(
        EndpointName="finds-best", Body="70,free,5\n25,paid,\n", ContentType="text/csv", Accept="text/csv"
    )
    rows = list(csv.reader(io.StringIO(answer["Body"].read().decode())))
    assert [row[0] for row in rows] == ["yes", "no"]
    assert all(0.5 <= float(row[1]) <= 1 for row in rows)
    sagemaker.delete_endpoint(EndpointName="finds-best")


@pytest.mark.slow
def test_a_regression_and_data_that_are_not_fit(cloud: Cloud) -> None:
    sagemaker = cloud.client("sagemaker")
    uri = cloud.put("automl/numbers/table.csv", table(200, regression=True))
    sagemaker.create_auto_ml_job_v2(**request("numbers", uri, tabular={"CompletionCriteria": {"MaxCandidates": 1}}))
    job = ended(cloud, "numbers")
    metric = job["BestCandidate"]["FinalAutoMLJobObjectiveMetric"]
    assert (metric["MetricName"], metric["Type"]) == ("MSE", "Minimize")
    assert metric["Value"] < 30
    sagemaker.create_auto_ml_job_v2(**request("no-target", uri, tabular={"TargetAttributeName": "none"}))
    assert ended(cloud, "no-target")["FailureReason"] == (
        "ClientError: the data has no column none; it has age, plan, spend, churned"
    )
    sagemaker.create_auto_ml_job_v2(**request("stopped", uri))
    sagemaker.stop_auto_ml_job(AutoMLJobName="stopped")
    assert ended(cloud, "stopped")["AutoMLJobStatus"] == "Stopped"


def test_requests_are_checked(cloud: Cloud) -> None:
    sagemaker = cloud.client("sagemaker")

    def refused(**changes: Any) -> str:
        with pytest.raises(ClientError) as error:
            sagemaker.create_auto_ml_job_v2(**request("checked", "s3://work/automl/data", **changes))
        assert error.value.response["Error"]["Code"] == "ValidationException"
        return str(error.value.response["Error"]["Message"])

    text = {"TextClassificationJobConfig": {"ContentColumn": "a", "TargetLabelColumn": "b"}}
    assert refused(AutoMLProblemTypeConfig=text) == (
        "The local cloud's AutoML takes TabularJobConfig, not TextClassificationJobConfig."
    )
    assert refused(tabular={"ProblemType": "Regression"}) == (
        "ProblemType and AutoMLJobObjective must be given together, or neither of them."
    )
    assert refused(tabular={"ProblemType": "Regression"}, AutoMLJobObjective={"MetricName": "F1"}) == (
        "F1 is no metric of Regression; the local cloud knows MSE, RMSE, MAE, R2."
    )
    with pytest.raises(ClientError) as missing:
        sagemaker.describe_auto_ml_job_v2(AutoMLJobName="never")
    assert missing.value.response["Error"]["Message"] == "Requested resource not found."

"""The generated pipelines really run: each kind is trained, evaluated, registered and served by the local cloud."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from modelyard.components.model_service.context import PipelineContext
from modelyard.components.model_service.source import pack
from modelyard.localcloud import daemon
from modelyard.scaffold import bake

pytestmark = pytest.mark.slow

REGION = "us-east-1"
ROLE = "arn:aws:iam::123456789012:role/jobs"
BUCKET = "kinds"
SAMPLE = "import json; from {package}.sample import request; print(json.dumps(request([0, 50])))"
DEFINITION = """
import json, sys
from modelyard.components.model_service.context import PipelineContext
from {package}.pipeline import definition
sys.stdout.write(definition(PipelineContext(**json.loads(sys.stdin.read()))))
"""
# Data that changes while the code doesn't: the first rows are left out, as many as a file says.
CHANGING = """

_all = load


def load() -> pd.DataFrame:
    from pathlib import Path

    return _all().iloc[int(Path({path!r}).read_text()) :]
"""
GOOD = ["Version", "Prepare", "Train", "Evaluate", "Register"]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What is special about a kind.

    Args:
        needs: the library without which it can't be trained.
        threshold: the parameter that refuses a model, and a value that refuses any.
        steps: what a good model's execution runs besides its condition.
        section: of the metrics.
        cached: steps that aren't run again while nothing has changed.
    """

    needs: str
    threshold: tuple[str, str]
    steps: list[str]
    section: str
    cached: Sequence[str] = ("Prepare", "Train", "Evaluate")


KINDS = {
    "sklearn": Kind(
        needs="skops", threshold=("accuracy_threshold", "0.9999"), steps=GOOD, section="binary_classification_metrics"
    ),
    "xgboost": Kind(
        needs="xgboost",
        threshold=("r2_threshold", "0.99"),
        steps=["Version", "Prepare", "Tune", "Evaluate", "Register"],
        section="regression_metrics",
        cached=["Prepare", "Tune", "Evaluate"],
    ),
    "forecast": Kind(
        needs="statsmodels",
        threshold=("mae_threshold", "0.0001"),
        steps=[*GOOD, "CreateModel", "Forecast"],
        section="regression_metrics",
    ),
    "automl": Kind(
        needs="optuna",
        threshold=("accuracy_threshold", "1.1"),
        steps=["Version", "Prepare", "Search", "CreateChallenger", "AskChallenger", "Evaluate", "Register"],
        cached=["Prepare", "Search"],  # each execution makes models of its own, and asks them
        section="binary_classification_metrics",
    ),
    "recommender": Kind(
        needs="tensorflow", threshold=("rmse_threshold", "0.0001"), steps=GOOD, section="regression_metrics"
    ),
    "tensorflow": Kind(
        needs="tensorflow",
        threshold=("accuracy_threshold", "1.1"),
        steps=GOOD,
        section="multiclass_classification_metrics",
    ),
    "pytorch": Kind(
        needs="torch",
        threshold=("accuracy_threshold", "1.1"),
        steps=GOOD,
        section="multiclass_classification_metrics",
    ),
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Any]]:
    """Start a local cloud and return what makes its clients."""
    home = tmp_path_factory.mktemp("home") / ".modelyard"
    info = daemon.start(home)
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)
    try:
        made = lambda service: session.client(service, endpoint_url=info.endpoint_url)  # noqa: E731
        made("s3").create_bucket(Bucket=BUCKET)
        yield made
    finally:
        daemon.stop(home)


def program(repository: Path, text: str, given: str = "") -> str:
    """Run a Python program that imports the repository's package."""
    done = subprocess.run(
        [sys.executable, "-c", text],
        cwd=repository / "src",
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def deployed(client: Callable[[str], Any], repository: Path, kind: str, **more: Any) -> None:
    """Deploy a repository's pipeline as its stack does; a second time it is the same, byte for byte."""
    prefix = f"models/{kind}/dev"
    key = f"{prefix}/code/0/sourcedir.tar.gz"
    client("s3").put_object(Bucket=BUCKET, Key=key, Body=pack(repository / "src").content)
    context = {
        "name": f"{kind}-dev",
        "region": REGION,
        "role_arn": ROLE,
        "bucket": BUCKET,
        "prefix": prefix,
        "source_uri": f"s3://{BUCKET}/{key}",
        "model_package_group": f"{kind}-dev",
        **more,
    }
    assert PipelineContext(**context).name == f"{kind}-dev"
    text = program(repository, DEFINITION.format(package=f"a_{kind}"), json.dumps(context))
    client("sagemaker").create_pipeline(
        PipelineName=f"{kind}-dev", PipelineDefinition=text, RoleArn=ROLE, ClientRequestToken="0" * 32
    )


def settled(describe: Callable[[], dict[str, Any]], field: str, busy: str) -> dict[str, Any]:
    """Wait until a status is another than `busy`, and return what describes it."""
    end = time.monotonic() + 400
    while (found := describe())[field] == busy:
        assert time.monotonic() < end, f"{field} is {busy} after 400 s"
        time.sleep(0.3)
    return found


def run(sagemaker: Any, name: str, **parameters: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Run a pipeline to its end; return its description and each step's status."""
    values = [{"Name": name_, "Value": value} for name_, value in parameters.items()]
    started = sagemaker.start_pipeline_execution(PipelineName=name, PipelineParameters=values)
    arn = {"PipelineExecutionArn": started["PipelineExecutionArn"]}
    found = settled(lambda: sagemaker.describe_pipeline_execution(**arn), "PipelineExecutionStatus", "Executing")
    steps = sagemaker.list_pipeline_execution_steps(**arn)["PipelineExecutionSteps"]
    return found, {step["StepName"]: step["StepStatus"] for step in steps}


def changing(repository: Path) -> Path:
    """Make a repository's data change with a file's content, and return the file."""
    path = repository / "left-out"
    path.write_text("0")
    (data,) = (repository / "src").glob("*/data.py")
    data.write_text(data.read_text() + CHANGING.format(path=str(path)))
    return path


def begun(sagemaker: Any, name: str, step: str) -> dict[str, Any]:
    """Start a pipeline, stop it when it has come to a step, and return what is known of the step."""
    started = sagemaker.start_pipeline_execution(PipelineName=name)["PipelineExecutionArn"]

    def found() -> dict[str, Any]:
        steps = sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=started)["PipelineExecutionSteps"]
        return next((it for it in steps if it["StepName"] == step), {"StepStatus": "Starting"})

    seen = settled(found, "StepStatus", "Starting")
    sagemaker.stop_pipeline_execution(PipelineExecutionArn=started, ClientRequestToken="1" * 32)
    return seen


def cached(sagemaker: Any, arn: str) -> set[str]:
    """Return the steps whose results were taken from an earlier execution."""
    steps = sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=arn)["PipelineExecutionSteps"]
    return {step["StepName"] for step in steps if "CacheHitResult" in step}


def read(client: Callable[[str], Any], uri: str) -> bytes:
    bucket, _, key = uri[5:].partition("/")
    return client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()


@pytest.mark.parametrize("kind", KINDS)
def test_the_whole_loop(client: Callable[[str], Any], tmp_path: Path, kind: str):
    expected = KINDS[kind]
    pytest.importorskip(expected.needs, reason=f"the kind {kind} needs {expected.needs}")
    sagemaker, name = client("sagemaker"), f"{kind}-dev"
    repository = bake(kind, f"a-{kind}", tmp_path)
    sagemaker.create_model_package_group(ModelPackageGroupName=name)
    left_out = changing(repository)
    deployed(client, repository, kind)

    execution, steps = run(sagemaker, name)
    assert execution["PipelineExecutionStatus"] == "Succeeded", (execution.get("FailureReason"), steps)
    assert {step for step in steps if not step.startswith("Check")} == set(expected.steps)
    assert set(steps.values()) == {"Succeeded"}
    (package,) = sagemaker.list_model_packages(ModelPackageGroupName=name)["ModelPackageSummaryList"]
    described = sagemaker.describe_model_package(ModelPackageName=package["ModelPackageArn"])
    assert described["ModelApprovalStatus"] == "PendingManualApproval"
    statistics = described["ModelMetrics"]["ModelQuality"]["Statistics"]["S3Uri"]
    evaluation = json.loads(read(client, statistics))
    assert evaluation["gate"]["metric"] in evaluation[expected.section]
    report = read(client, statistics.replace("evaluation.json", "report.html")).decode()
    assert "<h2>Fairness</h2>" in report

    # Nothing has changed but the threshold: the steps before the condition come from the cache, and no model is
    # registered.
    parameter, value = expected.threshold
    execution, steps = run(sagemaker, name, **{parameter: value})
    assert execution["PipelineExecutionStatus"] == "Failed"
    assert cached(sagemaker, execution["PipelineExecutionArn"]) == set(expected.cached)
    assert steps["RefuseModel"] == "Failed"
    assert len(sagemaker.list_model_packages(ModelPackageGroupName=name)["ModelPackageSummaryList"]) == 1

    if kind == "sklearn":
        left_out.write_text("1")
        assert "CacheHitResult" not in begun(sagemaker, name, "Prepare")

    serve(client, name, package["ModelPackageArn"])
    body = program(repository, SAMPLE.format(package=f"a_{kind}"))
    kinds = {"ContentType": "application/json", "Accept": "application/json"}
    answer = client("sagemaker-runtime").invoke_endpoint(EndpointName=name, Body=body, **kinds)
    content = json.loads(answer["Body"].read())
    assert len(content["predictions"]) == 2
    sagemaker.delete_endpoint(EndpointName=name)


def logged(client: Callable[[str], Any], name: str) -> list[str]:
    """Return what an endpoint has written."""
    group = f"/aws/sagemaker/Endpoints/{name}"
    return [event["message"] for event in client("logs").filter_log_events(logGroupName=group)["events"]]


def serve(client: Callable[[str], Any], name: str, package: str) -> None:
    """Put a registered model behind an endpoint and wait for it."""
    sagemaker = client("sagemaker")
    sagemaker.update_model_package(ModelPackageArn=package, ModelApprovalStatus="Approved")
    sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"ModelPackageName": package})
    variant = {"VariantName": "main", "ModelName": name, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    found = settled(lambda: sagemaker.describe_endpoint(EndpointName=name), "EndpointStatus", "Creating")
    assert found["EndpointStatus"] == "InService", (found.get("FailureReason"), logged(client, name))

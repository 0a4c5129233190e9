"""The generated pipeline really runs: trained, evaluated, registered and served by the local cloud."""

import json
import sys
import time
from collections.abc import Callable, Iterator
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
NAME = "rings-dev"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Any]]:
    """Start a local cloud and return what makes its clients."""
    home = tmp_path_factory.mktemp("home") / ".modelyard"
    info = daemon.start(home)
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)
    try:
        yield lambda service: session.client(service, endpoint_url=info.endpoint_url)
    finally:
        daemon.stop(home)


@pytest.fixture(scope="module")
def rows(client: Callable[[str], Any], tmp_path_factory: pytest.TempPathFactory) -> list[list[float]]:
    """Deploy a new repository's pipeline as its stack does, and return rows to ask its model about."""
    repository = bake("sklearn", "rings", tmp_path_factory.mktemp("repository"))
    key = "models/rings/dev/code/0/sourcedir.tar.gz"
    client("s3").create_bucket(Bucket="rings")
    client("s3").put_object(Bucket="rings", Key=key, Body=pack(repository / "src").content)
    client("sagemaker").create_model_package_group(ModelPackageGroupName=NAME)
    context = PipelineContext(
        name=NAME,
        region=REGION,
        role_arn=ROLE,
        bucket="rings",
        prefix="models/rings/dev",
        source_uri=f"s3://rings/{key}",
        model_package_group=NAME,
    )
    sys.path.insert(0, str(repository / "src"))
    try:
        from rings.sample import request
        from rings.pipeline import definition
    finally:
        sys.path.remove(str(repository / "src"))
    client("sagemaker").create_pipeline(
        PipelineName=NAME, PipelineDefinition=definition(context), RoleArn=ROLE, ClientRequestToken="0" * 32
    )
    features: list[list[float]] = request([0, 1])["instances"]
    return features


def settled(describe: Callable[[], dict[str, Any]], field: str, busy: str) -> dict[str, Any]:
    """Wait until a status is another than `busy`, and return what describes it."""
    end = time.monotonic() + 300
    while (found := describe())[field] == busy:
        assert time.monotonic() < end, f"{field} is {busy} after 300 s"
        time.sleep(0.3)
    return found


def run(sagemaker: Any, **parameters: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Run the pipeline to its end; return its description and each step's status."""
    values = [{"Name": name, "Value": value} for name, value in parameters.items()]
    started = sagemaker.start_pipeline_execution(PipelineName=NAME, PipelineParameters=values)
    arn = {"PipelineExecutionArn": started["PipelineExecutionArn"]}
    found = settled(lambda: sagemaker.describe_pipeline_execution(**arn), "PipelineExecutionStatus", "Executing")
    steps = sagemaker.list_pipeline_execution_steps(**arn)["PipelineExecutionSteps"]
    return found, {step["StepName"]: step["StepStatus"] for step in steps}


def packages(sagemaker: Any) -> list[str]:
    found = sagemaker.list_model_packages(ModelPackageGroupName=NAME)["ModelPackageSummaryList"]
    return [package["ModelPackageArn"] for package in found]


def test_a_model_below_the_threshold_is_refused(client: Callable[[str], Any], rows: list[list[float]]):
    execution, steps = run(client("sagemaker"), accuracy_threshold="0.9999")
    assert execution["PipelineExecutionStatus"] == "Failed"
    assert steps == {
        "Prepare": "Succeeded",
        "Train": "Succeeded",
        "Evaluate": "Succeeded",
        "CheckAccuracy": "Succeeded",
        "RefuseModel": "Failed",
    }
    assert packages(client("sagemaker")) == []
    assert len(rows) == 2


def test_a_good_model_is_registered_and_answers(client: Callable[[str], Any], rows: list[list[float]]):
    sagemaker = client("sagemaker")
    execution, steps = run(sagemaker)
    assert execution["PipelineExecutionStatus"] == "Succeeded", execution.get("FailureReason")
    assert steps == dict.fromkeys(["Prepare", "Train", "Evaluate", "CheckAccuracy", "Register"], "Succeeded")
    (package,) = packages(sagemaker)
    described = sagemaker.describe_model_package(ModelPackageName=package)
    assert described["ModelApprovalStatus"] == "PendingManualApproval"
    bucket, _, key = described["ModelMetrics"]["ModelQuality"]["Statistics"]["S3Uri"][5:].partition("/")
    report = json.loads(client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())
    assert 0.9 < report["binary_classification_metrics"]["accuracy"]["value"] <= 1

    serve(sagemaker, package)
    answer = client("sagemaker-runtime").invoke_endpoint(
        EndpointName=NAME, ContentType="application/json", Body=json.dumps({"instances": rows})
    )
    content = json.loads(answer["Body"].read())
    assert content["predictions"] == [0, 0]
    assert [round(value, 2) for value in content["probabilities"]] == [0.0, 0.0]
    sagemaker.delete_endpoint(EndpointName=NAME)


def serve(sagemaker: Any, package: str) -> None:
    """Put a registered model behind an endpoint and wait for it."""
    sagemaker.update_model_package(ModelPackageArn=package, ModelApprovalStatus="Approved")
    sagemaker.create_model(ModelName=NAME, ExecutionRoleArn=ROLE, PrimaryContainer={"ModelPackageName": package})
    variant = {"VariantName": "main", "ModelName": NAME, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(EndpointConfigName=NAME, ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName=NAME, EndpointConfigName=NAME)
    found = settled(lambda: sagemaker.describe_endpoint(EndpointName=NAME), "EndpointStatus", "Creating")
    assert found["EndpointStatus"] == "InService", found.get("FailureReason")

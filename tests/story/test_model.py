"""The model's part of the story: from the template to an endpoint, a branch, and an empty cloud."""

import json
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

BRANCH = "Feature/X"


@pytest.fixture(scope="module")
def repository(dev):
    dev.ok("new", "sklearn", "churn", "--no-input", "--output", str(dev.model.parent))
    for words in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "feat: first"]):
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.invalid"]
        subprocess.run(["git", *identity, *words], cwd=dev.model, check=True)
    return dev


@pytest.fixture(scope="module")
def served(repository):
    """The model is trained, approved and deployed."""
    first = repository.in_model("up")
    assert (first["result"], first["outputs"]["endpoint"]) == ("succeeded", "")
    repository.ok("preview", "--expect-no-changes", folder=repository.model)
    execution = repository.in_model("pipeline", "run")
    assert execution["status"] == "Succeeded"
    assert [step["name"] for step in execution["steps"]] == [
        "Version",
        "Prepare",
        "Train",
        "Evaluate",
        "CheckAccuracy",
        "Register",
    ]
    assert repository.in_model("model", "approve")["status"] == "Approved"
    second = repository.in_model("up")
    assert second["outputs"]["endpoint"] == "churn-dev-endpoint"
    return repository


def test_its_own_tests_pass_right_after_generation(repository):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q"], cwd=repository.model, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_before_any_model_there_is_a_hint_instead_of_an_endpoint(repository):
    repository.ok("up", folder=repository.model)
    if repository.in_model("outputs")["churn"]["endpoint"]:
        pytest.skip("the model has been deployed by an earlier test")
    done = repository.type("endpoint", "invoke", "--data", "1", folder=repository.model)
    assert (done.returncode, "modelyard pipeline run" in done.stderr) == (1, True)


def test_the_same_program_converges_with_the_endpoint(served):
    served.ok("preview", "--expect-no-changes", folder=served.model)


def test_the_endpoint_answers_with_the_models_own_predictions(served):
    sample = json.dumps(served.sample())
    answer = served.in_model("endpoint", "invoke", "--data", sample)
    assert answer["body"]["predictions"] == [0, 1]
    by_boto3 = served.client("sagemaker-runtime").invoke_endpoint(
        EndpointName="churn-dev-endpoint", Body=sample, ContentType="application/json", Accept="application/json"
    )
    assert json.loads(by_boto3["Body"].read()) == answer["body"]


def test_what_happened_is_in_the_logs_and_the_metrics(served):
    logs = served.client("logs")
    streams = logs.describe_log_streams(logGroupName="/aws/sagemaker/TrainingJobs")["logStreams"]
    events = logs.get_log_events(logGroupName="/aws/sagemaker/TrainingJobs", logStreamName=streams[0]["logStreamName"])[
        "events"
    ]
    assert any("accuracy" in event["message"] for event in events)
    told = logs.filter_log_events(logGroupName="/aws/events/modelyard-dev-sagemaker")["events"]
    kinds = {json.loads(event["message"])["detail-type"] for event in told}
    assert "SageMaker Training Job State Change" in kinds
    versions = served.in_model("model", "list")
    assert versions[0]["metrics"]["accuracy"] > 0.9


def test_a_model_below_the_threshold_is_not_registered(served):
    before = len(served.in_model("model", "list"))
    done = served.type("pipeline", "run", "--set", "accuracy_threshold=0.99999", folder=served.model)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert len(served.in_model("model", "list")) == before


def test_a_branch_has_a_stack_of_its_own_and_nothing_of_it_stays(served):
    before = [item for item in served.inventory() if "access-logs" not in item[1]]
    subprocess.run(["git", "switch", "-q", "-c", BRANCH], cwd=served.model, check=True)
    made = served.in_model("branch", "up")
    stack = made["env"]
    assert (made["result"], [it["branch"] for it in served.in_model("branch", "list")]) == ("succeeded", [BRANCH])
    assert served.in_model("pipeline", "run", "--env", stack)["status"] == "Succeeded"
    assert served.in_model("pipeline", "run", "--env", stack, "--no-wait")["status"] == "Executing"
    jobs = served.client("sagemaker").list_training_jobs(NameContains="Train")["TrainingJobSummaries"]
    assert any(stack in item[1] for item in served.inventory())
    gone = served.in_model("branch", "down")
    assert (gone["result"], gone["left"]) == ("succeeded", [])
    assert served.in_model("branch", "list") == []
    left = served.client("sagemaker").list_training_jobs(NameContains="Train")["TrainingJobSummaries"]
    assert len(left) < len(jobs)
    assert [item for item in served.inventory() if "access-logs" not in item[1]] == before
    assert not (served.home / "state/.pulumi/stacks/churn" / f"{stack}.json").exists()
    again = served.type("branch", "down", folder=served.model)
    assert (again.returncode, again.stderr.splitlines()[-1]) == (2, "  -> modelyard branch list")


def test_destroy_removes_everything(served):
    served.client("s3").put_object(Bucket=served.json("outputs")["foundation"]["artifact_bucket"], Key="x", Body=b"y")
    gone = served.json("destroy", "--env", "dev")
    assert [item["stack"] for item in gone["stacks"]] == ["churn", "platform", "foundation"]
    assert served.inventory() == []
    assert served.client("sagemaker").list_endpoints()["Endpoints"] == []

"""A model's own roles: its prefix, its names, and nothing that the platform's boundary forbids."""

import fnmatch
import subprocess
from typing import Any

import pytest
from components.test_identity import ACCOUNT, REALM

from modelyard.components.identity import boundary
from modelyard.components.identity import policy as of_platform
from modelyard.components.model_service import policy
from modelyard.components.model_service.commit import last_commit
from modelyard.naming import Scope

REACH = policy.Reach(
    scope=Scope(owner="churn", environment="dev", region="eu-central-1"),
    account_id=ACCOUNT,
    bucket=REALM.bucket_arn.removeprefix("arn:aws:s3:::"),
    data_bucket=REALM.data_bucket_arn.removeprefix("arn:aws:s3:::"),
    capture_bucket=REALM.capture_bucket_arn.removeprefix("arn:aws:s3:::"),
    kms_key_arn=REALM.key_arn,
    alarm_topic_arn=f"arn:aws:sns:eu-central-1:{ACCOUNT}:modelyard-dev-alarms",
)
ROLES = {
    "training": policy.training,
    "serving": policy.serving,
    "pipeline": policy.pipeline,
    "events": policy.events,
    "deploy": policy.deploying,
}
# The platform's own are named by the boundary, which the model doesn't know; both have to allow what is done.
NARROWED = ("ecr:Batch", "ecr:GetDownload", "sagemaker:", "sagemaker-mlflow:")
BOUNDARY = boundary.boundary([write(REALM) for write in (*of_platform.ROLES.values(), of_platform.models)])


@pytest.mark.parametrize("word", ROLES)
def test_a_role_may_nothing_that_the_boundary_forbids(word):
    allowed = [(a, r) for it in BOUNDARY["Statement"] for a in it["Action"] for r in it["Resource"]]
    asked = [(a, r) for it in ROLES[word](REACH)["Statement"] for a in it["Action"] for r in it["Resource"]]
    unknown = {a for a, _ in asked} - {a for a, _ in allowed}
    assert unknown == set()
    beyond = [
        (a, r)
        for a, r in asked
        if not a.startswith(NARROWED) and not any(a == known and fnmatch.fnmatchcase(r, w) for known, w in allowed)
    ]
    assert beyond == []


@pytest.mark.parametrize("word", ROLES)
def test_a_role_writes_below_the_models_own_prefix_alone(word):
    writes = {"s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:PutObjectTagging"}
    found = {
        resource for it in ROLES[word](REACH)["Statement"] if writes & set(it["Action"]) for resource in it["Resource"]
    }
    own = {f"arn:aws:s3:::{bucket}/models/churn/dev/*" for bucket in (REACH.bucket, REACH.capture_bucket)}
    assert found <= own


def test_only_the_function_moves_endpoints_and_only_the_models_own():
    def moving(document: Any) -> list[str]:
        return [it["Resource"] for it in document["Statement"] if "sagemaker:UpdateEndpoint" in it["Action"]]

    assert {word: moving(write(REACH)) for word, write in ROLES.items() if moving(write(REACH))} == {
        "deploy": [REACH.sagemaker("endpoint", "endpoint-config")]
    }
    assert REACH.sagemaker("endpoint") == [f"arn:aws:sagemaker:eu-central-1:{ACCOUNT}:endpoint/churn-dev-*"]


def test_roles_are_passed_to_sagemaker_alone_and_are_the_models_own():
    for word, expected in (("pipeline", ["training", "serving"]), ("deploy", ["serving"])):
        (statement,) = [it for it in ROLES[word](REACH)["Statement"] if it["Action"] == ["iam:PassRole"]]
        assert statement["Resource"] == [f"arn:aws:iam::{ACCOUNT}:role/models/churn-dev-{it}" for it in expected]
        assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}


def test_a_name_that_was_too_long_is_still_the_models_own():
    scope = Scope(owner="o" * 30, environment="e" * 31, region="eu-central-1")
    reach = policy.Reach(**{**vars(REACH), "scope": scope})
    for words in (("endpoint",), ("model", "v3"), ("pipeline",), ("monitor", "data-quality")):
        assert fnmatch.fnmatchcase(scope.name(*words), reach.names)


def test_outside_a_repository_there_is_no_commit(tmp_path):
    assert last_commit(tmp_path) == ""
    assert last_commit(tmp_path / "missing") == ""


def test_the_commit_is_that_of_the_code_alone(tmp_path):
    code = tmp_path / "src"
    code.mkdir()
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.invalid", "-C", str(tmp_path)]
    subprocess.run([*git, "init", "-q"], check=True)
    for name in ("src/train.py", "README.md"):
        (tmp_path / name).write_text("1\n")
        subprocess.run([*git, "add", "."], check=True)
        subprocess.run([*git, "commit", "-qm", name], check=True)
    told = subprocess.run([*git, "log", "--format=%H"], capture_output=True, text=True, check=True).stdout.split()
    assert last_commit(code) == told[1]


def test_no_job_registers_a_model_that_is_approved_already():
    for word in ("training", "pipeline"):
        statements = [it for it in ROLES[word](REACH)["Statement"] if "sagemaker:CreateModelPackage" in it["Action"]]
        assert [it["Condition"] for it in statements] == [
            {"StringEqualsIfExists": {"sagemaker:ModelApprovalStatus": "PendingManualApproval"}}
        ]

"""The workspace's script, and the policies of registry and tracking: pure text and documents."""

import base64
import subprocess

import pytest
from pydantic import ValidationError

from modelyard.components.model_registry import policy as registry
from modelyard.components.model_registry.settings import ModelRegistrySettings
from modelyard.components.tracking import policy as tracking
from modelyard.components.workspace import script
from modelyard.components.workspace.settings import WorkspaceSettings
from modelyard.naming import Scope

SCOPE = Scope(owner="yard", environment="dev", region="eu-west-1")
ACCOUNT = "123456789012"


def test_the_script_tells_every_shell_where_it_is_and_may_run_twice(tmp_path):
    program = tmp_path / "start.sh"
    program.write_bytes(base64.b64decode(script.content(SCOPE)))
    (tmp_path / ".bashrc").write_text("# mine\n")
    here = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    for _ in range(2):
        subprocess.run(["bash", str(program)], env=here, check=True)
    assert (tmp_path / ".bashrc").read_text() == '# mine\n. "$HOME/.modelyard"\n'
    shell = ". ~/.bashrc; echo $AWS_DEFAULT_REGION $MODELYARD_PLATFORM $MODELYARD_ENVIRONMENT"
    done = subprocess.run(["bash", "-c", shell], env=here, capture_output=True, text=True, check=True)
    assert done.stdout == "eu-west-1 yard dev\n"


def test_another_script_has_another_name():
    other = Scope(owner="yard", environment="dev", region="eu-west-2")
    names = {script.config_name(scope) for scope in (SCOPE, other)}
    assert len(names) == 2
    assert all(name.startswith("yard-dev-jupyterlab-") for name in names)


def test_readers_see_and_deploy_one_groups_models():
    document = registry.readers(SCOPE, ACCOUNT, "yard-dev-shared", ["222222222222", "111111111111"])
    them = {"AWS": ["arn:aws:iam::111111111111:root", "arn:aws:iam::222222222222:root"]}
    group, packages = document["Statement"]
    start = f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}"
    assert (group["Principal"], group["Resource"]) == (them, [f"{start}:model-package-group/yard-dev-shared"])
    assert packages["Resource"] == [f"{start}:model-package/yard-dev-shared/*"]
    actions = [action for statement in document["Statement"] for action in statement["Action"]]
    assert actions == [
        "sagemaker:DescribeModelPackageGroup",
        "sagemaker:CreateModel",
        "sagemaker:DescribeModelPackage",
        "sagemaker:ListModelPackages",
    ]


def test_eventbridge_publishes_approvals():
    [statement] = registry.topic("arn:topic")["Statement"]
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert "Condition" not in statement  # EventBridge takes none on a topic
    assert registry.approvals()["detail-type"] == ["SageMaker Model Package State Change"]


def test_a_tracking_server_writes_below_its_prefix_alone():
    document = tracking.artifacts("aws", "bucket", "arn:key")
    listing, objects, key = document["Statement"]
    assert listing["Condition"] == {"StringLike": {"s3:prefix": ["mlflow", "mlflow/*"]}}
    assert objects["Resource"] == ["arn:aws:s3:::bucket/mlflow/*"]
    assert key["Resource"] == ["arn:key"]


@pytest.mark.parametrize(
    ("kind", "given", "problem"),
    [
        (WorkspaceSettings, {"users": ["ann", "ann"]}, "'ann' is there twice"),
        (WorkspaceSettings, {"users": ["ann lee"]}, "should match pattern"),
        (WorkspaceSettings, {"idle_timeout_minutes": 30}, "greater than or equal to 60"),
        (ModelRegistrySettings, {"groups": ["a", "b", "a"]}, "'a' is there twice"),
        (ModelRegistrySettings, {"reader_account_ids": ["12"]}, "should match pattern"),
    ],
)
def test_what_sagemaker_would_refuse_is_refused_at_once(kind, given, problem):
    with pytest.raises(ValidationError, match=problem):
        kind.model_validate(given)

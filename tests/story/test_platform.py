"""The platform's part of the story: up, no change, one change, a removal, protection, interruption."""

import json
import re
import signal
import subprocess
import sys
import time

import pytest

pytestmark = pytest.mark.slow

KEYS = {"stack", "env", "result", "changes", "resources", "duration_s", "outputs"}


def changed(document) -> list[tuple[str, str, list[str]]]:
    return [
        (item["op"], item["name"], sorted(item["diff"]))
        for item in document["resources"]
        if item["op"] not in ("same", "read")
    ]


def test_a_second_up_plans_nothing(dev):
    document = dev.json("preview", "--env", "dev", "--expect-no-changes")
    assert document.keys() >= KEYS
    assert document["changes"] == {"create": 0, "update": 0, "replace": 0, "delete": 0, "same": 153}
    assert [item["stack"] for item in document["stacks"]] == ["foundation", "platform"]


def test_what_was_promised_is_there(dev):
    s3, kms, iam = dev.client("s3"), dev.client("kms"), dev.client("iam")
    outputs = dev.json("outputs")
    bucket = outputs["foundation"]["artifact_bucket"]
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
    rule = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == outputs["foundation"]["kms_key_arn"]
    assert s3.get_bucket_logging(Bucket=bucket)["LoggingEnabled"]["TargetBucket"].startswith("modelyard-dev-access")
    assert kms.get_key_rotation_status(KeyId=outputs["foundation"]["kms_key_arn"])["KeyRotationEnabled"] is True
    document = iam.get_role_policy(RoleName="modelyard-dev-training", PolicyName="training")["PolicyDocument"]
    unscoped = [it["Sid"] for it in document["Statement"] if it["Resource"] == ["*"] and "Condition" not in it]
    assert unscoped == ["Token"]
    feature_group = dev.client("sagemaker").describe_feature_group(FeatureGroupName="modelyard-dev-features")
    assert feature_group["OfflineStoreConfig"]["S3StorageConfig"]["S3Uri"] == f"s3://{bucket}/feature-store"


def test_the_platform_refers_to_the_foundation_by_its_stack(dev):
    state = json.loads((dev.home / "state/.pulumi/stacks/platform/dev.json").read_text())
    references = [
        item for item in state["checkpoint"]["latest"]["resources"] if item["type"] == "pulumi:pulumi:StackReference"
    ]
    assert [item["id"] for item in references] == ["organization/foundation/dev"]


def test_changing_one_setting_shows_exactly_that_change(dev):
    dev.set("log_retention_days: 14", "log_retention_days: 30")
    planned = dev.json("preview", "--env", "dev")
    assert changed(planned) == [("update", "monitoring-events", ["retentionInDays"])]
    assert dev.type("preview", "--env", "dev", "--expect-no-changes").returncode == 1
    assert changed(dev.json("up", "--env", "dev")) == changed(planned)
    groups = dev.client("logs").describe_log_groups(logGroupNamePrefix="/aws/events/")["logGroups"]
    assert [group["retentionInDays"] for group in groups] == [30]
    dev.set("log_retention_days: 30", "log_retention_days: 14")
    words = ("up", "platform", "--env", "dev", "--yes", "--expect-no-changes")
    assert [dev.type(*words).returncode for _ in range(2)] == [1, 0]


def test_removing_a_resource_from_a_program_deletes_it(dev):
    program = dev.platform / "stacks" / "platform" / "__main__.py"
    text = program.read_text()
    without = re.sub(r"^cost = Cost\(.*\n", "", text, count=1, flags=re.MULTILINE)
    program.write_text(without.replace("cost.budget_name", '"none"'))
    removed = dev.json("up", "platform", "--env", "dev")
    assert {op for op, _, _ in changed(removed)} == {"delete"}
    parts = {
        "cost": "idle monthly reaper",
        "cost-idle": "errors function log permission role role-policy rule target",
        "cost-reaper": "failed log project role role-policy rule starter starter-policy target",
    }
    names = [f"{parent}-{part}" for parent, words in parts.items() for part in words.split()]
    assert sorted(name for _, name, _ in changed(removed)) == sorted(["cost", *names])
    account = dev.client("sts").get_caller_identity()["Account"]
    assert dev.client("budgets").describe_budgets(AccountId=account).get("Budgets", []) == []
    program.write_text(text)
    dev.ok("up", "platform", "--env", "dev")


def test_drift_is_shown_and_mended(dev):
    dev.client("logs").put_retention_policy(logGroupName="/aws/events/modelyard-dev-sagemaker", retentionInDays=1)
    assert changed(dev.json("refresh", "platform", "--env", "dev")) == [
        ("refresh", "monitoring-events", ["retentionInDays"])
    ]
    assert changed(dev.json("up", "platform", "--env", "dev")) == [("update", "monitoring-events", ["retentionInDays"])]


def test_the_foundation_alone_can_not_be_destroyed_under_the_platform(dev):
    done = dev.type("destroy", "foundation", "--env", "dev")
    assert (done.returncode, done.stderr.splitlines()[-1]) == (2, "  -> modelyard destroy --env dev")


def test_the_cloud_keeps_everything_over_a_restart(dev):
    before = dev.inventory()
    dev.ok("cloud", "stop")
    assert dev.type("preview", "--env", "dev").returncode == 1
    dev.ok("cloud", "start")
    assert [item for item in dev.inventory() if "access-logs" not in item[1]] == [
        item for item in before if "access-logs" not in item[1]
    ]
    dev.ok("preview", "--env", "dev", "--expect-no-changes")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_interrupted_in_the_middle_the_next_up_converges(empty, number):
    path = empty.platform / "stacks" / "environments"
    name = f"cut{int(number)}"
    (path / f"{name}.yaml").write_text(f"name: modelyard\nnetwork: {{cidr: 10.{50 + int(number)}.0.0/16}}\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "modelyard", "up", "foundation", "--env", name],
        cwd=empty.platform,
        env=empty.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if "ec2:Vpc " in line:
            break
    time.sleep(0.05)
    process.send_signal(number)
    _, stderr = process.communicate(timeout=30)
    assert process.returncode == (1 if number == signal.SIGINT else -number)
    assert "Traceback" not in stderr
    empty.ok("up", "foundation", "--env", name)
    empty.ok("preview", "foundation", "--env", name, "--expect-no-changes")
    vpcs = empty.client("ec2").describe_vpcs(Filters=[{"Name": "tag:Name", "Values": [f"modelyard-{name}-vpc"]}])[
        "Vpcs"
    ]
    assert len(vpcs) == 1
    empty.ok("destroy", "--env", name)
    assert [item for item in empty.inventory() if name in item[1]] == []


def test_a_protected_environment_goes_only_when_it_is_named(empty):
    empty.ok("up", "foundation", "--env", "prod")
    refused = empty.type("destroy", "--env", "prod")
    assert (refused.returncode, refused.stderr.splitlines()[-1]) == (
        2,
        "  -> modelyard destroy --env prod --yes-really prod",
    )
    assert [item for item in empty.inventory() if "modelyard-prod" in item[1]] != []
    empty.ok("destroy", "--env", "prod", "--yes-really", "prod")
    assert [item for item in empty.inventory() if "modelyard-prod" in item[1]] == []

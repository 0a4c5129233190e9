"""Stacks of branches as people and CI use them: made, limited, looked at, locked, taken away and proven gone."""

import json
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest

pytestmark = pytest.mark.slow


def git(folder, *words: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=ada@example.com"]
    done = subprocess.run(["git", *identity, *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture(scope="module")
def yard(dev, tmp_path_factory):
    """A model's repository with a remote, on the platform of dev."""
    dev.ok("new", "sklearn", "churn", "--no-input", "--output", str(dev.model.parent))
    remote = tmp_path_factory.mktemp("remote") / "churn.git"
    subprocess.run(["git", "init", "-q", "--bare", str(remote)], check=True)
    for words in (
        ["init", "-q", "-b", "main"],
        ["config", "user.email", "ada@example.com"],
        ["add", "."],
        ["commit", "-q", "-m", "feat: first"],
        ["remote", "add", "origin", str(remote)],
        ["push", "-q", "origin", "main"],
    ):
        git(dev.model, *words)
    return dev


@pytest.fixture(scope="module")
def served(yard):
    """The main branch serves a model."""
    yard.in_model("up")
    assert yard.in_model("pipeline", "run")["status"] == "Succeeded"
    yard.in_model("model", "approve")
    assert yard.in_model("up")["outputs"]["endpoint"] == "churn-dev-endpoint"
    return yard


def settings(yard, **values) -> None:
    """Change lines of branch.yaml."""
    path = yard.model / "infra" / "environments" / "branch.yaml"
    lines = path.read_text().splitlines()
    for name, value in values.items():
        (at,) = [number for number, line in enumerate(lines) if line.startswith(f"  {name}:")]
        lines[at] = f"  {name}: {value}"
    path.write_text("\n".join(lines) + "\n")


def holds(yard):
    """List what the cloud holds, but for what S3 writes by itself."""
    return [item for item in yard.inventory() if "access-logs" not in item[1]]


def record(yard, branch: str):
    return yard.home / "branches" / "churn" / f"{stack(branch)}.json"


def stack(branch: str) -> str:
    from modelyard.previews.branches import stack_name

    return stack_name(branch)


def test_a_stack_has_what_it_was_made_of_on_every_resource(yard, tmp_path):
    comment = tmp_path / "comment.md"
    words = ["--pull-request", "7", "--owner", "bob", "--model", "none", "--comment-file", str(comment)]
    git(yard.model, "switch", "-q", "-c", "feature/x")
    git(yard.model, "push", "-q", "origin", "feature/x")
    made = yard.in_model("branch", "up", *words)
    expires = (datetime.now(UTC).date() + timedelta(days=14)).isoformat()
    wanted = {
        "modelyard:project": "churn",
        "modelyard:environment": stack("feature/x"),
        "modelyard:platform": "dev",
        "modelyard:branch": "feature/x",
        "modelyard:owner": "bob",
        "modelyard:expiry": expires,
        "modelyard:commit": git(yard.model, "rev-parse", "HEAD"),
        "modelyard:pull-request": "7",
        "modelyard:protect": "false",
    }
    state = yard.json("state", "export", f"churn/{stack('feature/x')}")
    tagged = [it["inputs"]["tagsAll"] for it in state["deployment"]["resources"] if "tagsAll" in it.get("inputs", {})]
    assert len(tagged) >= 2
    assert [tags for tags in tagged if tags != wanted] == []
    assert (made["branch"]["branch"], made["branch"]["expires"], made["branch"]["owner"]) == (
        "feature/x",
        expires,
        "bob",
    )
    assert made["usd_per_month"] >= 0
    text = comment.read_text()
    assert text.startswith("<!-- modelyard branch stack -->\n### Stack of <code>feature/x</code> is up\n")
    assert f"| Lives until | {expires};" in text
    again = yard.in_model("branch", "up", "--model", "none")
    assert {op: count for op, count in again["changes"].items() if count and op != "same"} == {}


def test_it_is_listed_shown_and_extended(yard):
    (listed,) = yard.in_model("branch", "list")
    assert (listed["branch"], listed["pull_request"], listed["owner"]) == ("feature/x", "7", "bob")
    shown = yard.in_model("branch", "show", "feature/x")
    assert shown["outputs"]["pipeline"] == f"churn-{stack('feature/x')}-pipeline"
    assert yard.in_model("branch", "extend", "--until", "2099-01-01")["expires"] == "2099-01-01"
    state = yard.json("state", "export", f"churn/{stack('feature/x')}")
    days = {
        it["inputs"]["tagsAll"]["modelyard:expiry"]
        for it in state["deployment"]["resources"]
        if "tagsAll" in it.get("inputs", {})
    }
    assert days == {"2099-01-01"}
    assert "is no day" in yard.refused(2, "branch", "extend", "--until", "soon", folder=yard.model)


def test_limits_refuse_before_anything_is_made(yard):
    before = holds(yard)
    settings(yard, max_stacks=1)
    said = yard.refused(1, "branch", "up", "two", folder=yard.model)
    assert "there are 1 branch stacks, and branch.max_stacks allows 1: bob has feature/x" in said
    settings(yard, max_stacks=20, max_stacks_per_owner=1)
    assert "bob has 1 branch stacks" in yard.refused(1, "branch", "up", "two", "--owner", "bob", folder=yard.model)
    settings(yard, max_stacks_per_owner=5, monthly_limit_usd=0.001)
    assert "branch.monthly_limit_usd allows 0.001" in yard.refused(1, "branch", "up", "two", folder=yard.model)
    settings(yard, monthly_limit_usd=100)
    assert holds(yard) == before
    assert [it["branch"] for it in yard.in_model("branch", "list")] == ["feature/x"]
    assert not (yard.home / "state/.pulumi/stacks/churn" / f"{stack('two')}.json").exists()
    assert not (yard.model / "infra" / f"Pulumi.{stack('two')}.yaml").exists()


def test_the_second_of_two_at_once_is_told_who_holds_the_lock(yard):
    words = ["branch", "up", "feature/x", "--model", "none"]
    first = subprocess.Popen(
        [sys.executable, "-m", "modelyard", *words], cwd=yard.model, env=yard.environment(), stdout=subprocess.PIPE
    )
    lock = yard.home / "branches" / "churn" / f"{stack('feature/x')}.lock"
    while not (lock.exists() and lock.read_text()):
        assert first.poll() is None
        time.sleep(0.01)
    said = yard.refused(1, *words, folder=yard.model)
    first.communicate()
    assert first.returncode == 0
    assert f"(process {first.pid}) since " in said
    assert f"modelyard cancel --env {stack('feature/x')}" in said


def test_a_wrong_tag_is_refused_and_nothing_of_it_is_deleted(yard):
    group = f"churn-{stack('feature/x')}-models"
    client = yard.client("sagemaker")
    arn = client.describe_model_package_group(ModelPackageGroupName=group)["ModelPackageGroupArn"]
    client.add_tags(ResourceArn=arn, Tags=[{"Key": "modelyard:environment", "Value": "prod"}])
    said = yard.refused(1, "branch", "down", "feature/x", folder=yard.model)
    assert f"refusing to delete aws:sagemaker/modelPackageGroup:ModelPackageGroup {group}" in said
    assert client.describe_model_package_group(ModelPackageGroupName=group)["ModelPackageGroupName"] == group
    client.add_tags(ResourceArn=arn, Tags=[{"Key": "modelyard:environment", "Value": stack("feature/x")}])


def test_down_finishes_what_was_interrupted_and_proves_itself(yard):
    group = f"churn-{stack('feature/x')}-by-hand"
    tags = [
        {"Key": "modelyard:project", "Value": "churn"},
        {"Key": "modelyard:environment", "Value": stack("feature/x")},
    ]
    client = yard.client("sagemaker")
    client.create_model_package_group(ModelPackageGroupName=group, Tags=tags)
    said = yard.refused(1, "branch", "down", "feature/x", folder=yard.model)
    assert "of its resources are left" in said
    assert record(yard, "feature/x").exists()
    client.delete_model_package_group(ModelPackageGroupName=group)
    gone = yard.in_model("branch", "down", "feature/x")
    assert (gone["result"], gone["left"]) == ("succeeded", [])
    assert not record(yard, "feature/x").exists()
    assert not (yard.model / "infra" / f"Pulumi.{stack('feature/x')}.yaml").exists()
    assert yard.in_model("branch", "down", "feature/x", "--if-exists")["result"] == "succeeded"


def test_the_reaper_takes_what_is_dead_and_nothing_else(yard):
    for branch in ("keep", "closed", "old"):
        git(yard.model, "push", "-q", "origin", f"main:refs/heads/{branch}")
        yard.in_model("branch", "up", branch, "--model", "none")
    yard.in_model("branch", "extend", "old", "--until", "2020-01-01")
    git(yard.model, "push", "-q", "origin", ":closed")
    before = holds(yard)
    planned = yard.in_model("branch", "reap", "--dry-run")
    reasons = {it["branch"]: (it["outcome"], it["reason"].split(",")[0]) for it in planned["stacks"]}
    assert reasons == {
        "keep": ("alive", "its branch lives"),
        "closed": ("would be removed", "its branch is gone from the remote"),
        "old": ("would be removed", "its last day was 2020-01-01"),
    }
    assert holds(yard) == before
    done = yard.in_model("branch", "reap")
    assert (done["result"], done["counts"]) == ("succeeded", {"alive": 1, "removed": 2})
    assert [it["branch"] for it in yard.in_model("branch", "list")] == ["keep"]
    assert yard.in_model("branch", "reap")["counts"] == {"alive": 1}


def test_the_platform_reaps_by_its_schedule(yard):
    yard.in_model("branch", "extend", "keep", "--until", "2020-01-01")
    events, builds = yard.client("events"), yard.client("codebuild")
    (target,) = events.list_targets_by_rule(Rule="modelyard-dev-reaper")["Targets"]
    assert target["Arn"].endswith(":project/modelyard-dev-reaper")
    build = builds.start_build(projectName="modelyard-dev-reaper")["build"]
    while not (ended := builds.batch_get_builds(ids=[build["id"]])["builds"][0])["buildComplete"]:
        time.sleep(0.2)
    assert ended["buildStatus"] == "SUCCEEDED"
    assert yard.in_model("branch", "list") == []
    assert [item for item in yard.inventory() if stack("keep") in item[1]] == []
    git(yard.model, "push", "-q", "origin", ":keep")


def test_two_reapers_at_once_do_the_work_once(yard):
    for branch in ("one", "two"):
        yard.in_model("branch", "up", branch, "--model", "none")
    command = [sys.executable, "-m", "modelyard", "branch", "reap", "--json"]
    started = [
        subprocess.Popen(command, cwd=yard.model, env=yard.environment(), stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    reports = [json.loads(it.communicate()[0]) for it in started]
    assert [it.returncode for it in started] == [0, 0]
    outcomes = [it["outcome"] for report in reports for it in report["stacks"]]
    assert outcomes.count("removed") >= 2
    assert set(outcomes) <= {"removed", "skipped"}
    assert yard.in_model("branch", "list") == []
    assert [item for item in yard.inventory() if stack("one") in item[1] or stack("two") in item[1]] == []


def test_a_branch_serves_the_main_branchs_model(served, tmp_path):
    comment = tmp_path / "comment.md"
    made = served.in_model("branch", "up", "feature/reuse", "--comment-file", str(comment))
    endpoint = f"churn-{stack('feature/reuse')}-endpoint-serverless"
    assert (made["outputs"]["endpoint"], made["model"]["serves"]) == (endpoint, "version 1 of its own group")
    assert made["model"]["metrics"] == made["model"]["main_metrics"]
    assert "| accuracy | " in comment.read_text()
    body = json.dumps(served.sample())
    answers = [
        served.in_model("endpoint", "invoke", "--env", env, "--data", body)["body"]
        for env in ("dev", stack("feature/reuse"))
    ]
    assert answers[0] == answers[1]
    packages = served.client("sagemaker").list_model_packages(ModelPackageGroupName="churn-dev-models")
    assert served.in_model("branch", "down", "feature/reuse")["left"] == []
    assert (
        served.client("sagemaker").list_model_packages(ModelPackageGroupName="churn-dev-models")[
            "ModelPackageSummaryList"
        ]
        == packages["ModelPackageSummaryList"]
    )

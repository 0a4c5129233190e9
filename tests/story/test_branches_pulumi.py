"""Stacks of branches on the real Pulumi CLI, with its file backend; skipped where the CLI isn't installed."""

import json
import shutil
import signal
import subprocess
import sys
import time

import pytest
from story.test_branches import git, record, stack

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("pulumi") is None, reason="the Pulumi CLI is not installed"),
]
PULUMI = ["--engine", "pulumi"]


@pytest.fixture(scope="module")
def yard(dev, tmp_path_factory):
    """A model's repository with a remote, on the platform of dev."""
    if not dev.model.exists():
        dev.ok("new", "sklearn", "churn", "--no-input", "--output", str(dev.model.parent))
    remote = tmp_path_factory.mktemp("remote") / "churn.git"
    subprocess.run(["git", "init", "-q", "--bare", str(remote)], check=True)
    for words in (
        ["init", "-q", "-b", "main"],
        ["add", "."],
        ["commit", "-q", "--allow-empty", "-m", "feat: first"],
        ["remote", "add", "origin", str(remote)],
        ["push", "-q", "origin", "main", "main:refs/heads/keep", "main:refs/heads/killed"],
    ):
        git(dev.model, *words)
    return dev


def nothing_of(yard, branch: str) -> bool:
    folder = yard.home / "state" / ".pulumi" / "stacks" / "churn"
    left = [item for item in yard.inventory() if stack(branch) in item[1]]
    states = [it.name for it in folder.glob(f"{stack(branch)}*")] if folder.exists() else []
    return not left and not states and not record(yard, branch).exists()


def test_up_list_down(yard):
    made = yard.in_model("branch", "up", "Feature/X", "--model", "none", *PULUMI)
    assert (made["result"], made["env"]) == ("succeeded", stack("Feature/X"))
    again = yard.in_model("branch", "up", "Feature/X", "--model", "none", *PULUMI)
    assert {op for op, count in again["changes"].items() if count} == {"same"}
    assert [it["branch"] for it in yard.in_model("branch", "list", *PULUMI)] == ["Feature/X"]
    record(yard, "Feature/X").unlink()  # the state alone tells of it now, as on a runner of CI
    (found,) = yard.in_model("branch", "list", *PULUMI)
    assert (found["branch"], found["stack"], found["platform"]) == ("Feature/X", stack("Feature/X"), "dev")
    gone = yard.in_model("branch", "down", "Feature/X", *PULUMI)
    assert (gone["result"], gone["left"]) == ("succeeded", [])
    assert nothing_of(yard, "Feature/X")


def test_the_reaper_breaks_the_lock_of_a_killed_up(yard):
    command = [sys.executable, "-m", "modelyard", "branch", "up", "killed", "--model", "none", *PULUMI]
    process = subprocess.Popen(command, cwd=yard.model, env=yard.environment(), start_new_session=True)
    locks = yard.home / "state" / ".pulumi" / "locks" / "organization" / "churn" / stack("killed")
    end = time.monotonic() + 120
    while not any(locks.glob("*.json")):
        assert time.monotonic() < end
        assert process.poll() is None
        time.sleep(0.01)
    (claim,) = locks.glob("*.json")
    pid = json.loads(claim.read_text())["pid"]
    subprocess.run(["kill", f"-{signal.SIGKILL}", str(pid), str(process.pid)], check=True)
    process.wait()
    yard.in_model("branch", "up", "keep", "--model", "none", *PULUMI)
    git(yard.model, "push", "-q", "origin", ":killed")
    report = yard.in_model("branch", "reap", *PULUMI)
    assert {it["branch"]: it["outcome"] for it in report["stacks"]} == {"killed": "removed", "keep": "alive"}
    (warning,) = report["warnings"]
    assert warning.startswith(f"broke the lock on churn/{stack('killed')} of the Pulumi CLI, ")
    assert f"(process {pid}) since " in warning
    assert nothing_of(yard, "killed")
    assert yard.in_model("branch", "down", "keep", *PULUMI)["left"] == []
    assert nothing_of(yard, "keep")

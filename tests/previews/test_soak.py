"""Many branch stacks at once, with failing calls and killed commands: nothing stays, and nothing else is touched.

`MODELYARD_SOAK=50` says how many; every change runs a few.
"""

import faulthandler
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from previews.crowd import Crowd, everything, put_to_use, state_files
from story.conftest import Story
from typist import Typist

from modelyard.previews.branches import stack_name

pytestmark = pytest.mark.slow
COUNT = int(os.environ.get("MODELYARD_SOAK", "6"))
PROBABILITY = 0.05
OTHERS = ["foundation/dev", "platform/dev", "churn/dev", "risk/dev"]


@pytest.fixture(scope="module")
def yard(tmp_path_factory):
    """A platform, two models' main stacks, and a remote with all branches."""
    made = Story(tmp_path_factory.mktemp("soak"))
    made.json("up", "--env", "dev")
    for name in ("churn", "risk"):
        folder = made.model.with_name(name)
        made.ok("new", "sklearn", name, "--no-input", "--output", str(folder.parent))
        made.json("up", folder=folder)
    remote = made.model.with_name("remote.git")
    subprocess.run(["git", "init", "-q", "--bare", str(remote)], check=True)
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    for words in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "feat: first"]):
        subprocess.run(["git", *identity, *words], cwd=made.model, check=True)
    for words in (["remote", "add", "origin", str(remote)], ["push", "-q", "origin", "main"]):
        subprocess.run(["git", *words], cwd=made.model, check=True)
    path = made.model / "infra" / "environments" / "branch.yaml"
    text = path.read_text().replace("max_stacks: 20", "max_stacks: 999")
    path.write_text(text.replace("max_stacks_per_owner: 5", "max_stacks_per_owner: 999"))
    yield made
    made.type("cloud", "stop")
    shutil.rmtree(made.home, ignore_errors=True)


def push(folder: Path, *refs: str) -> None:
    subprocess.run(["git", "push", "-q", "origin", *refs], cwd=folder, check=True)


def test_nothing_stays_and_nothing_else_is_touched(yard, capsys):
    faulthandler.cancel_dump_traceback_later()  # fifty take longer than a test that hangs is given
    branches = [f"Feature/number_{number}" for number in range(COUNT)]
    bucket = yard.json("outputs")["foundation"]["artifact_bucket"]
    before, states = everything(yard.home), state_files(yard.home, OTHERS)
    crowd = Crowd(Typist(yard.home, yard.model), PROBABILITY)
    push(yard.model, *(f"main:refs/heads/{it}" for it in branches))

    def live(branch: str) -> None:
        crowd.insist("branch", "up", branch, "--model", "none", "--parallel", "4")
        put_to_use(crowd.typist, yard.client, branch, bucket)

    crowd.all(live, branches)
    assert {it["branch"] for it in yard.in_model("branch", "list")} == set(branches)
    yard.client("sagemaker").start_pipeline_execution(PipelineName=f"churn-{stack_name(branches[0])}-pipeline")
    half = branches[: COUNT // 2]
    crowd.all(lambda branch: crowd.insist("branch", "down", branch, "--if-exists"), half)
    push(yard.model, *(f":refs/heads/{it}" for it in branches))
    crowd.all(lambda word: crowd.insist("branch", "reap", word), ["--json", "--json"])
    while yard.in_model("branch", "list"):
        crowd.insist("branch", "reap")

    with capsys.disabled():
        told = f"{COUNT} stacks: {crowd.commands} commands, {crowd.failed} of them failed, {crowd.killed} killed"
        print(f"\n{told}")  # noqa: T201
    assert crowd.killed >= 1
    assert crowd.failed > crowd.killed
    assert everything(yard.home) == before
    assert state_files(yard.home, OTHERS) == states
    root = yard.home / "state" / ".pulumi" / "stacks"
    assert sorted(it.name for it in (root / "churn").iterdir()) == sorted(it.name for it in (root / "risk").iterdir())
    assert list((yard.home / "branches" / "churn").glob("*.json")) == []
    assert [it.name for it in (yard.model / "infra").glob("Pulumi.feature*")] == []
    versions = yard.client("s3").list_object_versions(Bucket=bucket, Prefix="previews/")
    assert (versions.get("Versions", []), versions.get("DeleteMarkers", [])) == ([], [])
    assert yard.client("s3").list_multipart_uploads(Bucket=bucket).get("Uploads", []) == []

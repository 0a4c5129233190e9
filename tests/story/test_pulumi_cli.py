"""The real Pulumi CLI on the same programs, the same provider and the same state; skipped where it isn't installed."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2_grpc

from modelyard.localcloud.provider.servicer import AwsProvider

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("pulumi") is None, reason="the Pulumi CLI is not installed"),
]


@pytest.fixture
def cli(empty, tmp_path) -> Iterator[dict[str, str]]:
    """The environment of a Pulumi CLI that works on the story's state with the local cloud's provider."""
    cloud = empty.json("cloud", "start")
    server = grpc.server(ThreadPoolExecutor(32))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(AwsProvider(cloud["endpoint_url"]), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    (empty.home / "state").mkdir(parents=True, exist_ok=True)
    yield {
        **os.environ,
        **empty.json("cloud", "env"),
        "PULUMI_HOME": str(tmp_path / "pulumi"),
        "PULUMI_BACKEND_URL": f"file://{empty.home}/state",
        "PULUMI_CONFIG_PASSPHRASE": "a passphrase",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DEBUG_PROVIDERS": f"aws:{port}",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }
    server.stop(grace=1).wait()


def pulumi(story, environment: dict[str, str], *words: str, stack: str = "foundation") -> str:
    folder = story.platform / "stacks" / stack
    project = folder / "Pulumi.yaml"  # this copy of the repository has no .venv: the tests' own Python runs the program
    project.write_text(project.read_text().replace("  options:\n    virtualenv: ../../.venv\n", ""))
    done = subprocess.run(
        ["pulumi", *words, "--non-interactive"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_pulumi_up_in_the_stacks_folder_and_the_embedded_engine_takes_over(empty, cli, monkeypatch):
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", cli["PULUMI_CONFIG_PASSPHRASE"])
    pulumi(empty, cli, "stack", "init", "dev")
    assert "+ 100 created" in pulumi(empty, cli, "up", "--yes", "--stack", "dev")
    planned = empty.json("preview", "foundation", "--env", "dev", "--expect-no-changes")
    assert planned["changes"]["same"] == 100
    assert empty.json("destroy", "--env", "dev")["changes"]["delete"] == 100


def test_what_the_embedded_engine_made_the_pulumi_cli_takes_over(empty, cli, monkeypatch):
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", cli["PULUMI_CONFIG_PASSPHRASE"])
    empty.ok("up", "foundation", "--env", "dev")
    assert "100 unchanged" in pulumi(empty, cli, "preview", "--stack", "dev", "--expect-no-changes")
    assert "- 100 deleted" in pulumi(empty, cli, "destroy", "--yes", "--stack", "dev")
    assert [item for item in empty.inventory() if "modelyard-dev" in item[1]] == []


def test_an_environment_is_exported_to_the_pulumi_cli_and_back(empty, cli, monkeypatch, tmp_path):
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", cli["PULUMI_CONFIG_PASSPHRASE"])
    empty.ok("up", "--env", "dev")
    (tmp_path / "elsewhere").mkdir()
    theirs = {**cli, "PULUMI_BACKEND_URL": f"file://{tmp_path}/elsewhere"}
    for stack, count in (("foundation", 100), ("platform", 42)):
        ours = tmp_path / f"{stack}.json"
        empty.ok("state", "export", stack, "--env", "dev", "--file", str(ours))
        pulumi(empty, theirs, "stack", "init", "dev", stack=stack)
        pulumi(empty, theirs, "stack", "import", "--stack", "dev", "--file", str(ours), stack=stack)
        planned = pulumi(empty, theirs, "preview", "--stack", "dev", "--expect-no-changes", stack=stack)
        assert f"{count} unchanged" in planned
    empty.set("owner: ml-platform", "owner: somebody")
    for stack in ("foundation", "platform"):
        pulumi(empty, theirs, "up", "--yes", "--stack", "dev", stack=stack)
        back = tmp_path / f"{stack}-back.json"
        pulumi(empty, theirs, "stack", "export", "--stack", "dev", "--file", str(back), stack=stack)
        empty.ok("state", "import", stack, "--env", "dev", "--file", str(back))
    planned = empty.json("preview", "--env", "dev", "--expect-no-changes")
    assert planned["changes"] == {"create": 0, "update": 0, "replace": 0, "delete": 0, "same": 153}
    assert empty.json("destroy", "--env", "dev")["changes"]["delete"] == 153


def test_up_and_destroy_with_the_engine_pulumi(empty, cli, monkeypatch):
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", cli["PULUMI_CONFIG_PASSPHRASE"])
    made = empty.json("up", "--env", "dev", "--engine", "pulumi", "--target", "local")
    assert made["changes"] == {"create": 153, "update": 0, "replace": 0, "delete": 0, "same": 0}
    again = empty.json("preview", "--env", "dev", "--expect-no-changes")
    assert again["changes"]["same"] == 153
    gone = empty.json("destroy", "--env", "dev", "--engine", "pulumi")
    assert gone["changes"]["delete"] == 153
    assert [item for item in empty.inventory() if "modelyard-dev" in item[1]] == []


def test_the_readmes_commands_for_aws(empty, cli, tmp_path):
    readme = (Path(__file__).resolve().parents[2] / "README.md").read_text()
    block = next(it for it in re.findall(r"```console\n(.*?)```", readme, re.DOTALL) if "pulumi up" in it)
    commands = [line.removeprefix("$ ") for line in block.splitlines()]
    for project in (empty.platform / "stacks").glob("*/Pulumi.yaml"):
        project.write_text(project.read_text().replace("  options:\n    virtualenv: ../../.venv\n", ""))
    script = "set -e\n" + "\n".join(it + (" --yes" if it == "pulumi up" else "") for it in commands)
    (tmp_path / "state").mkdir()
    environment = {**cli, "PULUMI_BACKEND_URL": f"file://{tmp_path}/state"}
    done = subprocess.run(
        ["bash", "-c", script], cwd=empty.platform, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for stack in ("platform", "foundation"):
        subprocess.run(
            ["pulumi", "destroy", "--yes", "--stack", "dev"],
            cwd=empty.platform / "stacks" / stack,
            env=environment,
            capture_output=True,
            check=True,
        )
    assert [item for item in empty.inventory() if "modelyard-dev" in item[1]] == []

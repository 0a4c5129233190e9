"""Every command in the README is run: make's by `.ci/run`, the others here, in order, in one shell.

Those for AWS run where the Pulumi CLI is installed, on the local cloud: `tests/story/test_pulumi_cli.py`.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()
COMMANDS = [
    line.removeprefix("$ ")
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    for line in block.splitlines()
    if line.startswith("$ ")
]
AWS = COMMANDS.index("cd stacks/foundation")
MAKE = [command for command in COMMANDS if command.startswith("make ")]
STORY = [command for command in COMMANDS[:AWS] if command not in MAKE]


def clone(folder: Path) -> Path:
    """Copy the repository as it is, with a link to the environment that the tests run in."""
    copy = folder / "modelyard"
    for name in ("stacks", "templates"):
        shutil.copytree(ROOT / name, copy / name)
    (copy / ".venv" / "bin").mkdir(parents=True)
    (copy / ".venv" / "bin" / "activate").write_text(f'export PATH="{Path(sys.executable).parent}:$PATH"\n')
    return copy


def typed(commands: list[str], folder: Path, environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    script = "set -e\n" + "\n".join(f"echo '$ '{command!r}\n{command}" for command in commands)
    return subprocess.run(
        ["bash", "-c", script], cwd=folder, env=environment, capture_output=True, text=True, timeout=600, check=False
    )


def test_makes_commands_are_those_that_ci_runs():
    ran = (ROOT / ".ci" / "run").read_text()
    assert MAKE == ["make demo", "make test", "make demo-clean"]
    assert [command for command in MAKE if not re.search(rf"^.*make .*{command[5:]}$", ran, re.MULTILINE)] == []


@pytest.mark.slow
def test_the_story_can_be_typed(tmp_path):
    environment = {**os.environ, "MODELYARD_HOME": str(tmp_path / "home"), "COLUMNS": "200"}
    try:
        done = typed(STORY, clone(tmp_path), environment)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "the local cloud is empty" in done.stdout
    finally:
        subprocess.run([sys.executable, "-m", "modelyard", "cloud", "stop"], env=environment, check=False)

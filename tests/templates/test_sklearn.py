"""A repository that was just made passes its own tests and checks, whatever its name's length."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from modelyard.scaffold import bake


def run(folder: Path, *command: str) -> str:
    """Run a Python module in the new repository and return its output."""
    environment = {name: text for name, text in os.environ.items() if not name.startswith(("AWS_", "PYTEST_"))}
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_its_own_tests_pass(tmp_path: Path):
    folder = bake("sklearn", "credit-risk", tmp_path)
    summary = run(folder, "pytest", "-q", "-p", "no:cacheprovider").splitlines()[-1]
    assert re.fullmatch(r"27 passed in .*", summary)


@pytest.mark.parametrize("project", ["qux", "zz-" + "x" * 27])
def test_it_is_clean_and_formatted(tmp_path: Path, project: str):
    folder = bake("sklearn", project, tmp_path)
    assert run(folder, "ruff", "check", "--no-cache", ".") == "All checks passed!\n"
    assert run(folder, "ruff", "format", "--no-cache", "--check", ".").endswith(" already formatted\n")


def test_its_program_only_wires(tmp_path: Path):
    text = (bake("sklearn", "churn", tmp_path) / "infra" / "__main__.py").read_text(encoding="utf-8")
    kinds = {type(node) for node in ast.walk(ast.parse(text))}
    assert len(text.splitlines()) <= 30
    assert kinds & {ast.If, ast.For, ast.While, ast.FunctionDef, ast.Try, ast.With, ast.ListComp} == set()


def test_its_workflow_pins_actions_and_takes_no_names_into_scripts(tmp_path: Path):
    text = (bake("sklearn", "churn", tmp_path) / ".github/workflows/ci.yaml").read_text(encoding="utf-8")
    workflow = yaml.safe_load(text)
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    assert len(steps) == 17
    for step in steps:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", step.get("uses", "a/b@" + "0" * 40))
        assert "${{" not in step.get("run", "")
    assert workflow["permissions"] == {}
    assert {name: job["permissions"] for name, job in workflow["jobs"].items()} == {
        "test": {"contents": "read"},
        "branch-up": {"contents": "read", "id-token": "write"},
        "branch-down": {"contents": "read", "id-token": "write"},
    }

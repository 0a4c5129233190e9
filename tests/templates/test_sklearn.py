"""A repository that was just made: its program only wires, and its workflow is no way in."""

import ast
import re
from pathlib import Path

import yaml
from modelyard.scaffold import bake


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

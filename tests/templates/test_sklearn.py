"""A repository that was just made: its program only wires."""

import ast
from pathlib import Path

from modelyard.scaffold import bake


def test_its_program_only_wires(tmp_path: Path):
    text = (bake("sklearn", "churn", tmp_path) / "infra" / "__main__.py").read_text(encoding="utf-8")
    kinds = {type(node) for node in ast.walk(ast.parse(text))}
    assert len(text.splitlines()) <= 30
    assert kinds & {ast.If, ast.For, ast.While, ast.FunctionDef, ast.Try, ast.With, ast.ListComp} == set()

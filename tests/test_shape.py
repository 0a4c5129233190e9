"""The shape of the code: sizes, places and words that a reviewer would otherwise have to watch."""

import ast
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "platform" / "modelyard"
MODULES = sorted(PACKAGE.rglob("*.py"))
PROGRAMS = sorted([*ROOT.glob("stacks/*/__main__.py"), *ROOT.glob("templates/*/*/infra/__main__.py")])
TOP_LEVEL = {"pyproject.toml", "platform", "stacks", "templates", "tests", "README.md"}
BESIDE = {"Makefile", "requirements.lock", "LICENSE"}
FORBIDDEN_NAMES = {"utils.py", "helpers.py", "common"}


def tracked() -> list[str]:
    found = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.skip("this is no git checkout")
    return found.stdout.splitlines()


def test_top_level_holds_what_was_agreed():
    names = {path.split("/")[0] for path in tracked()}
    assert {name for name in names if not name.startswith(".")} <= TOP_LEVEL | BESIDE


def test_platform_is_no_package():
    assert not (ROOT / "platform" / "__init__.py").exists()


def test_nothing_large_is_tracked():
    assert [path for path in tracked() if (ROOT / path).exists() and (ROOT / path).stat().st_size > 1_000_000] == []


def test_no_module_is_longer_than_400_lines():
    long = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in MODULES}
    assert {path: lines for path, lines in long.items() if lines > 400} == {}


def test_no_function_is_longer_than_50_lines():
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno - node.lineno >= 50
    ]
    assert long == []


def test_no_module_is_called_by_a_word_that_says_nothing():
    assert [path for path in MODULES if FORBIDDEN_NAMES & set(path.parts)] == []


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.parents[0].name)
def test_a_stack_only_wires(program):
    text = program.read_text().replace("{{ cookiecutter.__package }}", "churn")
    forbidden = (ast.If, ast.For, ast.While, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Try)
    assert [type(node).__name__ for node in ast.walk(ast.parse(text)) if isinstance(node, forbidden)] == []
    assert len(text.splitlines()) <= 30


def test_component_constructors_stay_small():
    long = [
        str(path.relative_to(ROOT))
        for path in PACKAGE.glob("components/*/*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and node.name == "__init__" and node.end_lineno - node.lineno >= 40
    ]
    assert long == []

"""Every kind with every CI provider, and each option with each other: clean, typed, tested, and its program plans."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from modelyard.scaffold import bake
from templates import matrix
from typist import ROOT, Typist

KINDS = matrix.one_of_each_kind()
# What a kind's own tests need beyond the extra `model`; they skip what it needs for, and say so.
NEEDED = {
    "sklearn": ("sklearn", "skops"),
    "xgboost": ("xgboost",),
    "forecast": ("statsmodels",),
    "automl": ("sklearn",),
    "tensorflow": ("tensorflow",),
    "recommender": ("tensorflow",),
    "pytorch": ("torch",),
}
# What a repository with a tracker trains with.
TRACKERS = {"comet": "comet_ml", "wandb": "wandb", "mlflow": "mlflow"}


def run(folder: Path, *command: str) -> str:
    """Run a Python module in the new repository and return its output."""
    environment = {name: text for name, text in os.environ.items() if not name.startswith(("AWS_", "PYTEST_"))}
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def made(case: dict[str, str], folder: Path, project: str = "qux") -> Path:
    return bake(case["kind"], project, folder, {name: value for name, value in case.items() if name != "kind"})


def lacking(kind: str) -> list[str]:
    return [name for name in NEEDED[kind] if importlib.util.find_spec(name) is None]


def test_the_cases_are_all_pairs():
    cases, values = matrix.pairwise(), matrix.axes()
    together = set().union(*map(matrix.pairs, cases))
    for one in values:
        for other in values:
            if one < other:
                found = {(a[1], b[1]) for a, b in together if (a[0], b[0]) == (one, other)}
                assert len(found) == len(values[one]) * len(values[other]), (one, other)
    assert {value for case in KINDS for value in case.values()} == {it for axis in values.values() for it in axis}
    assert set(values["kind"]) == set(NEEDED)


@pytest.mark.parametrize("case", matrix.pairwise(), ids=matrix.name)
def test_it_is_clean_and_formatted(tmp_path: Path, case: dict[str, str]):
    folder = made(case, tmp_path)
    assert run(folder, "ruff", "check", "--no-cache", ".") == "All checks passed!\n"
    assert run(folder, "ruff", "format", "--no-cache", "--check", ".").endswith(" already formatted\n")


@pytest.mark.parametrize("kind", matrix.axes()["kind"])
def test_it_is_clean_with_the_longest_name(tmp_path: Path, kind: str):
    folder = made({"kind": kind}, tmp_path, "zz-" + "x" * 27)
    assert run(folder, "ruff", "check", "--no-cache", ".") == "All checks passed!\n"
    assert run(folder, "ruff", "format", "--no-cache", "--check", ".").endswith(" already formatted\n")


@pytest.mark.parametrize("description", ["x" * 120, "🙂 " * 59 + "🙂", "Прогноз – what we know of clients’ ways"])  # noqa: RUF001
def test_it_is_clean_whatever_it_is_for(tmp_path: Path, description: str):
    folder = made({"kind": "sklearn", "description": description, "owner": "o" * 63}, tmp_path)
    assert run(folder, "ruff", "check", "--no-cache", ".") == "All checks passed!\n"
    assert run(folder, "ruff", "format", "--no-cache", "--check", ".").endswith(" already formatted\n")


@pytest.mark.slow
@pytest.mark.parametrize("case", KINDS, ids=matrix.name)
def test_its_types_check(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, case: dict[str, str]):
    folder = made(case, tmp_path)
    cache = tmp_path_factory.getbasetemp() / "mypy"
    assert run(folder, "mypy", "--cache-dir", str(cache)).startswith("Success: no issues found")


def _not_here(case: dict[str, str]) -> dict[str, str]:
    """Return the libraries that a combination's options train with and that aren't installed, by option."""
    needed = {name: TRACKERS[value] for name, value in case.items() if value in TRACKERS}
    return {name: module for name, module in needed.items() if importlib.util.find_spec(module) is None}


@pytest.mark.slow
@pytest.mark.parametrize("case", KINDS, ids=matrix.name)
def test_its_own_tests_pass(tmp_path: Path, case: dict[str, str]):
    missing = _not_here(case)
    folder = made({name: value for name, value in case.items() if name not in missing}, tmp_path)
    told = run(folder, "pytest", "-q", "-p", "no:cacheprovider", "-rs")
    summary = told.splitlines()[-1]
    assert int(summary.split(" passed")[0].split()[-1]) > 15, told
    sys.stdout.write(told)
    if missing:
        options, modules = (", ".join(names) for names in (missing, missing.values()))
        pytest.skip(f"passed, but without the option {options}: {modules} is not installed")


@pytest.mark.slow
def test_its_program_plans(tmp_path: Path):
    """Plan each kind on one platform; nothing but the plan of another kind differs between them."""
    typist = Typist(tmp_path / "home", tmp_path / "platform")
    for name in ("stacks", "templates"):
        shutil.copytree(ROOT / name, typist.folder / name)
    try:
        assert typist.json("up", "--env", "dev")["result"] == "succeeded"
        for number, case in enumerate(KINDS):
            repository = made(case, tmp_path / "models", f"plan-{number}")
            planned = json.dumps(typist.json("preview", folder=repository))
            assert "aws:sagemaker/pipeline:Pipeline" in planned, case
            assert "aws:sagemaker/modelPackageGroup:ModelPackageGroup" in planned, case
    finally:
        typist.type("cloud", "stop")

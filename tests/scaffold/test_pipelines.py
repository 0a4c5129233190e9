"""CI of model repositories: one definition of the stages, four providers, and judges from outside.

Each judge has to find what is wrong in a seeded file: one that finds nothing there says nothing here.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from modelyard.scaffold import bake, providers, templates_folder
from modelyard.scaffold.ci import STAGES, Trigger, rendered
from modelyard.scaffold.ci.writing import providers as modules

TASKS = {
    "check": ["install", "check"],
    "test": ["install", "test", "verify"],
    "plan": ["install", "plan"],
    "branch-up": ["install", "pulumi", "branch-up", "comment"],
    "branch-down": ["install", "pulumi", "branch-down"],
    "reap": ["install", "pulumi", "reap"],
    "staging": ["install", "pulumi", "deploy-staging"],
    "prod": ["install", "pulumi", "deploy-prod"],
}
WITH_TOKEN = {name: (["credentials", *tasks] if "pulumi" in tasks else tasks) for name, tasks in TASKS.items()}


@pytest.fixture(scope="module")
def baked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("baked")
    return {name: bake("sklearn", "churn", folder / name, {"ci": name}) for name in providers()}


@pytest.fixture
def files(baked: dict[str, Path]) -> dict[str, Path]:
    return {name: baked[name] / it.FILE for name, it in modules().items()}


def test_the_templates_are_as_the_definition_has_them():
    folder = templates_folder() / "ci"
    there = {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}
    assert there == rendered(), "type: poe pipelines"


def test_all_providers_are_there():
    assert providers() == ["circleci", "github", "gitlab", "jenkins"]


def test_a_fork_gets_a_plan_and_no_credentials():
    of_forks = [stage for stage in STAGES if Trigger.FORK in stage.on]
    assert [stage.name for stage in of_forks] == ["check", "test", "plan"]
    assert [(stage.environment, stage.comments) for stage in of_forks] == [("", False)] * 3


def test_production_waits_for_staging_and_a_person():
    (prod,) = [stage for stage in STAGES if stage.environment == "prod"]
    assert (prod.after, prod.approval, prod.on) == (("staging",), True, (Trigger.MAIN,))


def github(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(path.read_text())
    return document


def test_github_has_the_stages(files: dict[str, Path]):
    jobs = github(files["github"])["jobs"]
    runs = {name: [it["run"] for it in job["steps"] if "run" in it] for name, job in jobs.items()}
    assert runs == {name: [f"make {task}" for task in tasks] for name, tasks in TASKS.items()}


def test_github_has_least_permissions_and_pinned_actions(files: dict[str, Path]):
    workflow = github(files["github"])
    assert workflow["permissions"] == {}
    plain, cloud = {"contents": "read"}, {"contents": "read", "id-token": "write"}
    assert {name: job["permissions"] for name, job in workflow["jobs"].items()} == {
        "check": plain,
        "test": plain,
        "plan": plain,
        "branch-up": {**cloud, "pull-requests": "write"},
        "branch-down": cloud,
        "reap": cloud,
        "staging": cloud,
        "prod": cloud,
    }
    kept = [name for name, job in workflow["jobs"].items() if job["steps"][0]["with"]["persist-credentials"]]
    assert kept == ["reap"]
    uses = [step["uses"] for job in workflow["jobs"].values() for step in job["steps"] if "uses" in step]
    assert len(uses) == 21
    assert [it for it in uses if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", it)] == []


def test_github_gives_credentials_to_no_fork(files: dict[str, Path]):
    jobs = github(files["github"])["jobs"]
    own = "github.event.pull_request.head.repo.full_name == github.repository"
    told = {name for name, job in jobs.items() if "pull_request" in job["if"] and "id-token" in job["permissions"]}
    assert told == {"branch-up", "branch-down"}
    assert [name for name in told if own not in " ".join(jobs[name]["if"].split())] == []
    assert [name for name, job in jobs.items() if "environment" not in job and "secrets." in json.dumps(job)] == []


def test_github_cancels_nothing_that_works_on_a_stack(files: dict[str, Path]):
    jobs = github(files["github"])["jobs"]
    cancelled = {name for name, job in jobs.items() if job["concurrency"]["cancel-in-progress"]}
    assert cancelled == {"check", "test", "plan"}
    assert jobs["branch-up"]["concurrency"]["group"] == jobs["branch-down"]["concurrency"]["group"]


def test_gitlab_has_the_stages(files: dict[str, Path]):
    document = yaml.safe_load(files["gitlab"].read_text())
    scripts = {name: job["script"] for name, job in document.items() if isinstance(job, dict) and "script" in job}
    assert scripts == {name: [f"make {task}" for task in tasks] for name, tasks in WITH_TOKEN.items()}
    assert {job["image"] for job in (document["default"],)} == {"python:3.12-bookworm"}
    own = "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID"
    for name in ("branch-up", "branch-down"):
        assert own in document[name]["rules"][0]["if"]
    assert document["branch-up"]["environment"]["on_stop"] == "branch-down"
    assert document["branch-down"]["environment"] == {"name": "branch/$CI_MERGE_REQUEST_IID", "action": "stop"}
    assert document["prod"]["rules"][0]["when"] == "manual"


def test_circleci_has_the_stages(files: dict[str, Path]):
    document = yaml.safe_load(files["circleci"].read_text())
    runs = {
        name: [it["run"]["command"] for it in job["steps"] if isinstance(it, dict)]
        for name, job in document["jobs"].items()
    }
    assert runs == {name: [f"make {task}" for task in tasks] for name, tasks in WITH_TOKEN.items()}
    flows = {
        name: [next(iter(it)) if isinstance(it, dict) else it for it in flow["jobs"]]
        for name, flow in document["workflows"].items()
    }
    assert flows == {
        "deployment": ["check", "test", "staging", "approve-prod", "prod"],
        "pull-request": ["check", "test", "plan", "branch-up"],
        "fork": ["check", "test", "plan"],
        "closed": ["branch-down"],
        "nightly": ["reap"],
    }
    assert "context" not in json.dumps(document["workflows"]["fork"])


def test_jenkins_has_the_stages(files: dict[str, Path]):
    text = files["jenkins"].read_text()
    parts = re.split(r"stage\('([\w-]+)'\) \{", text)[1:]
    runs = {name: re.findall(r"sh '(.*)'", body) for name, body in zip(parts[::2], parts[1::2], strict=True)}
    assert runs == {name: [f"make {task}" for task in tasks] for name, tasks in TASKS.items()}
    bodies = dict(zip(parts[::2], parts[1::2], strict=True))
    assert "!env.CHANGE_FORK" in bodies["branch-up"]
    assert "input {" in bodies["prod"]
    assert [name for name, body in bodies.items() if "credentials(" in body] == list(TASKS)[3:]


def run(*command: str, folder: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, **variables}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_every_task_is_there(baked: dict[str, Path]):
    for task in sorted({task for tasks in WITH_TOKEN.values() for task in tasks}):
        done = run("make", "-n", task, folder=baked["github"])
        assert done.returncode == 0, f"{task}: {done.stderr}"


NASTY = [
    "x$(touch owned)",
    "`touch owned`",
    "x;touch owned",
    "x'y",
    'x"y',
    "$(shell touch owned)",
    "-rf",
    "a b",
    "é",
    "${X}",
]


@pytest.fixture
def pretended(baked: dict[str, Path], tmp_path: Path) -> Path:
    """A repository whose modelyard writes its words to a file."""
    folder = tmp_path / "churn"
    shutil.copytree(baked["github"], folder)
    program = folder / ".venv" / "bin" / "modelyard"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!{sys.executable}\nimport json, sys\nprint(json.dumps(sys.argv[1:]))\n")
    program.chmod(0o755)
    return folder


@pytest.mark.parametrize("branch", NASTY)
def test_a_branchs_name_is_one_word_and_nothing_else(pretended: Path, branch: str):
    done = run("make", "-s", "branch-up", folder=pretended, BRANCH=branch, PULL_REQUEST="7")
    assert json.loads(done.stdout.splitlines()[-1]) == [
        "branch",
        "up",
        f"--branch={branch}",
        "--pull-request=7",
        "--comment-file=comment.md",
        "--engine",
        "pulumi",
        "--target",
        "aws",
    ]
    assert not (pretended / "owned").exists()


def test_deploying_checks_first(pretended: Path):
    done = run("make", "-s", "deploy-prod", folder=pretended)
    cloud = ["--engine", "pulumi", "--target", "aws"]
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        ["check", "--env", "prod", *cloud],
        ["up", "--env", "prod", *cloud],
    ]


@pytest.mark.parametrize("variable", ["OIDC_TOKEN", "CIRCLE_OIDC_TOKEN_V2"])
def test_the_token_is_for_its_owner_alone(pretended: Path, variable: str):
    path = pretended / "token"
    done = run(
        "make", "-s", "credentials", folder=pretended, AWS_WEB_IDENTITY_TOKEN_FILE=str(path), **{variable: "a.b"}
    )
    assert (done.returncode, done.stdout, path.read_text(), path.stat().st_mode & 0o777) == (0, "", "a.b", 0o600)


def program(name: str) -> str:
    """Return where a judge is, or skip and say so."""
    found = shutil.which(name, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def zizmor(path: Path) -> "subprocess.CompletedProcess[str]":
    return run(program("zizmor"), "--offline", "--no-progress", "--persona=regular", str(path), folder=path.parent)


def actionlint(path: Path) -> "subprocess.CompletedProcess[str]":
    return run(program("actionlint"), "-no-color", "-shellcheck=", "-pyflakes=", str(path), folder=path.parent)


def schema(name: str) -> Callable[[Path], "subprocess.CompletedProcess[str]"]:
    def judge(path: Path) -> "subprocess.CompletedProcess[str]":
        pytest.importorskip("check_jsonschema")
        return run(sys.executable, "-m", "check_jsonschema", "--builtin-schema", name, str(path), folder=path.parent)

    return judge


def groovy(path: Path) -> "subprocess.CompletedProcess[str]":
    """Parse with the grammar, and fail where it can't go on; declarative pipelines are plain Groovy."""
    grammar, sitter = pytest.importorskip("tree_sitter_groovy"), pytest.importorskip("tree_sitter")
    tree = sitter.Parser(sitter.Language(grammar.language())).parse(path.read_bytes())
    return subprocess.CompletedProcess([], int(tree.root_node.has_error), str(tree.root_node), "")


JUDGES: dict[str, tuple[str, Callable[[Path], Any], str, str, str]] = {
    "zizmor": ("github", zizmor, "  pull_request:", "  pull_request_target:", "dangerous-triggers"),
    "zizmor, injection": ("github", zizmor, "make branch-up", "echo ${{ github.head_ref }}", "template-injection"),
    "zizmor, pins": ("github", zizmor, r"checkout@[0-9a-f]{40} # v4.2.2", "checkout@v4", "unpinned"),
    "actionlint": ("github", actionlint, "github.event_name", "github.event_nam", "event_nam"),
    "github's schema": ("github", schema("vendor.github-workflows"), "runs-on", "runs-of", "validation errors"),
    "gitlab's schema": ("gitlab", schema("vendor.gitlab-ci"), "script:", "scripts:", "validation errors"),
    "circleci's schema": ("circleci", schema("vendor.circle-ci"), "docker:", "doker:", "validation errors"),
    "groovy": ("jenkins", groovy, r"stages \{", "stages ", "ERROR"),
}


@pytest.mark.parametrize("judge", JUDGES.values(), ids=JUDGES.keys())
def test_judges_find_nothing(files: dict[str, Path], judge: tuple[Any, ...]):
    provider, look, *_ = judge
    done = look(files[provider])
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("judge", JUDGES.values(), ids=JUDGES.keys())
def test_judges_find_what_is_wrong(files: dict[str, Path], tmp_path: Path, judge: tuple[Any, ...]):
    provider, look, good, bad, said = judge
    text, count = re.subn(good, lambda _: bad, files[provider].read_text())
    assert count
    path = tmp_path / files[provider].relative_to(files[provider].parents[len(modules()[provider].FILE.split("/")) - 1])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    done = look(path)
    assert done.returncode != 0
    assert said in done.stdout + done.stderr


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
@pytest.mark.parametrize(("versioning", "words"), [("none", []), ("dvc", ["dvc repro prepare", "-- dvc.lock"])])
def test_the_committed_version_of_the_data_is_verified(tmp_path: Path, versioning: str, words: list[str]):
    repository = bake("sklearn", "churn", tmp_path, {"data_versioning": versioning})
    make = ["make", "--no-print-directory", "-n", "verify"]
    told = subprocess.run(make, cwd=repository, capture_output=True, text=True, check=True).stdout
    lines = [line for line in told.splitlines() if line != ":"]
    assert [line.endswith(word) for line, word in zip(lines, words, strict=True)] == [True] * len(words), told

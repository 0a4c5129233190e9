"""Repositories can be followed with `cruft` too, where the templates lie in a git repository."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from modelyard.scaffold import bake, templates_folder
from modelyard.scaffold.cruft import carried
from modelyard.scaffold.updating import update

IDENTITY = ("-c", "user.name=t", "-c", "user.email=t@example.invalid")


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", *IDENTITY, *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def commit(folder: Path) -> str:
    git(folder, "add", "--all")
    git(folder, "commit", "-q", "-m", "change")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    """The templates in a git repository of their own."""
    folder = tmp_path / "yard" / "templates"
    shutil.copytree(templates_folder(), folder, ignore=shutil.ignore_patterns("__pycache__"))
    git(tmp_path / "yard", "init", "-q", "-b", "main")
    commit(tmp_path / "yard")
    return folder


def test_it_names_the_last_commit_that_changed_the_templates(templates: Path, tmp_path: Path):
    changed = git(templates, "rev-parse", "HEAD")
    (templates.parent / "README.md").write_text("more\n")
    commit(templates.parent)
    git(templates, "remote", "add", "origin", "https://user:secret@git.example.org/acme/yard.git")
    state = json.loads((bake("sklearn", "churn", tmp_path, templates=templates) / ".cruft.json").read_text())
    answers = state.pop("context")["cookiecutter"]
    assert state == {
        "template": "https://git.example.org/acme/yard.git",
        "commit": changed,
        "checkout": None,
        "directory": "templates",
        "skip": [".template-base"],
    }
    assert (answers["project"], answers["kind"], answers["tracking"]) == ("churn", "sklearn", "none")


def test_templates_of_a_package_have_none(templates: Path, tmp_path: Path):
    (templates.parent / ".git").rename(tmp_path / "elsewhere")
    assert not (bake("sklearn", "churn", tmp_path, templates=templates) / ".cruft.json").exists()


def test_a_file_that_names_other_templates_stays():
    mine = '{"template": "a", "commit": "1", "context": {}, "skip": ["x"]}'
    assert json.loads(carried(mine, '{"template": "a", "commit": "2", "context": {"b": 1}}')) == {
        "template": "a",
        "commit": "2",
        "context": {"b": 1},
        "skip": ["x"],
    }
    assert carried(mine, '{"template": "b", "commit": "2", "context": {}}') == mine
    assert carried("broken", "{}") == "broken"


def test_an_update_keeps_it_away_where_it_was_deleted(templates: Path, tmp_path: Path):
    repository = bake("sklearn", "churn", tmp_path, templates=templates)
    (repository / ".cruft.json").unlink()
    git(repository, "init", "-q", "-b", "main")
    commit(repository)
    with update(repository, {"owner": "me"}, templates=templates) as found:
        found.apply()
    assert not (repository / ".cruft.json").exists()


@pytest.mark.slow
def test_cruft_itself_follows_the_templates(templates: Path, tmp_path: Path):
    pytest.importorskip("cruft")
    repository = bake("sklearn", "churn", tmp_path, templates=templates)
    (repository / "README.md").write_text("# mine\n" + (repository / "README.md").read_text())
    git(repository, "init", "-q", "-b", "main")
    commit(repository)
    with (templates / "base" / "{{ cookiecutter.project }}" / "README.md").open("a") as stream:
        stream.write("\nFrom the template.\n")
    commit(templates.parent)
    environment = {**os.environ, "HOME": str(tmp_path)}
    for words, code in ((["check"], 1), (["update", "-y"], 0), (["check"], 0)):
        command = [sys.executable, "-m", "cruft", *words]
        assert subprocess.run(command, cwd=repository, env=environment, check=False).returncode == code
    text = (repository / "README.md").read_text()
    assert (text.startswith("# mine\n"), text.endswith("\nFrom the template.\n")) == (True, True)

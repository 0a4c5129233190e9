"""A repository is the same by `bake` and by plain cookiecutter; bad answers leave nothing behind."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

import modelyard
from modelyard.errors import TemplateError, UsageError
from modelyard.scaffold import bake, kinds, providers, templates_folder

ANSWERS = {
    "ci": "github",
    "description": "Prédit les départs & les retours: 100 % de #clients (日本語)",
    "owner": "Team A.B_c+d@example.com",
    "region": "eu-central-1",
    "python_version": "3.13",
}
USUAL = {
    "data_versioning": "none",
    "tracking": "none",
    "feature_store": "none",
    "serving": "realtime",
    "rollout": "all_at_once",
}
NASTY = [
    "{{ 7*7 }}",
    "{{ lipsum.__globals__['os'].popen('touch owned') }}",
    "{% for i in [1] %}x{% endfor %}",
    "{# x #}",
    "a\nb",
    "a\r",
    "a\x00b",
    'a"b',
    "a'b",
    "a\\b",
    "$(id)",
    "`id`",
    "${{secrets.X}}",
    "<b>",
    "prod\u200b",
    "\u202eevil",
    "",
    " x",
    "x" * 121,
]
BAD_PROJECTS = [
    "../evil",
    "a/b/c",
    "/evil",
    "..",
    "Churn",
    "1churn",
    "-churn",
    "churn-",
    "ch",
    "a_b",
    "a b",
    "x" * 33,
    "\u0440rod",
    "churn\n",
]
TAKEN = ["json", "test", "class", "import", "modelyard", "sklearn", "nul", "com1", "lpt9", "tests", "infra", "data"]


def test_the_same_repository_by_plain_cookiecutter(
    tmp_path: Path, listing: Callable[[Path], Any], plain: Callable[..., Any]
):
    baked = bake("sklearn", "credit-risk", tmp_path / "baked", ANSWERS)
    assert baked == tmp_path / "baked" / "credit-risk"
    done = plain(tmp_path / "plain", "project=credit-risk", *(f"{name}={text}" for name, text in ANSWERS.items()))
    assert done.returncode == 0, done.stderr
    (baked / ".cruft.json").unlink()  # cruft writes its own
    assert listing(tmp_path / "plain") == listing(tmp_path / "baked")
    assert {"modelyard.yaml", ".template-base", ".github/workflows/ci.yaml", "infra/Pulumi.yaml"} <= {
        name.removeprefix("credit-risk/") for name in listing(tmp_path / "baked")
    }


def test_plain_cookiecutter_finds_its_hooks_from_a_relative_template(
    tmp_path: Path, listing: Callable[[Path], Any], plain: Callable[..., Any]
):
    folder = tmp_path / "plain"
    shutil.copytree(templates_folder(), tmp_path / "templates")
    done = plain(folder, "--output-dir", "elsewhere", template="../templates")
    assert done.returncode == 0, done.stderr
    baked = bake("sklearn", "churn", tmp_path / "baked")
    (baked / ".cruft.json").unlink()
    assert listing(folder / "elsewhere") == listing(baked.parent)


def test_answers_reach_every_format(tmp_path: Path):
    folder = bake("sklearn", "credit-risk", tmp_path, ANSWERS)
    answers = yaml.safe_load((folder / "modelyard.yaml").read_text(encoding="utf-8"))
    assert answers == {
        "schema": 1,
        "name": "credit-risk",
        "template": {"version": modelyard.__version__, "kind": "sklearn", "ci": "github"},
        "answers": {**{name: text for name, text in ANSWERS.items() if name != "ci"}, **USUAL},
    }
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (project["name"], project["description"]) == ("credit-risk", ANSWERS["description"])
    environment = yaml.safe_load((folder / "infra/environments/prod.yaml").read_text(encoding="utf-8"))
    assert environment == {
        "region": "eu-central-1",
        "platform": "prod",
        "protect": True,
        "owner": ANSWERS["owner"],
        "service": {
            "instance_type": "ml.m5.large",
            "initial_instance_count": 2,
            "serving": {"mode": "realtime"},
            "rollout": {"strategy": "all_at_once"},
            "capture_percent": 100,
        },
    }
    assert (folder / "src/credit_risk/train.py").is_file()
    left = [path for path in folder.rglob("*") if path.is_file() and b"cookiecutter." in path.read_bytes()]
    assert left == []


def test_the_users_own_cookiecutter_settings_change_nothing(tmp_path: Path, listing: Callable[[Path], Any]):
    home = tmp_path / "home"
    home.mkdir()
    (home / ".cookiecutterrc").write_text("default_context: {owner: somebody-else, project: other}\n", encoding="utf-8")
    program = "import sys, pathlib, modelyard.scaffold as s; s.bake('sklearn', 'churn', pathlib.Path(sys.argv[1]))"
    environment = {**os.environ, "HOME": str(home), "COOKIECUTTER_CONFIG": str(home / ".cookiecutterrc")}
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "a")], env=environment, check=True)
    assert listing(tmp_path / "a") == listing(bake("sklearn", "churn", tmp_path / "b").parent)
    assert list(listing(home)) == [".cookiecutterrc"]


def test_importing_scaffold_does_not_import_cookiecutter():
    program = "import sys, modelyard.scaffold; sys.exit(bool({'cookiecutter', 'jinja2'} & set(sys.modules)))"
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize("project", [*BAD_PROJECTS, *TAKEN])
def test_bad_projects_are_refused_with_what_to_type(tmp_path: Path, listing: Callable[[Path], Any], project: str):
    with pytest.raises(TemplateError) as refused:
        bake("sklearn", project, tmp_path / "out")
    assert repr(project) in str(refused.value)
    assert refused.value.hint.startswith("type ")
    assert listing(tmp_path) == {}


@pytest.mark.parametrize("name", ["description", "owner", "region", "python_version", "ci", *USUAL])
@pytest.mark.parametrize("text", NASTY)
def test_nasty_answers_are_refused_before_anything_is_written(
    tmp_path: Path, listing: Callable[[Path], Any], name: str, text: str
):
    with pytest.raises(TemplateError) as refused:
        bake("sklearn", "churn", tmp_path / "out", {name: text})
    assert repr(text) in str(refused.value)
    assert refused.value.hint.startswith(("type ", "use ", "choose one of: "))
    assert listing(tmp_path) == {}


def test_every_bad_answer_is_told_at_once(tmp_path: Path):
    with pytest.raises(TemplateError) as refused:
        bake("nothing", "churn", tmp_path, {"region": "x"})
    assert str(refused.value) == "there is no kind 'nothing'; region 'x' is not valid"
    assert refused.value.hint == f"choose one of: {', '.join(kinds())}; type an AWS region such as us-east-1"


def test_unknown_answers_are_refused(tmp_path: Path, listing: Callable[[Path], Any]):
    for name in ("colour", "__package", "_version"):
        with pytest.raises(TemplateError, match=f"the template asks no {name}"):
            bake("sklearn", "churn", tmp_path, {name: "x"})
    assert listing(tmp_path) == {}


@pytest.mark.parametrize("make", [Path.mkdir, Path.touch, lambda path: path.symlink_to("nowhere")])
def test_what_is_there_is_never_overwritten(tmp_path: Path, make: Callable[[Path], None]):
    make(tmp_path / "churn")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(UsageError, match="is there already"):
        bake("sklearn", "churn", tmp_path)
    assert sorted(tmp_path.iterdir()) == before


def test_plain_cookiecutter_refuses_too_and_leaves_nothing(
    tmp_path: Path, listing: Callable[[Path], Any], plain: Callable[..., Any]
):
    for number, answers in enumerate(
        [("project=../evil",), ("project=a/b/c",), ("project=json",), ("owner=a'b",), ("kind=x",), ("__package=os",)]
    ):
        folder = tmp_path / f"plain{number}"
        done = plain(folder, *answers)
        assert done.returncode == 1
        assert listing(folder) == {}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", *(f"plain{n}" for n in range(6))]


def test_plain_cookiecutter_says_what_to_type(tmp_path: Path, plain: Callable[..., Any]):
    done = plain(tmp_path / "kind", "kind=x")
    assert f"there is no kind 'x'; choose one of: {', '.join(kinds())}" in done.stderr
    done = plain(tmp_path / "project", "project=json")
    what = "project 'json': its package json would hide another of that name"
    assert done.stderr == f"{what}; type json-model instead\n"


def test_a_deleted_working_directory_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    gone, output = tmp_path / "gone", tmp_path / "output"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(UsageError, match="the folder that you are in has been deleted") as raised:
        bake("sklearn", "churn", output)
    assert (raised.value.hint, output.exists()) == ("cd to a folder that is there", False)


def test_a_new_kind_is_one_new_folder(tmp_path: Path):
    templates = tmp_path / "templates"
    shutil.copytree(templates_folder(), templates)
    overlay = templates / "models" / "other" / "{{ cookiecutter.project }}"
    overlay.mkdir(parents=True)
    (overlay / "{{ cookiecutter.__package }}.txt").write_text("{{ cookiecutter.owner }}\n", encoding="utf-8")
    assert set(kinds(templates)) == {*kinds(), "other"}
    folder = bake("other", "churn-rate", tmp_path, templates=templates)
    assert (folder / "churn_rate.txt").read_text(encoding="utf-8") == "data-science\n"
    assert (folder / "infra" / "Pulumi.yaml").is_file()


def test_a_broken_template_leaves_nothing(tmp_path: Path, listing: Callable[[Path], Any]):
    templates = tmp_path / "templates"
    shutil.copytree(templates_folder(), templates)
    broken = templates / "base" / "{{ cookiecutter.project }}" / "broken.txt"
    broken.write_text("{{ cookiecutter.nothing }}", encoding="utf-8")
    with pytest.raises(TemplateError, match="'nothing'"):
        bake("sklearn", "churn", tmp_path / "out", templates=templates)
    assert listing(tmp_path / "out") == {}


def held(overlay: Path) -> set[str]:
    """Return what an overlay holds."""
    root = overlay / "{{ cookiecutter.project }}"
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


def test_overlays_replace_files_of_the_base_alone():
    templates = templates_folder()
    layers = [
        [templates],
        *([it for it in folder.iterdir() if it.is_dir()] for folder in sorted((templates / "options").glob("*"))),
        [templates / "models" / kind for kind in kinds()],
        [templates / "ci" / provider for provider in providers()],
    ]
    files = [set().union(*map(held, layer)) for layer in layers]
    assert [one & other for place, one in enumerate(files) for other in files[:place] if one & other] == []
    assert held(templates) & held(templates / "base") == set()


def test_what_there_is():
    assert "sklearn" in kinds()
    assert "github" in providers()
    asked = json.loads((templates_folder() / "cookiecutter.json").read_text(encoding="utf-8"))
    assert asked["_version"] == modelyard.__version__

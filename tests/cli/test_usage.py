"""Wrong usage: exit code 2, one clear error that ends with what to type next."""

import json
import os
import re
import shutil
import subprocess
import sys

import pytest

DEV = "stacks/environments/dev.yaml"


@pytest.fixture
def platform(yard, tmp_path):
    """A platform's repository to spoil."""
    for name in ("stacks", "templates"):
        shutil.copytree(yard.folder / name, tmp_path / "platform" / name)
    yard.folder = tmp_path / "platform"
    return yard


VERBS = ["", "up", "preview", "destroy", "cloud", "branch", "pipeline run", "model approve", "endpoint invoke", "new"]


@pytest.mark.parametrize("verb", VERBS)
def test_help(yard, verb):
    assert yard.ok(*verb.split(), "--help").startswith("Usage: modelyard")


@pytest.mark.parametrize("heavy", ["pulumi", "boto3", "moto", "pydantic", "rich", "cookiecutter"])
def test_help_imports_nothing_heavy(heavy):
    code = f"import sys; import modelyard.cli.app as a; a.run(['--help']); sys.exit({heavy!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0


def test_version(yard):
    assert re.fullmatch(r"modelyard \d+\.\d+\.\d+\n", yard.ok("--version"))


def test_unknown_command(yard):
    assert yard.refused(2, "frobnicate") == "error: No such command 'frobnicate'\n  -> modelyard --help\n"


def test_unknown_environment(platform):
    said = platform.refused(2, "preview", "--env", "dve")
    assert "there is no environment 'dve'" in said
    assert said.endswith("-> type --env dev\n")


def test_unknown_stack(platform):
    assert platform.refused(2, "up", "plaform").endswith("-> there is: foundation, platform\n")


SPOILED = {
    "an unknown key": ("zones: 2", "zonse: 2", "network.zonse is not a setting", "did you mean zones?"),
    "a wrong type": ("zones: 2", "zones: many", "network.zones: input should be 2 or 3, not 'many'", "mend the file"),
    "out of range": ("alert_percent: 80", "alert_percent: 800", "cost.alert_percent", "mend the file"),
    "no range": ("10.20.0.0/16", "10.20.0.0/99", "network.cidr", "mend the file"),
    "no YAML": ("network:", "network: [", "line", "mend that line"),
}


@pytest.mark.parametrize("how", SPOILED)
def test_a_settings_file_that_is_not_valid(platform, how):
    old, new, problem, hint = SPOILED[how]
    path = platform.folder / DEV
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    said = platform.refused(2, "up", "--env", "dev")
    assert "dev.yaml" in said
    assert problem in said
    assert hint in said.splitlines()[-1]
    assert not (platform.home / "state").exists()


def test_a_settings_file_that_is_no_text(platform):
    (platform.folder / DEV).write_bytes(b"\xff\xfe\x00name")
    assert "is not UTF-8" in platform.refused(2, "preview")


def test_outside_of_any_project(yard, tmp_path):
    said = yard.refused(2, "up", folder=tmp_path)
    assert said.endswith("-> cd to one, or make a model repository: modelyard new sklearn churn\n")


def test_a_verb_for_models_in_the_platform(yard):
    assert yard.refused(2, "pipeline", "run").endswith("-> modelyard new sklearn churn && cd churn\n")


def test_unknown_template(yard, tmp_path):
    said = yard.refused(2, "new", "sklaern", "churn", "--no-input", "--output", str(tmp_path))
    assert "there is no kind 'sklaern'" in said
    assert "sklearn" in said.splitlines()[-1]


@pytest.mark.parametrize("name", ["../evil", "Churn", "a b", "json", "-x", "{{7*7}}", "x" * 200, "é"])
def test_invalid_project_name(yard, tmp_path, name):
    assert "->" in yard.refused(2, "new", "--no-input", "--output", str(tmp_path / "out"), "--", "sklearn", name)
    assert not (tmp_path / "out").exists()


def test_no_local_cloud(yard):
    for words in (["preview"], ["inventory"], ["cloud", "env"], ["cloud", "status"], ["refresh"]):
        assert yard.refused(1, *words) == "error: the local cloud is not running\n  -> modelyard cloud start\n"


def test_a_protected_environment_has_to_be_named(platform):
    said = platform.refused(2, "destroy", "--env", "prod")
    assert said.endswith("-> modelyard destroy --env prod --yes-really prod\n")
    assert "names 'dev'" in platform.refused(2, "destroy", "--env", "prod", "--yes-really", "dev")


def test_a_damaged_state_is_refused_with_the_backup_named(platform):
    path = platform.home / "state" / ".pulumi" / "stacks" / "foundation" / "dev.json"
    path.parent.mkdir(parents=True)
    path.write_text('{"version": 3, "checkpoint": {"lat')
    path.with_name("dev.json.bak").write_text("{}")
    said = platform.refused(1, "destroy", "foundation", "--env", "dev")
    assert f"{path} is damaged" in said
    assert said.splitlines()[-1].startswith("  -> restore the backup: cp '")


@pytest.mark.parametrize("words", [["preview", "--env", "nope"], ["inventory"], ["outputs"], ["cloud", "frobnicate"]])
def test_a_failure_is_one_json_document_too(yard, words):
    done = yard.type(*words, "--json")
    document = json.loads(done.stdout)
    assert done.returncode != 0
    assert (document.keys(), document["result"]) == ({"result", "error", "hint"}, "failed")
    assert f"error: {document['error']}" in done.stderr


@pytest.mark.parametrize("name", ["", "../../etc", "A b", "sub/x", "DEV", "x" * 120])
def test_a_name_that_no_environment_can_have(yard, name):
    assert "is no name of an environment" in yard.refused(2, "preview", "--env", name)


@pytest.mark.parametrize("words", ["new sklearn churn --no-input", "check", "up"])
def test_a_folder_that_is_gone(tmp_path, words):
    environment = {name: text for name, text in os.environ.items() if name != "MODELYARD_HOME"}
    script = f'mkdir "$0" && cd "$0" && rmdir "$0" && exec "{sys.executable}" -m modelyard {words}'
    command = ["sh", "-c", script, str(tmp_path / "gone")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    said = "error: the folder that you are in has been deleted\n  -> cd to a folder that is there\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said)


def test_a_home_that_can_not_be_made(yard, tmp_path):
    (tmp_path / "file").write_text("")
    yard.home = tmp_path / "file" / "home"
    assert "  -> " in yard.refused(1, "cloud", "start")


def test_an_empty_branch_is_not_the_one_that_is_checked_out(yard, tmp_path):
    yard.ok("new", "sklearn", "churn", "--no-input", "--output", str(tmp_path))
    for verb in ("up", "down"):
        assert "is no name of a git branch" in yard.refused(2, "branch", verb, "", folder=tmp_path / "churn")
    assert "named twice" in yard.refused(2, "branch", "down", "a", "--branch", "b", folder=tmp_path / "churn")

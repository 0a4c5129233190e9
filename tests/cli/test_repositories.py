"""Model repositories on the command line: made, checked against a platform, brought up to newer templates."""

import json
import os
import pty
import select
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from typist import Typist

from modelyard.cli.alone import assumed
from modelyard.outputs import SCHEMA_KEY, PlatformOutputs

pytestmark = pytest.mark.slow


@pytest.fixture
def repository(yard: Typist, tmp_path: Path) -> Path:
    yard.ok("new", "sklearn", "churn", "--no-input", "--output", str(tmp_path))
    return tmp_path / "churn"


def commit(folder: Path, *first: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.invalid"]
    for words in (list(first), ["add", "--all"], ["commit", "-q", "-m", "change"]):
        if words:
            subprocess.run(["git", *identity, *words], cwd=folder, check=True)


def deployed(yard: Typist, tmp_path: Path, outputs: dict[str, Any]) -> None:
    """Let the platform's state say that it exports this."""
    urn = "urn:pulumi:dev::platform::pulumi:pulumi:Stack::platform-dev"
    stack = {"urn": urn, "custom": False, "type": "pulumi:pulumi:Stack", "outputs": outputs}
    state = {"version": 3, "deployment": {"manifest": {}, "resources": [stack]}}
    (tmp_path / "state.json").write_text(json.dumps(state))
    yard.ok("state", "import", "platform", "--env", "dev", "--file", str(tmp_path / "state.json"))


def test_a_file_answers_and_options_count_before_it(yard: Typist, tmp_path: Path):
    (tmp_path / "answers.yaml").write_text("kind: sklearn\nproject: churn\nowner: file\nci: gitlab\n")
    words = ("--answers", str(tmp_path / "answers.yaml"), "--set", "owner=me", "--no-input", "--output", str(tmp_path))
    made = yard.json("new", *words)
    assert made == {"path": str(tmp_path / "churn"), "kind": "sklearn", "project": "churn"}
    text = (tmp_path / "churn" / "modelyard.yaml").read_text()
    assert ('  ci: "gitlab"\n' in text, '  owner: "me"\n' in text) == (True, True)
    assert (tmp_path / "churn" / ".gitlab-ci.yml").is_file()


def test_what_is_missing_is_asked_for(yard: Typist, tmp_path: Path):
    words = ("--output", str(tmp_path / "out"))
    assert "there is no terminal to ask on" in yard.refused(2, "new", *words)
    assert "the kind is not answered" in yard.refused(2, "new", "--no-input", *words)
    assert "the project is not answered" in yard.refused(2, "new", "sklearn", "--no-input", *words)
    assert "owner '{{ 7*7 }}' is not valid" in yard.refused(
        2, "new", "sklearn", "churn", "--no-input", "--set", "owner={{ 7*7 }}", *words
    )
    assert not (tmp_path / "out").exists()


def test_it_asks_on_a_terminal(yard: Typist, tmp_path: Path):
    command = [sys.executable, "-m", "modelyard", "new", "sklearn", "churn", "--output", str(tmp_path)]
    answers = [f"--set={it}" for it in ("ci=github", "region=us-east-1", "description=x", "python_version=3.12")]
    main, other = pty.openpty()
    environment = {**yard.environment(), "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"}
    process = subprocess.Popen([*command, *answers], stdin=other, stdout=other, stderr=other, env=environment)
    os.close(other)
    seen, typed = "", {"answers for it": "\x15data team\r"}
    while process.poll() is None or select.select([main], [], [], 0)[0]:
        if select.select([main], [], [], 0.2)[0]:
            try:
                seen += os.read(main, 4096).decode(errors="replace")
            except OSError:
                break
        asked = [it for it in typed if it in seen]
        if asked:
            os.write(main, typed.pop(asked[0]).encode())
        elif not typed and process.poll() is None:
            os.write(main, b"\r")
    os.close(main)
    assert process.wait() == 0, seen
    assert '  owner: "data team"\n' in (tmp_path / "churn" / "modelyard.yaml").read_text()


def test_a_repository_fits_its_platform(yard: Typist, repository: Path, tmp_path: Path):
    deployed(yard, tmp_path, {**assumed("dev", "us-east-1")})
    found = yard.json("check", folder=repository)
    assert found["fits"] is True
    assert [(it["what"], it["fits"], it["detail"]) for it in found["findings"]] == [
        ("answers", True, "churn, of the kind sklearn"),
        ("templates", True, "follows 0.1.0"),
        ("settings", True, "branch, dev, prod, staging"),
        ("platform", True, "platform/dev, outputs of schema 1"),
    ]


def test_a_newer_platform_is_refused_by_check_and_before_an_up_makes_anything(
    yard: Typist, repository: Path, tmp_path: Path
):
    deployed(yard, tmp_path, {**assumed("dev", "us-east-1"), SCHEMA_KEY: 99})
    reason = "platform/dev has outputs of schema 99, and this modelyard reads up to 1"
    hint = "-> pip install --upgrade modelyard, then modelyard update"
    commit(repository, "init", "-q", "-b", "main")
    for words in (("check",), ("up",), ("branch", "up", "feature/x")):
        said = yard.refused(1, *words, folder=repository)
        assert reason in said
        assert hint in said
    assert not (yard.home / "state" / ".pulumi" / "stacks" / "churn").exists()
    assert yard.json("branch", "list", folder=repository) == []


def test_an_older_platform_and_one_that_is_not_there_are_refused(yard: Typist, repository: Path, tmp_path: Path):
    assert "the stack platform/dev has not been deployed" in yard.refused(1, "check", folder=repository)
    assert "the stack platform/dev has not been deployed" in yard.refused(1, "up", folder=repository)
    name = fields(PlatformOutputs)[0].name
    deployed(yard, tmp_path, {key: value for key, value in assumed("dev", "us-east-1").items() if key != name})
    assert f"platform/dev has no output {name}" in yard.refused(1, "up", folder=repository)


def test_a_repository_of_newer_templates_does_not_fit(yard: Typist, repository: Path):
    path = repository / "modelyard.yaml"
    path.write_text(path.read_text().replace('version: "0.1.0"', 'version: "9.0.0"'))
    said = yard.refused(1, "check", folder=repository)
    assert "the repository follows templates 9.0.0, and these are 0.1.0" in said


def test_an_update_is_shown_then_done(yard: Typist, repository: Path):
    commit(repository, "init", "-q", "-b", "main")
    assert yard.ok("update", folder=repository) == "up to date with templates 0.1.0\n"
    shown = yard.ok("update", "--dry-run", "--set", "owner=me", folder=repository)
    assert '-  owner: "data-science"\n+  owner: "me"\n' in shown
    assert subprocess.check_output(["git", "status", "--porcelain"], cwd=repository) == b""
    done = yard.ok("update", "--set", "owner=me", folder=repository)
    assert "merged: templates 0.1.0 to 0.1.0" in done
    assert b"M  modelyard.yaml\n" in subprocess.check_output(["git", "status", "--porcelain"], cwd=repository)
    said = yard.refused(2, "update", folder=repository)
    assert "changes are not committed" in said


def test_conflicts_end_an_update_with_1_and_what_to_do(yard: Typist, repository: Path):
    path = repository / "infra" / "environments" / "dev.yaml"
    path.write_text(path.read_text().replace('owner: "data-science"', 'owner: "mine"'))
    commit(repository, "init", "-q", "-b", "main")
    done = yard.type("update", "--set", "owner=me", "--json", folder=repository)
    document = json.loads(done.stdout)
    assert (done.returncode, document["conflicts"]) == (1, ["infra/environments/dev.yaml"])
    assert "CONFLICT (content): Merge conflict in infra/environments/dev.yaml" in done.stderr
    assert "git reset --hard undoes the whole update" in done.stderr
    text = path.read_text()
    assert '<<<<<<< yours\nowner: "mine"\n=======\nowner: "me"\n>>>>>>> template-0.1.0\n' in text

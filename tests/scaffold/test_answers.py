"""Answers from files, options and people: nasty ones are refused before anything is written."""

import string
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from modelyard.cli.asking import ask
from modelyard.components.model_service.pairs import REFUSED
from modelyard.errors import TemplateError, UsageError
from modelyard.scaffold import answers as given_answers
from modelyard.scaffold import bake, check, kinds, questions, templates_folder
from modelyard.scaffold.templates import rules
from modelyard.settings import files
from modelyard.settings.model import ModelSettings

# Names of branches, legal ones and those to refuse: none of them is a project's.
BRANCHES = [
    *("feature/x", "feature_x", "Feature/X", "feature.x", "a" * 250, "a" * 63 + "1", "refs/heads/main", "prod\u200b"),
    *("\u0440rod", "123", "1e5", "0x10", "é", "e\u0301", "日本語", "🚀", "İstanbul", "ﬁx", "_", "x$(id)", "x`id`"),
    *("x;rm", "x|y", "x'y", 'x"y', "${{secrets.X}}", "%2e%2e", "con", "xn--80ak6aa92e", "aws-x", "sthree-x", "a+b"),
    *("a=b", "a,b", "<b>", "\u202eevil", "dependabot/npm_and_yarn/web/lodash-4.17.21", "-rf", "--help", "..", "HEAD"),
    *(
        "../../etc",
        "a@{1}",
        "a b",
        "a:b",
        "a*b",
        "a\\b",
        "a.lock",
        "a/",
        "/a",
        "feature//x",
        "{{7*7}}",
        "a\nb",
        "a\0b",
        "",
    ),
]
RESERVED = ["aws-model", "amazon-churn", "amzn-s3-demo-churn", "sthree-churn", "xn--churn", "con", "prn", "lpt1"]


@pytest.mark.parametrize("project", [*BRANCHES, *RESERVED])
def test_names_that_are_no_projects_are_refused(tmp_path: Path, listing: Callable[[Path], Any], project: str):
    with pytest.raises(TemplateError) as refused:
        bake("sklearn", project, tmp_path / "out")
    assert refused.value.hint
    assert listing(tmp_path) == {}


@pytest.mark.parametrize("project", ["churn", "feature-x", "null", "true", "x-1", "a" + "b" * 28 + "c", "prod", "main"])
def test_plain_names_are_taken(project: str):
    check({"kind": "sklearn", "project": project})


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=210), st.sampled_from(["project", "kind", "ci", "owner", "region", "tracking", "description"]))
def test_any_text_is_plain_or_refused(text: str, name: str):
    found = rules(templates_folder()).problems({name: text}, templates_folder())
    if not found:
        assert text.isprintable()
        assert text == text.strip()
        assert not set("'\"`\\{}<>$\n") & set(text)
        assert len(text) <= 120
        if name != "description":
            assert set(text) <= set(string.ascii_letters + string.digits + " ._@+-")
            assert ".." not in text or name == "owner"
    assert all(hint for _, hint in found)


@settings(max_examples=200, deadline=None)
@given(st.from_regex(r"[a-z][a-z0-9-]{1,28}[a-z0-9]", fullmatch=True))
def test_every_valid_project_is_a_package_of_its_own(project: str):
    known = rules(templates_folder())
    if not known.problems({"project": project}, templates_folder()):
        package = known.package_name(project)
        assert package.isidentifier()
        assert known.package_name(project).replace("_", "-") == project


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "answers.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_a_file_of_answers(tmp_path: Path):
    path = written(tmp_path, 'kind: sklearn\nowner: "data team"\npython_version: "3.13"\n')
    assert given_answers.read(path) == {"kind": "sklearn", "owner": "data team", "python_version": "3.13"}
    json = written(tmp_path, '{"owner": "x"}')
    assert given_answers.read(json) == {"owner": "x"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no answers"),
        ("- a\n", "holds no answers"),
        ("just text", "holds no answers"),
        ("python_version: 3.12\n", "'python_version' is answered by 3.12, no text"),
        ("owner: null\n", "'owner' is answered by None, no text"),
        ("project: true\n", "'project' is answered by True, no text"),
        ("1: a\n", "1 is answered by 'a', no text"),
        ("owner: [a]\n", "no text"),
        ("owner: {a: b}\n", "no text"),
        ("owner: a\nowner: b\n", "it has owner twice"),
        ("a: &x [1]\nb: *x\n", "it has an alias"),
        ("owner: !!python/object/apply:os.system ['touch owned']\n", "not valid YAML"),
        ("owner: 'a\n", "not valid YAML"),
        ("a: " + "[" * 5000, "not valid YAML"),
        (b"\xff\xfe\xfa", "not valid YAML"),
        ("#" * 70_000, "larger than 64 KiB"),
    ],
)
def test_a_file_that_holds_no_answers_is_refused(tmp_path: Path, text: str | bytes, said: str):
    with pytest.raises(TemplateError) as refused:
        given_answers.read(written(tmp_path, text))
    assert said in str(refused.value)
    assert refused.value.hint


def test_a_file_that_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(UsageError, match="No such file"):
        given_answers.read(tmp_path / "nothing.yaml")


def test_what_counts_before_what(tmp_path: Path):
    path = written(tmp_path, "owner: file\nregion: eu-west-1\nproject: file\n")
    found = given_answers.together(path, given_answers.pairs(["owner=set"]), {"project": "word"})
    assert found == {"owner": "set", "region": "eu-west-1", "project": "word"}


def test_what_is_answered_twice_is_refused():
    with pytest.raises(UsageError, match="--set answers owner twice"):
        given_answers.pairs(["owner=a", "owner=b"])
    with pytest.raises(UsageError, match="the kind is answered twice: 'sklearn' and --set kind=xgboost"):
        given_answers.together(None, {"kind": "xgboost"}, {"kind": "sklearn"})


def asked(keys: str, known: dict[str, str]) -> dict[str, str]:
    with create_pipe_input() as pipe:
        pipe.send_text(keys)
        return ask(questions, check, known, read=pipe, write=DummyOutput())


ALL = {
    **dict.fromkeys(("data_versioning", "tracking", "feature_store"), "none"),
    "project": "churn",
    "kind": "sklearn",
    "ci": "github",
    "serving": "realtime",
    "rollout": "all_at_once",
    "description": "x",
    "owner": "me",
    "region": "us-east-1",
    "python_version": "3.12",
}
DOWN, CLEAR = "\x1b[B", "\x15"


def test_only_what_is_not_answered_is_asked():
    assert asked("", ALL) == ALL


def test_a_default_is_taken_by_enter_and_a_text_by_typing_it():
    known = {name: text for name, text in ALL.items() if name not in ("owner", "region")}
    assert asked(f"{CLEAR}data team\r\r", known) == {**known, "owner": "data team", "region": "us-east-1"}


def test_a_choice_is_chosen():
    known = {name: text for name, text in ALL.items() if name != "rollout"}
    assert asked(f"{DOWN}\r", known)["rollout"] == "canary"


def test_what_is_not_valid_is_not_taken():
    known = {name: text for name, text in ALL.items() if name != "project"}
    assert asked(f"{CLEAR}../evil\r{CLEAR}churn-rate\r", known)["project"] == "churn-rate"


def test_what_is_offered_depends_on_the_kind():
    for kind in kinds():
        offered = {it.name: it.default for it in questions({"kind": kind})}
        usual = rules(templates_folder()).usual(templates_folder(), kind)
        assert {name: offered[name] for name in usual} == usual
        check({**offered, "kind": kind, "project": "churn"})


def test_ctrl_c_stops_it():
    with pytest.raises(KeyboardInterrupt):
        asked("\x03", {})


@pytest.mark.slow
@pytest.mark.parametrize("serving", rules(templates_folder()).SERVING)
def test_serving_and_rollout_are_refused_where_the_settings_refuse_them(tmp_path: Path, serving: str):
    for rollout in rules(templates_folder()).ROLLOUTS:
        if (serving, rollout) in REFUSED:
            with pytest.raises(TemplateError) as refused:
                bake("sklearn", "churn", tmp_path / rollout, {"serving": serving, "rollout": rollout})
            assert str(refused.value).startswith(f"rollout {rollout} does not go with serving {serving}: ")
            assert not (tmp_path / rollout).exists()
        else:
            made = bake("sklearn", "churn", tmp_path / rollout, {"serving": serving, "rollout": rollout})
            for path in sorted((made / "infra" / "environments").glob("*.yaml")):
                files.load(ModelSettings, path)

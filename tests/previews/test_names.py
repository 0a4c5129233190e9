"""Names of branches and what becomes of them: any that git takes is legal everywhere, and no two become one."""

import re
import subprocess

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from previews.names import ILLEGAL, LEGAL, branches, physical, rules

from modelyard.naming import NONE, Scope, branch_tag
from modelyard.previews.branches import check_branch, refusal, shown, stack_name
from modelyard.previews.comment import Report, markdown
from modelyard.previews.records import BranchStack

_TAG = re.compile(r"[\w\s.:/=+\-@]{1,256}")


def test_the_list_is_taken_and_gives_other_names_each():
    assert [it for it in LEGAL if check_branch(it) != it] == []
    assert len({stack_name(it) for it in LEGAL}) == len(LEGAL)
    assert len({branch_tag(it) for it in LEGAL}) == len(LEGAL)
    assert NONE not in {branch_tag(it) for it in LEGAL}


@pytest.mark.parametrize("branch", ILLEGAL, ids=ascii)
def test_what_git_refuses_is_refused(branch):
    with pytest.raises(Exception, match="is no name of a git branch"):
        check_branch(branch)


def test_names_can_be_read():
    heads = {
        it: stack_name(it).rpartition("-")[0] for it in ("feature/x", "Feature_X", "İstanbul", "\ufb01x", "1e5", "🚀")
    }
    assert heads == {
        "feature/x": "feature-x",
        "Feature_X": "feature-x",
        "İstanbul": "istanbul",
        "\ufb01x": "fix",
        "1e5": "b-1e5",
        "🚀": "b",
    }


def test_names_stay():
    assert stack_name("feature/x") == "feature-x-ef6sx5i7c3"


@pytest.mark.parametrize("count", [1_000, pytest.param(10_000, marks=pytest.mark.slow)])
def test_generated_names_and_the_list(count):
    """One run over all of them: hypothesis alone would never compare one with another."""
    seen: dict[str, str] = {}
    tags: dict[str, str] = {}
    short: dict[str, str] = {}

    def look(branch: str) -> None:
        stack = stack_name(branch)
        assert seen.setdefault(stack, branch) == branch
        assert re.fullmatch(r"[a-z][a-z0-9-]{0,22}", stack)
        assert "--" not in stack
        tag = branch_tag(branch)
        assert tags.setdefault(tag, branch) == branch
        assert _TAG.fullmatch(tag)
        tuning = Scope(owner="a" * 30, environment=stack, region="us-east-1", preview=True).name("tuning", limit=32)
        assert short.setdefault(tuning, branch) == branch

    @settings(max_examples=count, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(branches())
    def generated(branch: str) -> None:
        look(branch)

    for branch in LEGAL:
        look(branch)
    generated()
    assert len(seen) > count / 2


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.sampled_from(LEGAL), branches()))
def test_every_service_takes_the_names_of_a_stacks_resources(branch):
    wrong = [f"{rule.what}: {name}" for rule, name in physical(stack_name(branch)) if not rule.takes(name)]
    assert wrong == []


def test_the_rules_can_refuse():
    by_kind = {rule.what: rule for rule in rules()}
    assert not by_kind["s3 bucket"].takes("192.168.1.1")
    assert not by_kind["s3 bucket"].takes("A-upper")
    assert [kind for kind, rule in by_kind.items() if rule.takes("a" * 513)] == []
    assert not by_kind["sagemaker EndpointName"].takes("a_b")
    assert not by_kind["sagemaker HyperParameterTuningJobName"].takes("a" * 33)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(st.one_of(st.sampled_from(LEGAL), st.text("ab/.-@{}~^:?*[\\ é日", min_size=1, max_size=12)))
def test_git_agrees(branch):
    assume(branch != "@")  # git takes it for another word for HEAD wherever a branch is meant
    done = subprocess.run(["git", "check-ref-format", "--branch", branch], capture_output=True, check=False)
    assert (done.returncode == 0) == (refusal(branch) == "")


@given(st.one_of(st.sampled_from(LEGAL), branches()))
def test_a_comment_shows_names_and_reads_nothing_into_them(branch):
    stack = BranchStack(
        project="churn",
        branch=branch,
        stack=stack_name(branch),
        platform="dev",
        region="us-east-1",
        created="2030-01-01T00:00:00+00:00",
        owner=branch,
        expires="2030-01-15",
    )
    text = markdown(Report(stack=stack, outcome="succeeded"))
    plain = re.sub(r"</?code>|^<!--.*-->", "", text)
    assert not re.search(r"[<>`$]\w|<|\u202e", plain)
    assert shown(branch).isprintable()
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in table} == {3}

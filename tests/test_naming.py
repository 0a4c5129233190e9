"""Physical names: within limits, stable, and no two texts have one."""

import re
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelyard.naming import Scope, digest, label, physical_name, tag_value
from modelyard.previews.branches import check_branch, stack_name

# fmt: off
LEGAL = [
    "feature/x", "feature-x", "feature_x", "Feature/X", "feature.x", "a" * 250, "a" * 63 + "1", "a" * 63 + "2",
    "feat/" + "x" * 60 + "/a", "feat/" + "x" * 60 + "/b", "main", "refs/heads/main", "prod\u200b", "\u0440rod", "123",
    "1e5", "0x10", "null", "true", "\u00e9", "e\u0301", "日本語", "🚀", "İstanbul", "\ufb01x", "_", "x$(id)", "x`id`",
    "x;rm", "x|y", "x'y", 'x"y', "%2e%2e", "con", "xn--80ak6aa92e", "aws-x", "sthree-x", "a+b", "a=b", "a,b", "<b>",
    "\u202eevil", "dependabot/npm_and_yarn/web/lodash-4.17.21", "gh-readonly-queue/main/pr-1-abc", "prod",
]
ILLEGAL = [
    "-rf", "--help", "..", "../../etc", "HEAD", "a@{1}", "a b", "a:b", "a*b", "a\\b", "a.lock", "a/", "/a",
    "feature//x", "{{7*7}}", "a\nb", "a\0b", "",
]
# fmt: on


def test_names_have_no_clock_and_no_dice():
    assert physical_name("modelyard", "dev", "data", limit=63) == "modelyard-dev-data"
    assert physical_name("a" * 70, "b", limit=32) == f"{'a' * 23}-{digest('a' * 70 + '-b')}"
    assert Scope(owner="churn", environment="dev", region="cn-north-1").partition == "aws-cn"


@given(st.lists(st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=40), min_size=1, max_size=5))
def test_a_physical_name_keeps_its_limit_and_its_head(parts):
    name = physical_name(*parts, limit=32)
    assert len(name) <= 32
    assert name[:20] == "-".join(parts)[:20] or name[:20].rstrip("-") == "-".join(parts)[:20].rstrip("-")


def test_legal_branches_have_distinct_legal_stacks():
    names = [stack_name(branch) for branch in LEGAL]
    assert len(set(names)) == len(LEGAL)
    assert [name for name in names if not re.fullmatch(r"[a-z][a-z0-9-]{0,22}", name)] == []
    assert [branch for branch in LEGAL if check_branch(branch) != branch] == []


@pytest.mark.parametrize("branch", ILLEGAL)
def test_names_that_git_refuses_are_refused(branch):
    with pytest.raises(Exception, match="is no name of a git branch"):
        check_branch(branch)


@settings(max_examples=500)
@given(st.text(min_size=1, max_size=200), st.text(min_size=1, max_size=200))
def test_two_texts_have_two_labels(one, other):
    assert (label(one) == label(other)) == (one == other)
    assert re.fullmatch(r"[a-z][a-z0-9-]*-[0-9a-f]{8}", label(one))


def test_tag_values_are_what_aws_takes():
    assert tag_value("feature/x y:1=+-@._") == "feature/x y:1=+-@._"
    assert tag_value("x$(id)`🚀" + "a" * 300) == "x__id___" + "a" * 248

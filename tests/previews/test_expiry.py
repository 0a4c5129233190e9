"""Until when a branch's stack is meant to live: counted from its first day, kept, and told to its program."""

from dataclasses import replace
from datetime import date

import pytest

from modelyard.errors import StateError
from modelyard.previews import records
from modelyard.previews.branches import stack_name
from modelyard.previews.records import BranchStack, expiry, is_expired
from modelyard.previews.verdicts import judge

FIRST = BranchStack(
    project="churn",
    branch="feature/a",
    stack=stack_name("feature/a"),
    platform="dev",
    region="us-east-1",
    created="2030-01-30T23:59:59+00:00",
    owner="ada@example.com",
    commit="c0ffee",
    pull_request="7",
    expires="2030-02-13",
)


def named(branch: str, **more: str) -> BranchStack:
    return replace(FIRST, branch=branch, stack=stack_name(branch), **more)


def test_it_counts_from_the_first_day():
    assert [expiry(FIRST.created, days) for days in (1, 14, 365)] == ["2030-01-31", "2030-02-13", "2031-01-30"]
    days = [date(2030, 2, 12), date(2030, 2, 13), date(2030, 2, 14)]
    assert [is_expired(FIRST, day) for day in days] == [False, False, True]


def test_a_record_is_kept_found_and_forgotten(tmp_path):
    records.keep(tmp_path, FIRST)
    older = named("b", created="2029-01-01T00:00:00+00:00")
    records.keep(tmp_path, older)
    assert records.find(tmp_path, "churn", "feature/a") == FIRST
    assert records.branch_stacks(tmp_path, "churn") == [older, FIRST]
    assert records.projects(tmp_path) == ["churn"]
    records.forget(tmp_path, FIRST)
    records.forget(tmp_path, FIRST)
    assert records.find(tmp_path, "churn", "feature/a") is None


def test_a_record_of_another_branch_is_not_taken_for_this_ones(tmp_path):
    records.keep(tmp_path, replace(FIRST, branch="feature/b"))
    with pytest.raises(StateError, match="is that of the branch 'feature/b', not of 'feature/a'"):
        records.find(tmp_path, "churn", "feature/a")


def test_a_damaged_record_is_told_of(tmp_path):
    records.keep(tmp_path, FIRST)
    (tmp_path / records.FOLDER / "churn" / f"{FIRST.stack}.json").write_text("{")
    with pytest.raises(StateError, match="is damaged"):
        records.branch_stacks(tmp_path, "churn")


def test_the_program_is_told():
    assert FIRST.config == {
        "modelyard:branch": "feature/a",
        "modelyard:expiry": "2030-02-13",
        "modelyard:owner": "ada@example.com",
        "modelyard:commit": "c0ffee",
        "modelyard:pull_request": "7",
    }


def test_a_record_is_read_off_tags():
    tags = {
        "modelyard:branch": "feature/a",
        "modelyard:platform": "dev",
        "modelyard:owner": "ada@example.com",
        "modelyard:commit": "c0ffee",
        "modelyard:pull-request": "7",
        "modelyard:expiry": "2030-02-13",
    }
    assert records.of_tags("churn", FIRST.stack, tags, "us-east-1") == replace(FIRST, created="")
    assert records.of_tags("churn", "dev", {**tags, "modelyard:branch": "none"}, "us-east-1") is None
    assert records.of_tags("churn", "dev", {}, "us-east-1") is None


@pytest.mark.parametrize(
    ("live", "day", "dead"),
    [
        ({"feature/a", "b"}, date(2030, 2, 13), []),
        ({"b"}, date(2030, 2, 13), ["feature/a"]),
        ({"main"}, date(2030, 2, 13), ["feature/a", "b"]),
        (None, date(2030, 2, 13), []),
        (None, date(2030, 2, 14), ["feature/a", "b"]),
        ({"feature/a", "b"}, date(2030, 2, 14), ["feature/a", "b"]),
        ({"Feature/A", "b"}, date(2030, 2, 13), ["feature/a"]),
    ],
)
def test_who_is_dead(live, day, dead):
    found = judge([FIRST, named("b")], None if live is None else frozenset(live), day)
    assert [it.stack.branch for it in found if it.dead] == dead

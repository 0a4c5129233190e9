"""Deciding, as a table of cases."""

import pytest

from modelyard import wire
from modelyard.engine.plan import Decision, Difference, Op, Situation, compare, decide, ignore

CHANGED = Difference(changed=True, paths=("size",))
FIXED = Difference(changed=True, paths=("name", "size"), replaces=("name",))
FIXED_NAME = Difference(changed=True, paths=("name",), replaces=("name",), delete_first=True)

CASES = {
    "nothing there": (Situation(exists=False), Decision(op=Op.CREATE)),
    "nothing differs": (Situation(exists=True), Decision(op=Op.SAME)),
    "an input differs": (Situation(exists=True, difference=CHANGED), Decision(op=Op.UPDATE)),
    "half made": (Situation(exists=True, failed_init=True), Decision(op=Op.UPDATE)),
    "can't change in place": (
        Situation(exists=True, difference=FIXED),
        Decision(op=Op.REPLACE, replaced_by=("name",)),
    ),
    "the provider wants the old one gone first": (
        Situation(exists=True, difference=FIXED_NAME),
        Decision(op=Op.REPLACE, delete_first=True, replaced_by=("name",)),
    ),
    "the program's word on the order wins": (
        Situation(exists=True, difference=FIXED_NAME, delete_before_replace=False),
        Decision(op=Op.REPLACE, delete_first=False, replaced_by=("name",)),
    ),
    "the program wants a replacement": (
        Situation(exists=True, difference=CHANGED, replace_on_changes=("size",)),
        Decision(op=Op.REPLACE, replaced_by=("size",)),
    ),
    "any change is to be a replacement": (
        Situation(exists=True, difference=CHANGED, replace_on_changes=("*",)),
        Decision(op=Op.REPLACE, replaced_by=("size",)),
    ),
    "another provider": (
        Situation(exists=True, forced=("provider",)),
        Decision(op=Op.REPLACE, replaced_by=("provider",)),
    ),
    "deleted to be replaced, then interrupted": (
        Situation(exists=True, pending_replacement=True),
        Decision(op=Op.REPLACE, delete_first=True),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_decide(name):
    situation, decision = CASES[name]
    assert decide(situation) == decision


def test_compare_lists_leaves_by_path_and_masks_secrets():
    old = {"tags": {"a": "1", "b": "2"}, "ids": ["x", "y"], "key": wire.Secret("k1"), "same": 1}
    new = {"tags": {"a": "1", "b": "3"}, "ids": ["x", "z"], "key": wire.Secret("k2"), "same": 1, "more": wire.UNKNOWN}
    assert compare(old, new) == {
        "tags.b": ("2", "3"),
        "ids[1]": ("y", "z"),
        "key": ("[secret]", "[secret]"),
        "more": (None, "<computed>"),
    }


def test_ignore_keeps_what_the_state_says():
    old = {"size": 1, "tags": {"a": "old", "b": "old"}, "gone": True}
    new = {"size": 2, "tags": {"a": "new", "b": "new"}, "added": True}
    assert ignore(new, old, ["size", "tags.a", "gone", "added"]) == {
        "size": 1,
        "tags": {"a": "old", "b": "new"},
        "gone": True,
    }
    assert ignore(new, old, ["*"]) == old


PATHS = {
    "items[0].x": {"items": [{"x": "old", "y": "new"}, {"x": "new", "y": "new"}], "tags": {"b": "new"}},
    "items[*].x": {"items": [{"x": "old", "y": "new"}, {"x": "old", "y": "new"}], "tags": {"b": "new"}},
    "items[7].x": {"items": [{"x": "new", "y": "new"}, {"x": "new", "y": "new"}], "tags": {"b": "new"}},
    'tags["b"]': {"items": [{"x": "new", "y": "new"}, {"x": "new", "y": "new"}], "tags": {"b": "old"}},
    "tags['b']": {"items": [{"x": "new", "y": "new"}, {"x": "new", "y": "new"}], "tags": {"b": "old"}},
    "tags.*": {"items": [{"x": "new", "y": "new"}, {"x": "new", "y": "new"}], "tags": {"b": "old", "a": "old"}},
    "nothing.there": {"items": [{"x": "new", "y": "new"}, {"x": "new", "y": "new"}], "tags": {"b": "new"}},
}


@pytest.mark.parametrize("path", PATHS)
def test_ignore_takes_property_paths(path):
    old = {"items": [{"x": "old", "y": "old"}, {"x": "old", "y": "old"}], "tags": {"a": "old", "b": "old"}}
    new = {"items": [{"x": "new", "y": "new"}, {"x": "new", "y": "new"}], "tags": {"b": "new"}}
    assert ignore(new, old, [path]) == PATHS[path]

"""Edits of a state: what they change, what they leave, and what they refuse."""

import pytest
from engine.state.conftest import PROVIDER_URN, ROOT_URN, item, latest, names, urn

from modelyard import wire
from modelyard.engine.embedded.edits import editing, editor
from modelyard.engine.embedded.edits.verification import problems
from modelyard.engine.embedded.state import history
from modelyard.errors import StateError, UsageError


def gone(removed):
    return [it["urn"].split("::")[3] for it in removed]


def test_a_resource_is_named_by_urn_by_name_or_by_type_and_name():
    state = latest(item("a"), item("b"))
    wanted = urn("a")
    assert [editing.resolve(state, it) for it in (wanted, "a", "fake:index:Thing::a")] == [wanted] * 3


def test_a_name_of_several_resources_lists_them():
    state = latest(item("a"), item("a", urn=urn("a", kind="fake:index:Other"), type="fake:index:Other"))
    with pytest.raises(UsageError, match="'a' is the name of 2 resources") as caught:
        editing.resolve(state, "a")
    assert caught.value.hint == f"name one of\n  {urn('a')}\n  {urn('a', kind='fake:index:Other')}"


def test_a_name_of_no_resource_lists_what_is_like_it():
    with pytest.raises(UsageError, match="there is no resource 'bucke'") as caught:
        editing.resolve(latest(item("bucket"), item("other")), "bucke")
    assert caught.value.hint == f"there is\n  {urn('bucket')}"


def test_what_others_need_is_not_deleted_alone():
    state = latest(item("a"), item("b", "a"), item("c", "b"), item("d"))
    with pytest.raises(StateError, match=r"2 more resources need what is to go: b .*, c ") as caught:
        editing.delete(state, [urn("a")], dependents=False, force=False)
    assert caught.value.hint == "name them too, or add --target-dependents"
    made, removed = editing.delete(state, [urn("a")], dependents=True, force=False)
    assert (names(made), gone(removed), problems(made)) == (["d"], ["c", "b", "a"], [])


def test_several_that_need_one_another_are_deleted_together():
    made, _ = editing.delete(latest(item("a"), item("b", "a")), [urn("a"), urn("b")], dependents=False, force=False)
    assert names(made) == []


def test_a_protected_one_is_deleted_by_force_only():
    state = latest(item("a", protect=True), item("b"))
    with pytest.raises(StateError, match="protected: a ") as caught:
        editing.delete(state, [urn("a")], dependents=False, force=False)
    assert caught.value.hint == f"add --force, or first: modelyard state unprotect '{urn('a')}'"
    assert names(editing.delete(state, [urn("a")], dependents=False, force=True)[0]) == ["b"]


def test_a_resource_in_the_middle_of_a_replacement_is_not_deleted():
    state = latest(item("a"), item("a", id="older", delete=True))
    with pytest.raises(StateError, match="a replacement is not finished"):
        editing.delete(state, [urn("a")], dependents=False, force=False)


@pytest.mark.parametrize(("urns", "left"), [([urn("a")], ["b"]), (None, [])])
def test_protection_is_lifted(urns, left):
    made, changed = editing.unprotect(latest(item("a", protect=True), item("b", protect=True), item("c")), urns)
    assert [it["urn"] for it in made["resources"] if it.get("protect")] == [urn(it) for it in left]
    assert len(changed) == 2 - len(left)


def test_all_that_refers_to_a_renamed_resource_follows():
    reference = {wire.SIGNATURE_KEY: wire.RESOURCE_SIGNATURE, "urn": urn("a"), "id": "id-a"}
    state = latest(
        item("a"),
        item("b", "a", parent=urn("a"), deletedWith=urn("a"), replaceWith=[urn("a")], inputs={"x": [reference]}),
        pending_operations=[{"type": "updating", "resource": item("b", "a")}],
    )
    made, new = editing.rename(state, urn("a"), "z")
    assert new == urn("z")
    text = str(made)
    assert (urn("a") in text, text.count(urn("z"))) == (False, 9)
    assert problems(made) == []


def test_what_a_renamed_provider_manages_follows():
    made, new = editing.rename(latest(item("a")), PROVIDER_URN, "own")
    assert made["resources"][2]["provider"] == f"{new}::the-id"
    assert problems(made) == []


@pytest.mark.parametrize(
    ("which", "name", "why"),
    [
        (urn("a"), "b", "the name is taken"),
        (urn("a"), " ", "can't be a resource's name"),
        (ROOT_URN, "b", "root can't be renamed"),
    ],
)
def test_a_rename_that_makes_no_sense_is_refused(which, name, why):
    with pytest.raises(UsageError, match=why):
        editing.rename(latest(item("a"), item("b")), which, name)


def test_an_edit_keeps_what_the_engine_has_no_use_for_and_the_state_before(stack):
    stack(item("a", protect=True, sourcePosition="project:///x.py#1,2"), snippets=[{"uuid": "1"}])
    before = stack().path.read_bytes()
    editor.edit(stack(), lambda it: editing.unprotect(it, None), "state unprotect")
    after = stack().latest()
    assert after["resources"][2]["sourcePosition"] == "project:///x.py#1,2"
    assert after["snippets"] == [{"uuid": "1"}]
    assert [path.read_bytes() for path in stack().backups.glob("*.json")] == [before]
    assert [(it.verb, it.message) for it in history.read(stack())] == [("import", "state unprotect")]


def test_an_edit_that_would_break_the_state_is_refused(stack):
    stack(item("a"))
    before = stack().path.read_bytes()
    with pytest.raises(StateError, match=r"that would make the state invalid: .* is managed by the provider"):
        editor.edit(stack(), lambda it: ({**it, "resources": it["resources"][2:]}, None), "x")
    assert stack().path.read_bytes() == before


def test_there_has_to_be_a_stack(stack):
    with pytest.raises(StateError, match="there is no stack p/dev"):
        editor.edit(stack(), lambda it: (it, None), "x")

"""Resources that move from one stack's state to another's."""

from contextlib import suppress

import pytest
from engine.state.conftest import ROOT, CountingDisk, Killed, item, latest, names, urn

from modelyard import wire
from modelyard.engine.embedded.edits import moving, transfer
from modelyard.engine.embedded.edits.verification import problems
from modelyard.engine.embedded.state import history
from modelyard.engine.embedded.state.crypt import PassphraseCrypter
from modelyard.engine.embedded.state.resource import encrypt
from modelyard.errors import UsageError

GROUP = {"custom": False, "id": None, "provider": None, "type": "test:index:Group"}


def group(name):
    return item(name, urn=urn(name, kind="test:index:Group"), **GROUP)


def inner(name, *needs):
    return item(
        name,
        *needs,
        urn=urn(name, kind="test:index:Group$fake:index:Thing"),
        parent=urn("g", kind="test:index:Group"),
    )


def test_a_resource_moves_with_a_copy_of_its_provider(stack):
    stack(item("a"), item("b"))
    done = moving.move(stack(), stack(project="q"), [urn("b")], parents=False)
    assert done.moved == {urn("b"): urn("b", project="q")}
    assert names(stack().latest()) == ["a"]
    came = stack(project="q").latest()
    assert [it["urn"] for it in came["resources"]] == [
        urn("q-dev", project="q", kind=ROOT),
        urn("default", project="q", kind="pulumi:providers:fake"),
        urn("b", project="q"),
    ]
    assert came["resources"][2]["provider"] == urn("default", project="q", kind="pulumi:providers:fake") + "::the-id"
    assert came["resources"][2]["parent"] == urn("q-dev", project="q", kind=ROOT)
    assert problems(came) == []
    assert [it.message for it in history.read(stack(project="q"))] == ["state move from p/dev"]


def test_a_second_one_uses_the_provider_that_came_with_the_first(stack):
    stack(item("a"), item("b"))
    for name in "ab":
        moving.move(stack(), stack(project="q"), [urn(name)], parents=False)
    assert names(stack(project="q").latest()) == ["a", "b"]
    assert names(stack().latest()) == []


def test_children_move_with_their_parent_and_parents_if_wanted(stack):
    stack(group("g"), inner("a"), inner("b"))
    done = moving.move(stack(), stack(project="q"), [urn("g", kind="test:index:Group")], parents=False)
    assert sorted(it.split("::")[3] for it in done.moved) == ["a", "b", "g"]
    alone = urn("a", project="q", kind="test:index:Group$fake:index:Thing")
    back = moving.move(stack(project="q"), stack(), [alone], parents=True)
    assert sorted(it.split("::")[3] for it in back.moved) == ["a", "b", "g"]


def test_a_child_alone_loses_its_parent_and_its_type_is_its_own(stack):
    stack(group("g"), inner("a"), inner("b"))
    done = moving.move(stack(), stack(project="q"), [inner("a")["urn"]], parents=False)
    assert list(done.moved.values()) == [urn("a", project="q")]
    assert names(stack().latest()) == ["g", "b"]


def test_references_that_are_cut_are_told(stack):
    stack(item("a"), item("b", "a"), item("c", "b"))
    done = moving.move(stack(), stack(project="q"), [urn("b")], parents=False)
    assert done.broken == (
        f"{urn('c')} no longer refers to {urn('b')} (dependencies)",
        f"{urn('c')} no longer refers to {urn('b')} (propertyDependencies)",
        f"{urn('b')} no longer refers to {urn('a')} (dependencies)",
        f"{urn('b')} no longer refers to {urn('a')} (propertyDependencies)",
    )
    assert problems(stack().latest()) == problems(stack(project="q").latest()) == []


@pytest.mark.parametrize(
    ("which", "why"),
    [
        (urn("default", kind="pulumi:providers:fake"), "a provider can't be moved"),
        (urn("p-dev", kind=ROOT), "a stack's root can't be moved"),
        (urn("a"), "is there already"),
    ],
)
def test_a_move_that_makes_no_sense_changes_nothing(stack, which, why):
    stack(item("a"))
    transfer.take(
        stack(project="q"),
        {"version": 3, "deployment": latest(item("a", urn=urn("a", project="q")))},
        force=True,
    )
    before = stack().path.read_bytes(), stack(project="q").path.read_bytes()
    with pytest.raises(UsageError, match=why):
        moving.move(stack(), stack(project="q"), [which], parents=False)
    assert (stack().path.read_bytes(), stack(project="q").path.read_bytes()) == before


def test_secrets_are_encrypted_by_the_destinations_key(stack, tmp_path, monkeypatch):
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "p")
    for project in "pq":
        crypter = PassphraseCrypter(tmp_path)
        thing = item(
            project, urn=urn(project, project=project), outputs=encrypt({"key": wire.Secret(project)}, crypter)
        )
        provider = {"type": "passphrase", "state": {"salt": crypter.salt}}
        document = {"version": 3, "deployment": latest(thing, secrets_providers=provider)}
        transfer.take(stack(project=project), document, force=True)
    moving.move(stack(), stack(project="q"), [urn("p")], parents=False)
    found = {it.name: it.outputs for it in stack(project="q").snapshot.resources if it.outputs}
    assert found == {"q": {"key": wire.Secret("q")}, "p": {"key": wire.Secret("p")}}


@pytest.mark.slow
def test_wherever_a_move_is_killed_nothing_is_lost_and_nothing_there_twice(stack, tmp_path):
    def places():
        listed = [(it.project, it.latest()) for it in (stack(), stack(project="q")) if it.path.exists()]
        return sorted(project for project, found in listed if "b" in names(found))

    disk = CountingDisk()
    stack(item("a"), item("b"))
    moving.move(stack(disk=disk), stack(project="q", disk=disk), [urn("b")], parents=False)
    seen = set()
    for at in range(len(disk.steps)):
        for store in (stack(), stack(project="q")):
            store.remove()
        for left in tmp_path.rglob("*.json"):
            left.unlink()
        stack(item("a"), item("b"))
        killing = CountingDisk(at, kill=True)
        with suppress(Killed):
            moving.move(stack(disk=killing), stack(project="q", disk=killing), [urn("b")], parents=False)
        moving.settle(stack(project="q"))
        moving.settle(stack())
        assert len(places()) == 1, (at, disk.steps[at])
        seen |= set(places())
    assert seen == {"p", "q"}

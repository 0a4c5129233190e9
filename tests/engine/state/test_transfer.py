"""A state taken out, and another taken in."""

import json

import pytest
from engine.state.conftest import item, latest, names, urn

from modelyard import wire
from modelyard.engine.embedded.edits import transfer
from modelyard.engine.embedded.state import history
from modelyard.engine.embedded.state.crypt import PassphraseCrypter
from modelyard.engine.embedded.state.resource import encrypt
from modelyard.errors import StateError, UsageError


def exported(*items, **more):
    return {"version": 3, "deployment": latest(*items, **more)}


@pytest.fixture
def secretive(tmp_path, monkeypatch):
    """An exported state with a secret, under the passphrase `one`."""
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "one")
    crypter = PassphraseCrypter(tmp_path)
    thing = item("a", outputs=encrypt({"key": wire.Secret("CANARY")}, crypter))
    provider = {"type": "passphrase", "state": {"salt": crypter.salt}}
    return exported(thing, secrets_providers=provider)


def test_what_is_exported_is_what_is_imported(stack):
    document = exported(item("a"), item("b", "a", sourcePosition="x"))
    transfer.take(stack(), document)
    assert transfer.export(stack()) == document


def test_there_is_nothing_to_export_of_a_stack_that_is_not_there(stack):
    with pytest.raises(StateError, match="there is no stack p/dev") as caught:
        transfer.export(stack())
    assert caught.value.hint == "make it: modelyard up p --env dev"


def test_secrets_stay_encrypted_unless_they_are_asked_for(stack, secretive):
    transfer.take(stack(), secretive)
    assert transfer.export(stack()) == secretive
    shown = transfer.export(stack(), show_secrets=True)
    assert shown["deployment"]["resources"][2]["outputs"]["key"]["plaintext"] == '"CANARY"'


def test_shown_secrets_are_encrypted_when_they_are_imported(stack, secretive):
    transfer.take(stack(), secretive)
    transfer.take(stack(project="q"), transfer.export(stack(), show_secrets=True), force=True)
    assert b"CANARY" not in stack(project="q").path.read_bytes()
    assert stack(project="q").snapshot.resources[2].outputs == {"key": wire.Secret("CANARY")}


def test_a_state_of_another_passphrase_is_refused(stack, secretive, monkeypatch):
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "two")
    with pytest.raises(StateError, match="a secret of this stack can't be decrypted") as caught:
        transfer.take(stack(), secretive)
    assert caught.value.hint.startswith("set PULUMI_CONFIG_PASSPHRASE")
    assert not stack().path.exists()


WRONG = {
    "this is no exported state": {"version": 3},
    "its version is 9, this engine reads 3 and 4": {"version": 9, "deployment": {}},
    "features that this engine does not have: time-travel": {
        "version": 4,
        "features": ["time-travel"],
        "deployment": latest(),
    },
    "resource 2 has no valid urn: 'nonsense'": exported(item("a", urn="nonsense")),
    f"{urn('b')} depends on {urn('a')}, which comes after it": exported(item("b", "a"), item("a")),
    f"{urn('a')} is there 2 times": exported(item("a"), item("a")),
    "is managed by the provider x::y, which does not come before it": exported(item("a", provider="x::y")),
    "is a component and has an id": exported(item("a", custom=False)),
    "the magic number of its manifest": {
        "version": 3,
        "deployment": {**latest(), "manifest": {"version": "3.1.0", "magic": "no", "time": ""}},
    },
    "1 of its resources are another stack's": exported(item("a", urn=urn("a", project="q"))),
    "its secrets are kept by cloud, not by a passphrase": exported(
        item("a"), secrets_providers={"type": "cloud", "state": {}}
    ),
}


@pytest.mark.parametrize("why", WRONG)
def test_what_is_not_a_valid_state_of_the_stack_changes_nothing(stack, why):
    stack(item("kept"))
    before = stack().path.read_bytes()
    with pytest.raises(StateError) as caught:
        transfer.take(stack(), WRONG[why])
    assert why in str(caught.value)
    assert caught.value.hint
    assert stack().path.read_bytes() == before


def test_another_stacks_resources_are_taken_by_force(stack):
    transfer.take(stack(), exported(item("a", urn=urn("a", project="q"))), force=True)
    assert names(stack().latest()) == ["a"]


def test_a_damaged_state_can_be_imported_over_and_is_kept(stack):
    stack(item("old"))
    stack().path.write_text("{nonsense")
    transfer.take(stack(), exported(item("new")))
    assert [it.name for it in stack().snapshot.resources][2:] == ["new"]
    assert "{nonsense" in [path.read_text() for path in stack().backups.glob("*.json")]


def test_a_version_of_the_history_is_exported(stack):
    transfer.take(stack(), exported(item("a")))
    transfer.take(stack(), exported(item("b")))
    assert [names(transfer.export(stack(), version=it)["deployment"]) for it in (1, 2)] == [["a"], ["b"]]
    with pytest.raises(UsageError, match="has no version 3"):
        transfer.export(stack(), version=3)
    assert [(it.version, it.verb, it.outcome) for it in history.read(stack())] == [
        (2, "import", "succeeded"),
        (1, "import", "succeeded"),
    ]


def test_what_needs_a_newer_engine_says_so(stack):
    transfer.take(stack(), exported(item("a", taint=True), item("b", resourceHooks={"beforeCreate": ["x"]})))
    found = transfer.export(stack())
    assert (found["version"], found["features"]) == (4, ["hooks", "taint"])
    written = json.loads(stack().path.read_text())
    assert (written["version"], written["features"]) == (4, ["hooks", "taint"])

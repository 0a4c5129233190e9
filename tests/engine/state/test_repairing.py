"""Damage found, and mended."""

import json

import pytest
from engine.state.conftest import CountingDisk, Killed, item, latest, names, thing, urn

from modelyard.engine.embedded.edits import inspection, repairing, transfer
from modelyard.engine.embedded.edits.verification import problems
from modelyard.engine.embedded.state import checkpoint
from modelyard.errors import StateError


def repaired(store, **how):
    return repairing.repair(store, **{"accept_losses": False, "dry_run": False} | how)


def by_the_cli(store, document):
    """Write a state as another program does: without our seal, and whatever it is."""
    body = {"version": 3, "checkpoint": {"stack": "organization/p/dev", "latest": document}}
    store.path.write_text(json.dumps(body))


def test_a_valid_state_is_left_as_it_is(stack):
    stack(item("a"), item("b", "a"))
    before = stack().path.read_bytes()
    assert repaired(stack()) == repairing.Repair()
    assert stack().path.read_bytes() == before
    report = inspection.inspect(stack())
    assert (report.errors, report.warnings) == ([], [])
    assert report.facts == {"resources": 4, "secrets": 0, "pending": 0, "journal": "none", "backup": "4 resources"}


def test_order_and_references_are_mended(stack):
    stack(item("x"))
    by_the_cli(stack(), latest(item("c", "b"), item("b", "a", "gone"), item("a")))
    assert len(inspection.inspect(stack()).errors) == 6
    told = repaired(stack())
    assert told.done[0] == "put the resources in order: each after what it needs"
    assert told.done[1] == f"dropped that b (fake:index:Thing, id id-b) refers to {urn('gone')} (dependencies)"
    assert told.lost == []
    assert names(stack().latest()) == ["a", "b", "c"]
    assert inspection.inspect(stack()).errors == []


def test_a_look_changes_nothing(stack):
    stack(item("x"))
    by_the_cli(stack(), latest(item("b", "a"), item("a")))
    before = stack().path.read_bytes()
    assert len(repaired(stack(), dry_run=True).done) == 1
    assert stack().path.read_bytes() == before


def test_a_resource_that_nobody_can_manage_goes_only_by_the_users_word(stack):
    stack(item("x"))
    by_the_cli(stack(), latest(item("a"), item("b", provider="urn:pulumi:dev::p::pulumi:providers:x::y::1")))
    with pytest.raises(StateError, match=r"a repair would lose: b \(fake:index:Thing, id id-b\)") as caught:
        repaired(stack())
    assert caught.value.hint == "look with --dry-run; accept it with --yes"
    assert repaired(stack(), accept_losses=True).lost == [
        "b (fake:index:Thing, id id-b): its provider is not there, so nobody could manage it"
    ]
    assert names(stack().latest()) == ["a"]


def test_one_of_two_live_resources_of_one_urn_is_marked_for_deletion(stack):
    stack(item("x"))
    by_the_cli(stack(), latest(item("a", id="one"), item("a", id="two"), item("b", "a")))
    told = repaired(stack(), accept_losses=True)
    assert told.lost == ["a (fake:index:Thing, id one), whose URN another one has: the next up deletes it in the cloud"]
    found = stack().latest()
    assert [(it["id"], it.get("delete", False)) for it in found["resources"][2:4]] == [("one", True), ("two", False)]
    assert problems(found) == []


DAMAGE = {
    "cut short": lambda data: data[: len(data) // 2],
    "empty": lambda data: b"",
    "a flipped bit in a name": lambda data: data.replace(b"id-a", b"id-c"),
    "a flipped bit in the serial": lambda data: data.replace(b'"serial": 1', b'"serial": 3'),
    "a flipped bit in the seal's name": lambda data: data.replace(b'"modelyard"', b'"lodelyard"'),
    "gone": None,
}


@pytest.mark.parametrize("how", DAMAGE)
def test_the_backup_takes_the_place_of_a_damaged_file(stack, how):
    stack(item("a"))
    if DAMAGE[how] is None:
        stack().path.unlink()
    else:
        stack().path.write_bytes(DAMAGE[how](stack().path.read_bytes()))
    with pytest.raises(StateError) as caught:
        _ = stack().snapshot
    assert caught.value.hint == f"restore the backup: cp '{stack().backup}' '{stack().path}'"
    told = repaired(stack())
    assert (len(told.done), told.lost) == (1, [])
    assert [it.id for it in stack().snapshot.resources][2:] == ["id-a"]


def test_an_older_file_in_its_place_is_told(stack):
    stack(item("a"))
    old = stack().path.read_bytes()
    stack(item("a"), item("b"))
    stack().path.write_bytes(old)
    with pytest.raises(StateError, match=r"it is older \(serial 1\) than what is known of it \(serial 2\)"):
        _ = stack().snapshot
    repaired(stack())
    assert names(stack().latest()) == ["a", "b"]


def test_what_the_cli_wrote_in_between_is_taken(stack):
    stack(item("a"), item("b"))
    by_the_cli(stack(), latest(item("a")))
    assert [it.name for it in stack().snapshot.resources][2:] == ["a"]
    with stack().writing():
        pass
    assert checkpoint.sealed_serial(stack().path.read_bytes()) == 3


def test_a_file_whose_backups_are_all_gone_is_taken_by_the_users_word(stack):
    stack(item("a"))
    stack().backup.unlink()
    stack().path.write_bytes(stack().path.read_bytes().replace(b"id-a", b"id-c"))
    with pytest.raises(StateError, match="a repair would lose: the checksum"):
        repaired(stack())
    repaired(stack(), accept_losses=True)
    assert [it.id for it in stack().snapshot.resources][2:] == ["id-c"]


def test_the_newest_kept_state_is_taken_where_the_backup_is_damaged_too(stack):
    transfer.take(stack(), {"version": 3, "deployment": latest(item("a"))})
    for path in (stack().path, stack().backup):
        path.write_text("{nonsense")
    told = repaired(stack(), accept_losses=True)
    assert told.lost[0].startswith("what was done after dev-")
    assert names(stack().latest()) == ["a"]


@pytest.fixture
def journalled(stack):
    """A stack that was killed after it had put `a`, `b` and `c`, whose journal is damaged at `b`."""
    stack(item("x"))
    disk = CountingDisk()
    store = stack(disk=disk)
    with pytest.raises(Killed), store.writing() as opened:
        for name in "abc":
            opened.commit(opened.snapshot.end(None, put=thing(name)))
        disk.at, disk.kill = len(disk.steps), True
    data = store.journal_path.read_bytes()
    store.journal_path.write_bytes(data.replace(b"id-b", b"id-X"))
    return store


def test_a_damaged_journal_is_replayed_up_to_the_damage_and_the_rest_is_looked_for(stack, journalled):
    with pytest.raises(StateError, match="line 3 of its journal can't be read"):
        _ = stack().snapshot
    told = repaired(stack())
    assert told.done == [
        "replayed 1 records of the journal; 1 of them can't be read",
        "noted c (fake:index:Thing, id id-c) as begun: the next up looks for it",
    ]
    snapshot = stack().snapshot
    assert {it.name for it in snapshot.resources} >= {"a", "x"}
    assert [(it.kind, it.resource.name) for it in snapshot.pending] == [("creating", "c")]
    assert len(list(stack().backups.glob("*.journal"))) == 1


def test_a_journal_survives_the_loss_of_its_checkpoint(stack):
    stack(item("x"))
    disk = CountingDisk()
    with pytest.raises(Killed), stack(disk=disk).writing() as opened:
        opened.commit(opened.snapshot.end(None, put=thing("a")))
        disk.at, disk.kill = len(disk.steps), True
    stack().path.write_text("{nonsense")
    told = repaired(stack())
    assert told.done[1] == "replayed 1 records of the journal"
    assert {it.name for it in stack().snapshot.resources} >= {"a", "x"}


def test_what_is_beyond_repair_says_what_to_do(stack):
    stack(item("x"))
    for path in (stack().path, stack().backup):
        path.write_text("{nonsense")
    with pytest.raises(StateError, match="is beyond repair") as caught:
        repaired(stack(), accept_losses=True)
    assert caught.value.hint == "import an exported state: modelyard state import --file ..."

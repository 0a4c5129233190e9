"""A full disk and a kill, at each single step that the state takes on its disk."""

import pytest
from engine.state.conftest import CountingDisk, Killed, thing, urn

from modelyard import wire
from modelyard.engine.embedded.state.store import StackStore
from modelyard.errors import StateError


def work(folder, disk):
    """Put two things, the second after a call that has been noted; return what was reported as done."""
    done = []

    def put(name, number=None):
        place = opened.snapshot.index(urn(name))
        opened.commit(opened.snapshot.end(number, put=thing(name), drop=place))

    with StackStore(folder, "p", "dev", disk).writing() as opened:
        for pending in list(opened.snapshot.interrupted):
            opened.commit(opened.snapshot.settle(pending))
        put("a")
        done.append("a")
        opened.commit(opened.snapshot.begin(1, "creating", thing("b")))
        done.append("begun")
        put("b", 1)
        done.append("b")
    return done


def found(folder):
    """Return what the next reader finds: live names, and the names of what was under way."""
    snapshot = StackStore(folder, "p", "dev").snapshot
    return {it.name for it in snapshot.resources}, {it.resource.name for it in snapshot.pending}


@pytest.fixture
def steps(tmp_path):
    disk = CountingDisk()
    work(tmp_path / "count", disk)
    return disk.steps


def test_the_steps_of_a_deployment_on_its_disk(steps):
    assert steps.count("rename") == 6  # the CLI's meta file, its lock, two checkpoints and two backups
    assert steps.count("sync") == steps.count("rename") + 1 + 3  # the journal's header, and its records


@pytest.mark.parametrize("kill", [True, False], ids=["killed", "full"])
def test_at_every_step_a_kill_or_a_full_disk_leaves_a_state_that_knows_what_was_done(steps, tmp_path, kill):
    for at in range(len(steps)):
        folder = tmp_path / f"{at}"
        reported = []
        try:
            reported = work(folder, CountingDisk(at, kill=kill))
        except (Killed, StateError) as error:
            if isinstance(error, StateError):
                assert error.hint.startswith("make room on the disk"), (at, steps[at])
        live, pending = found(folder)
        assert live | pending <= {"a", "b"}, (at, steps[at])
        assert "b" not in live or "a" in live, (at, steps[at])
        if reported:
            assert live == {"a", "b"}
        assert work(folder, CountingDisk()) == ["a", "begun", "b"], (at, steps[at])  # and the next one goes on
        assert found(folder) == ({"a", "b"}, set()), (at, steps[at])
        assert not list(folder.rglob("*.tmp")), (at, steps[at])


def test_a_call_is_not_begun_that_could_not_be_noted(tmp_path):
    disk = CountingDisk()
    with StackStore(tmp_path, "p", "dev", disk).writing() as opened:
        opened.commit(opened.snapshot.end(None, put=thing("a")))
        disk.at = len(disk.steps)
        with pytest.raises(StateError, match="No space left on device"):
            opened.commit(opened.snapshot.begin(1, "creating", thing("b")))
        disk.at = None
    assert found(tmp_path) == ({"a"}, set())


def test_a_result_that_could_not_be_noted_is_noted_when_there_is_room_again(tmp_path):
    disk = CountingDisk()
    with pytest.raises(Killed), StackStore(tmp_path, "p", "dev", disk).writing() as opened:
        opened.commit(opened.snapshot.begin(1, "creating", thing("a")))
        disk.at = len(disk.steps)
        with pytest.raises(StateError):
            opened.commit(opened.snapshot.end(1, put=thing("a")))
        disk.at = None
        opened.commit(opened.snapshot.end(None, put=thing("b")))
        disk.at, disk.kill = len(disk.steps), True
    assert found(tmp_path) == ({"a", "b"}, set())


def test_a_secret_is_in_no_file(tmp_path, monkeypatch):
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "p")
    disk = CountingDisk()
    with pytest.raises(Killed), StackStore(tmp_path, "p", "dev", disk).writing() as opened:
        opened.commit(opened.snapshot.end(None, put=thing("a", outputs={"x": wire.Secret("CANARY")})))
        disk.at, disk.kill = len(disk.steps), True
    assert [path for path in tmp_path.rglob("*") if path.is_file() and b"CANARY" in path.read_bytes()] == []
    assert StackStore(tmp_path, "p", "dev").snapshot.resources[0].outputs == {"x": wire.Secret("CANARY")}

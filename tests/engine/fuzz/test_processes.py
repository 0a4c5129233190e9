"""Invariants that need processes of their own: I11 the lock, I12 a kill at any time, I13 Ctrl-C."""

import multiprocessing
import os
import random
import signal
import time
from pathlib import Path

import pytest
from engine.fuzz import invariants as inv
from engine.fuzz import worker
from engine.fuzz.ground import new_subject
from engine.fuzz.subject import Subject

from modelyard.engine.embedded.state.store import StackStore

FORK = multiprocessing.get_context("fork")  # a worker that imports all anew takes a second
PROCESSES, ROUNDS = 10, 50
KILLS = 40
SECONDS = 120.0  # longer than any of them takes
GRACE_SECONDS = 7.5  # what Pulumi gives a program after Ctrl-C


class Worker:
    """A process on the stack in a folder.

    Args:
        folder: the folder.
        verb: what it does.
        number: how often, or how.
    """

    def __init__(self, folder: Path, verb: str, number: int = 0) -> None:
        self._pipe, other = FORK.Pipe()
        self.process = FORK.Process(target=worker.main, args=(other.send, folder, verb, number))
        self.process.start()
        other.close()

    def said(self) -> str:
        """Wait for what it says next."""
        assert self._pipe.poll(SECONDS)
        return str(self._pipe.recv())

    def signal(self, number: int) -> None:
        """Send a signal."""
        os.kill(self.process.pid, number)

    def end(self) -> int:
        """Wait for its end; returns its exit code."""
        self.process.join(SECONDS)
        assert self.process.exitcode is not None
        return self.process.exitcode


@pytest.fixture
def subject(tmp_path: Path) -> Subject:
    return new_subject(folder=tmp_path)


@pytest.mark.slow
def test_i11_ten_processes_and_one_writer(subject):
    """Lock: 10 processes x 50 rounds, one writer at a time, readers never blocked, a loser leaves nothing."""
    writers = [Worker(subject.folder, "contend", ROUNDS) for _ in range(PROCESSES)]
    reads = 0
    while any(it.process.is_alive() for it in writers):
        inv.i3_valid(subject.resources())
        reads += 1
    results = [[int(number) for number in it.said().split()] for it in writers]
    won, lost, crowded = zip(*results, strict=True)
    assert sum(won) + sum(lost) == PROCESSES * ROUNDS
    assert (subject.folder / "count").read_text() == str(sum(won))  # nobody overwrote another's
    assert crowded == (0,) * PROCESSES  # no two inside at once
    assert reads > 0
    left = {path.name for path in (subject.state / ".pulumi").rglob("*") if path.is_file()}
    assert left == {"meta.yaml", "dev.json", "dev.json.bak", "dev.lock"} | {
        path.name for path in subject.store().histories.glob("*")
    }


@pytest.mark.slow
def test_i11_a_dead_owners_lock_is_broken(subject):
    """Lock: a dead owner's lock is broken, without anybody's doing."""
    holder = Worker(subject.folder, "hold")
    assert holder.said() == "holding"
    holder.signal(signal.SIGKILL)
    assert holder.end() == -signal.SIGKILL
    with subject.store().locked():
        assert [owner.pid for owner in subject.store().lock.owners()] == [os.getpid()]


@pytest.mark.slow
def test_i12_a_kill_at_any_time_loses_nothing(subject):
    """Durability and no orphan: SIGKILL at random times leaves a valid state that knows all that was made."""
    chance = random.Random(7)
    for number in range(KILLS):
        victim = Worker(subject.folder, "work", number)
        assert victim.said() == "begun"
        time.sleep(chance.random() * 0.25)
        victim.signal(signal.SIGKILL)
        victim.end()
        inv.i3_valid(subject.resources())
        snapshot = subject.snapshot()
        known = {it.id for it in snapshot.resources} | {
            it.resource.inputs["name"] for it in snapshot.pending if it.kind == "creating"
        }
        assert {path.name for path in (subject.folder / "cloud").iterdir()} <= known
    assert Worker(subject.folder, "finish").said() == "succeeded"
    assert {path.name for path in (subject.folder / "cloud").iterdir()} == {
        it.id for it in subject.resources() if it.custom and not it.is_provider
    }


@pytest.mark.slow
@pytest.mark.parametrize("times", [1, 2])
def test_i13_ctrl_c(subject, times):
    """The first Ctrl-C stops new work, saves and unlocks in under 7.5 s; a second aborts and still saves."""
    slow = Worker(subject.folder, "slow", 30 if times == 2 else 1)
    assert slow.said() == "begun"
    while not list((subject.folder / "cloud").glob("*")):
        time.sleep(0.02)
    began = time.monotonic()
    for _ in range(times):
        slow.signal(signal.SIGINT)
        time.sleep(0.3)
    said, code = slow.said(), slow.end()
    assert time.monotonic() - began < GRACE_SECONDS
    assert (said, code) == (("cancelled", 0) if times == 1 else ("aborted", 0))
    snapshot = subject.snapshot()
    made = {path.name for path in (subject.folder / "cloud").iterdir()}
    known = {it.id for it in snapshot.resources} | {it.resource.inputs["name"] for it in snapshot.pending}
    assert made <= known
    assert len(made) < 8  # nothing new was started
    with StackStore(subject.state, "fuzz", "dev").locked():
        pass

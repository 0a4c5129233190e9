"""The lock of a branch's stack: one holder, named to whoever else comes, and freed by the holder's end."""

import json
import os
import signal
import subprocess
import sys
import threading

import pytest

from modelyard.cli.branching import locks
from modelyard.engine.embedded.state.store import StackStore
from modelyard.previews.locks import BranchLock, HeldError

HOLD = """
import sys, time
from pathlib import Path
from modelyard.previews.locks import BranchLock
with BranchLock(Path(sys.argv[1]), "churn", "x-aaaaaaaaaa", "x").held("branch up"):
    print("held", flush=True)
    time.sleep(60)
"""


def lock(home) -> BranchLock:
    return BranchLock(home, "churn", "x-aaaaaaaaaa", "x\u202e")


@pytest.fixture
def holder(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()


def test_the_second_is_told_who_since_when_and_what_to_type(tmp_path, holder):
    with pytest.raises(HeldError) as refused, lock(tmp_path).held("branch up"):
        pass
    known = json.loads(lock(tmp_path).path.read_text())
    assert known["pid"] == holder.pid
    assert str(refused.value) == (
        f"the stack of the branch 'x\\\\u202e' is being changed by 'modelyard branch up' of {known['who']} "
        f"(process {holder.pid}) since {known['since']}"
    )
    assert refused.value.hint == (
        "wait until it has finished, then type again: modelyard branch up; "
        f"or stop it: modelyard cancel --env x-aaaaaaaaaa, or kill {holder.pid}"
    )


@pytest.mark.parametrize(
    ("branch", "verb", "typed"),
    [
        ("feature/x", "branch down", "modelyard branch down feature/x;"),
        ("x;rm", "branch up", "modelyard branch up 'x;rm';"),
        ("feature/x", "branch reap", "modelyard branch reap;"),
    ],
)
def test_what_to_type_works_whatever_is_checked_out(tmp_path, holder, branch, verb, typed):
    mine = BranchLock(tmp_path, "churn", "x-aaaaaaaaaa", branch)
    with pytest.raises(HeldError) as refused, mine.held(verb):
        pass
    assert f"then type again: {typed} or stop it" in refused.value.hint


def test_a_killed_holder_holds_nothing(tmp_path, holder):
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    with lock(tmp_path).held("branch down"):
        pass
    assert not lock(tmp_path).path.exists()


def test_one_at_a_time(tmp_path):
    inside, most, done = [], [], []

    def work() -> None:
        while not done or len(done) < 200:
            try:
                with lock(tmp_path).held("branch up"):
                    inside.append(1)
                    most.append(len(inside))
                    inside.pop()
                    done.append(1)
            except HeldError:
                continue

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(most) == {1}


def claim(store: StackStore, *, pid: int, host: str | None = None, since: str = "2030-01-01T00:00:00Z") -> None:
    import socket

    store.lock.folder.mkdir(parents=True)
    content = {"pid": pid, "username": "ada", "hostname": host or socket.gethostname(), "timestamp": since}
    (store.lock.folder / "1.json").write_text(json.dumps(content))


def test_a_dead_process_lock_is_broken_and_told_of(tmp_path):
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    store, said = StackStore(tmp_path, "churn", "x-aaaaaaaaaa"), []
    claim(store, pid=dead.pid, since="2020-01-01T00:00:00Z")
    locks.freed(store, said.append)
    assert store.lock.owners() == []
    (sentence,) = said
    assert sentence.startswith("broke the lock on churn/x-aaaaaaaaaa of the Pulumi CLI, ada@")
    assert f"(process {dead.pid}) since 2020-01-01T00:00:00Z, " in sentence
    assert sentence.endswith(" d ago: that process has ended")


@pytest.mark.parametrize(("pid", "host"), [(os.getpid(), None), (1, "another-machine")], ids=["living", "unknown"])
def test_the_lock_of_a_living_or_unknown_process_stays(tmp_path, pid, host):
    store = StackStore(tmp_path, "churn", "x-aaaaaaaaaa")
    claim(store, pid=pid, host=host)
    with pytest.raises(HeldError, match=r"of which nothing is known here|is being changed") as refused:
        locks.freed(store, pytest.fail)
    assert refused.value.hint == "if it has ended: modelyard cancel churn --env x-aaaaaaaaaa --force"
    assert len(store.lock.owners()) == 1

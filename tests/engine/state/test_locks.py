"""One writer at a time: our lock, the Pulumi CLI's, and what becomes of dead ones."""

import json
import os
import signal
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from engine.state.conftest import item

from modelyard.engine.embedded import cancelling
from modelyard.errors import StateError


def clis_lock(store, *, pid=None, host=None, since=None):
    """Put a lock file there as the Pulumi CLI does; by default that of a process that runs."""
    folder = store.lock.folder
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "pid": os.getpid() if pid is None else pid,
        "username": "ada",
        "hostname": host or socket.gethostname(),
        "timestamp": since or datetime.now(UTC).isoformat(),
    }
    (folder / "1234.json").write_text(json.dumps(content))


def ended():
    """Return the number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_while_we_write_the_cli_finds_a_lock_of_its_own_kind(stack):
    with stack().writing():
        (path,) = stack().lock.folder.glob("*.json")
        found = json.loads(path.read_text())
        assert (found["pid"], found["hostname"]) == (os.getpid(), socket.gethostname())
        assert datetime.fromisoformat(found["timestamp"]).tzinfo is not None
    assert not stack().lock.folder.exists()


def test_a_running_cli_is_not_disturbed(stack):
    clis_lock(stack())
    why = r"is being changed by the Pulumi CLI, ada@.* \(process \d+\) since"
    with pytest.raises(StateError, match=why) as caught, stack().writing():
        pass
    assert caught.value.hint.endswith("modelyard cancel p --env dev --force")
    assert not stack().path.exists()


@pytest.mark.parametrize("gone", [{"pid": None, "since": "2001-01-01T00:00:00+00:00"}, {}], ids=["reused", "ended"])
def test_the_lock_of_a_cli_that_has_ended_is_broken_by_cancel(stack, gone):
    clis_lock(stack(), **(gone or {"pid": ended()}))
    with pytest.raises(StateError, match="which has ended without unlocking it") as caught, stack().writing():
        pass
    assert caught.value.hint == "break its lock: modelyard cancel p --env dev"
    assert cancelling.cancel(stack()).startswith("broke the lock on p/dev of the Pulumi CLI, ada@")
    with stack().writing():
        pass


def test_another_machines_lock_is_broken_by_force_only(stack):
    clis_lock(stack(), host="elsewhere")
    with pytest.raises(StateError, match="ada@elsewhere"):
        cancelling.cancel(stack())
    assert cancelling.cancel(stack(), force=True).startswith("broke the lock")
    assert cancelling.cancel(stack()) == "nobody is changing p/dev"


HOLDER = f"""
import signal, sys, time
sys.path[:0] = {[str(Path(__file__).parents[2])]!r}
from pathlib import Path
from modelyard.engine.embedded.state.store import StackStore
stubborn = sys.argv[2] == "stubborn"
asked = []
signal.signal(signal.SIGINT, lambda *_: asked.append(1))
with StackStore(Path(sys.argv[1]), "p", "dev").writing():
    print("held", flush=True)
    while stubborn or not asked:
        time.sleep(0.02)
"""


def holder(folder, how="polite"):
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(folder), how], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    return process


def test_the_lock_of_a_killed_deployment_frees_itself(stack):
    process = holder(stack().folder)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert len(list(stack().lock.folder.glob("*.json"))) == 1
    with stack().writing():
        assert len(list(stack().lock.folder.glob("*.json"))) == 1
    assert not stack().lock.folder.exists()


def test_a_running_deployment_is_asked_to_stop(stack):
    process = holder(stack().folder)
    assert cancelling.cancel(stack()).startswith(f"asked process {process.pid}, which is changing p/dev, to stop")
    assert process.wait(timeout=10) == 0


@pytest.mark.slow
def test_one_that_does_not_stop_is_killed_the_second_time(stack):
    process = holder(stack().folder, "stubborn")
    cancelling.cancel(stack())
    assert process.poll() is None
    assert cancelling.cancel(stack()).startswith(f"killed process {process.pid}")
    assert process.wait(timeout=10) == -signal.SIGKILL


CONTENDER = f"""
import sys, time
sys.path[:0] = {[str(Path(__file__).parents[2])]!r}
from pathlib import Path
from engine.state.conftest import CountingDisk, thing
from modelyard.engine.embedded.state.store import StackStore
from modelyard.errors import StateError
wins = 0
for _ in range(50):
    try:
        with StackStore(Path(sys.argv[1]), "p", "dev", CountingDisk()).writing() as opened:
            place = Path(sys.argv[1]) / "inside"
            place.touch(exist_ok=False)
            opened.commit(opened.snapshot.end(None, put=thing(f"{{sys.argv[2]}}-{{time.monotonic_ns()}}")))
            place.unlink()
            wins += 1
    except StateError as error:
        assert "is being changed by" in str(error), error
        time.sleep(0.001)
    StackStore(Path(sys.argv[1]), "p", "dev").snapshot
print(wins)
"""


@pytest.mark.slow
def test_ten_processes_fifty_rounds_one_writer_at_a_time_and_readers_never_wait(stack):
    stack(item("a"))
    folder = str(stack().folder)
    writers = [
        subprocess.Popen([sys.executable, "-c", CONTENDER, folder, f"{it}"], stdout=subprocess.PIPE, text=True)
        for it in range(10)
    ]
    wins = sum(int(writer.communicate(timeout=300)[0]) for writer in writers)
    assert [writer.returncode for writer in writers] == [0] * 10
    assert len(stack().snapshot.resources) == wins + 3
    assert (wins > 10, list(stack().path.parent.glob("*.tmp")), stack().lock.folder.exists()) == (True, [], False)

"""State on disk: locked, journalled, and refused when it is damaged."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

import pytest

from modelyard import wire
from modelyard.engine.embedded.state.crypt import PassphraseCrypter
from modelyard.engine.embedded.state.disk import Disk
from modelyard.engine.embedded.state.resource import Resource
from modelyard.engine.embedded.state.store import StackStore
from modelyard.errors import StateError


def thing(name: str, *needs: str, **more: object) -> Resource:
    urn = f"urn:pulumi:dev::p::fake:index:Thing::{name}"
    dependencies = tuple(f"urn:pulumi:dev::p::fake:index:Thing::{it}" for it in needs)
    return Resource(urn=urn, type="fake:index:Thing", custom=True, id=name, dependencies=dependencies, **more)


def store(folder: Path) -> StackStore:
    return StackStore(folder, "p", "dev")


def names(found: StackStore) -> list[str]:
    return [item.name for item in found.snapshot.resources]


def put(opened: StackStore, resource: Resource) -> None:
    opened.commit(opened.snapshot.end(None, put=resource))


class Killed(BaseException):
    """What the process was doing ended here, at once."""


def killed_while_open(folder: Path, *resources: Resource) -> Path:
    """Leave a stack as a kill leaves it after some resources were put; return its journal's path."""

    class Stopping(Disk):
        stopped = False

        def create(self, path: Path) -> BinaryIO:
            if self.stopped:
                raise Killed
            return super().create(path)

    disk = Stopping()
    found = StackStore(folder, "p", "dev", disk)
    with pytest.raises(Killed), found.writing() as opened:
        for resource in resources:
            put(opened, resource)
        disk.stopped = True
    return found.journal_path


def line(text: str) -> bytes:
    return text.encode() + b"\t%08x\n" % zlib.crc32(text.encode())


@pytest.fixture
def filled(tmp_path: Path) -> StackStore:
    for group in (("a",), ("b", "c")):
        with store(tmp_path).writing() as opened:
            for old in [item for item in opened.snapshot.old if item]:
                opened.commit(opened.snapshot.end(None, put=old, drop=opened.snapshot.index(old.urn)))
            for name in group:
                put(opened, thing(name))
    return store(tmp_path)


def test_a_crash_in_the_middle_leaves_what_was_committed_and_what_was_under_way(tmp_path):
    program = textwrap.dedent(
        f"""
        import os, sys
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        from test_store import put, store, thing
        from pathlib import Path
        with store(Path({str(tmp_path)!r})).writing() as opened:
            put(opened, thing("a"))
            opened.commit(opened.snapshot.begin(1, "creating", thing("b", "a", inputs={{"x": 1}})))
            os.kill(os.getpid(), 9)
        """
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == -signal.SIGKILL
    found = store(tmp_path)
    assert names(found) == ["a"]
    assert [(it.kind, it.resource.name, it.resource.inputs) for it in found.snapshot.pending] == [
        ("creating", "b", {"x": 1})
    ]


@pytest.mark.parametrize("cut", [1, 5, 40])
def test_a_journal_cut_short_is_read_up_to_the_cut(tmp_path, cut):
    journal = killed_while_open(tmp_path, thing("a"), thing("b"))
    journal.write_bytes(journal.read_bytes()[:-cut])
    assert names(store(tmp_path)) == ["a"]


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (line("{}"), "is not what it should be"),
        (line('{"op":"end"}'), "is not what it should be"),
        (line('{"op":"end","n":null,"drop":99}'), "is not what it should be"),
        (line("nonsense"), "can't be read"),
        (line('{"op":"end","n":null}').replace(b"end", b"emd"), "can't be read"),
    ],
)
def test_a_journal_with_a_line_that_makes_no_sense_is_refused(tmp_path, bad, why):
    journal = killed_while_open(tmp_path, thing("a"))
    journal.write_bytes(journal.read_bytes() + bad + line('{"op":"end","n":null}'))
    with pytest.raises(StateError, match=f"line 3 of its journal {why}"):
        _ = store(tmp_path).snapshot


def test_an_interrupt_saves_what_was_done(tmp_path):
    with pytest.raises(KeyboardInterrupt), store(tmp_path).writing() as opened:
        put(opened, thing("a"))
        raise KeyboardInterrupt
    assert names(store(tmp_path)) == ["a"]
    assert not store(tmp_path).path.with_suffix(".journal").exists()


DAMAGE = {
    "cut short": lambda text: text[: len(text) // 2],
    "empty": lambda text: "",
    "no JSON": lambda text: "{nonsense",
    "no object": lambda text: "[]",
    "a list of resources in its place": lambda text: '{"version": 3, "checkpoint": {"latest": []}}',
    "that of another stack": lambda text: text.replace("organization/p/dev", "organization/p/prod"),
    "a newer version": lambda text: text.replace('"version":3', '"version":9'),
    "a resource without a urn": lambda text: text.replace('"urn":"urn:pulumi:dev::p::fake:index:Thing::c"', '"x":1'),
    "a dependency that isn't there": lambda text: text.replace(
        '"id":"b"', '"id":"b","dependencies":["urn:pulumi:dev::p::t::nowhere"]'
    ),
}


@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_checkpoint_is_refused_and_the_backup_named(filled, how):
    text = filled.path.read_text()
    filled.path.write_text(DAMAGE[how](text))
    with pytest.raises(StateError) as caught:
        _ = store(filled.folder).snapshot
    assert str(filled.path) in str(caught.value)
    assert caught.value.hint == f"restore the backup: cp '{filled.path}.bak' '{filled.path}'"
    assert json.loads(Path(f"{filled.path}.bak").read_text())["version"] == 3


def test_secrets_survive_a_crash_that_comes_before_the_salt_is_in_the_checkpoint(tmp_path):
    journal = killed_while_open(tmp_path, thing("a", outputs={"key": wire.Secret("hush")}))
    assert b"salt" not in store(tmp_path).path.read_bytes()
    assert b"hush" not in journal.read_bytes()
    assert store(tmp_path).snapshot.resources[0].outputs == {"key": wire.Secret("hush")}


def test_the_first_secrets_of_a_stack_may_come_at_once(tmp_path):
    crypter = PassphraseCrypter(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        ciphertexts = list(pool.map(crypter.encrypt, map(str, range(8))))
    later = PassphraseCrypter(tmp_path, crypter.salt)
    assert [later.decrypt(it) for it in ciphertexts] == [str(it) for it in range(8)]


def test_a_wrong_passphrase_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "one")
    with store(tmp_path).writing() as opened:
        put(opened, thing("a", outputs={"key": wire.Secret("hush")}))
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "two")
    with pytest.raises(StateError, match="a secret of this stack can't be decrypted") as caught:
        _ = store(tmp_path).snapshot
    assert caught.value.hint.startswith("set PULUMI_CONFIG_PASSPHRASE")


def test_the_second_of_two_is_told_who_holds_the_lock(tmp_path):
    with (
        store(tmp_path).writing(),
        pytest.raises(StateError, match=f"is being changed by process {os.getpid()} since"),
        store(tmp_path).writing(),
    ):
        pass


CONTENDER = f"""
import sys, time
sys.path.insert(0, {str(Path(__file__).parent)!r})
from pathlib import Path
from test_store import put, store, thing
from modelyard.errors import StateError
wins = 0
for _ in range(10):
    try:
        with store(Path(sys.argv[1])).writing() as opened:
            put(opened, thing(f"t{{time.monotonic_ns()}}"))
            wins += 1
    except StateError:
        time.sleep(0.002)
print(wins)
"""


def test_many_writers_take_turns_and_the_state_stays_valid(tmp_path):
    command = [sys.executable, "-c", CONTENDER, str(tmp_path)]
    writers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    wins = sum(int(writer.communicate(timeout=60)[0]) for writer in writers)
    assert len(names(store(tmp_path))) == wins > 0

"""State on disk: locked, journalled, and refused when it is damaged."""

import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from modelyard import wire
from modelyard.engine.embedded.state import Resource
from modelyard.engine.embedded.store import StackStore
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
    found = store(tmp_path)
    with pytest.raises(KeyboardInterrupt), found.writing() as opened:
        put(opened, thing("a"))
        put(opened, thing("b"))
        journal = found.path.with_suffix(".journal").read_bytes()
        checkpoint = found.path.read_bytes()
        raise KeyboardInterrupt
    found.path.write_bytes(checkpoint)
    found.path.with_suffix(".journal").write_bytes(journal[:-cut])
    assert names(store(tmp_path)) == ["a"]


@pytest.mark.parametrize("line", ["{}", '{"op": "end"}', '{"op": "end", "n": null, "drop": 99}', "nonsense"])
def test_a_journal_with_a_line_that_makes_no_sense_is_refused(tmp_path, line):
    found = store(tmp_path)
    with pytest.raises(KeyboardInterrupt), found.writing() as opened:
        put(opened, thing("a"))
        journal, checkpoint = found.path.with_suffix(".journal").read_text(), found.path.read_bytes()
        raise KeyboardInterrupt
    found.path.write_bytes(checkpoint)
    found.path.with_suffix(".journal").write_text(f"{journal}{line}\n{journal.splitlines()[-1]}\n")
    with pytest.raises(StateError, match="line 3 of its journal"):
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
    "a newer version": lambda text: text.replace('"version": 3', '"version": 9'),
    "a resource without a urn": lambda text: text.replace('"urn": "urn:pulumi:dev::p::fake:index:Thing::c"', '"x": 1'),
    "a dependency that isn't there": lambda text: text.replace(
        '"id": "b"', '"id": "b", "dependencies": ["urn:pulumi:dev::p::t::nowhere"]'
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
    found = store(tmp_path)
    with pytest.raises(KeyboardInterrupt), found.writing() as opened:
        checkpoint = found.path.read_bytes()
        put(opened, thing("a", outputs={"key": wire.Secret("hush")}))
        journal = found.path.with_suffix(".journal").read_bytes()
        raise KeyboardInterrupt
    assert b"hush" not in journal
    found.path.write_bytes(checkpoint)
    found.path.with_suffix(".journal").write_bytes(journal)
    assert store(tmp_path).snapshot.resources[0].outputs == {"key": wire.Secret("hush")}


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

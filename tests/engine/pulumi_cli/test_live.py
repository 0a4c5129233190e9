"""The real Pulumi CLI as an engine: what is particular to it; what both engines do is in `engine/lifecycle`."""

import json
import os
import shutil
import signal
import threading
import time
from dataclasses import replace

import pytest
from engine.bench import Bench

from modelyard import wire
from modelyard.engine.base import Change, Severity
from modelyard.engine.embedded.engine import EmbeddedEngine
from modelyard.engine.plan import Op
from modelyard.engine.pulumi_cli import PulumiEngine
from modelyard.errors import DeploymentError, StateError

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("pulumi") is None, reason="the Pulumi CLI is not installed"),
]
PROGRAM = """
a = Thing("a", value="1", pw=pulumi.Output.secret("canary-s3cret"))
pulumi.export("plain", {"n": 3, "deep": [a.out]})
pulumi.export("pw", a.pw if hasattr(a, "pw") else pulumi.Output.secret("canary-s3cret"))
"""


@pytest.fixture
def bench(tmp_path, monkeypatch) -> Bench:
    for name in ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE", "PULUMI_BACKEND_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "home-of-the-user"))
    return Bench(tmp_path / "bench", PulumiEngine())


def files(bench: Bench) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in bench.folder.rglob("*") if path.is_file()}


def test_a_preview_writes_nothing_at_all(bench):
    bench.write(PROGRAM)
    before = files(bench)
    planned = bench.preview()
    assert (planned.verb, planned.outcome, bench.ops(planned)) == ("preview", "succeeded", {"a": Op.CREATE})
    assert files(bench) == before
    home = bench.folder.parent / "home-of-the-user"
    assert {path.name for path in home.glob("*")} <= {"logs"}  # of the CLI's being asked for its version
    assert bench.cloud == {}
    bench.up()
    before = files(bench)
    assert [bench.preview(verb=verb).outcome for verb in ("up", "destroy", "refresh")] == ["succeeded"] * 3
    assert files(bench) == before


def test_outputs_are_real_and_secrets_are_wrapped(bench):
    result = bench.up(PROGRAM)
    assert result.outputs == {"plain": {"n": 3, "deep": ["out-1"]}, "pw": wire.Secret("canary-s3cret")}
    assert "canary" not in repr(result)
    assert "canary" not in repr(bench.events)
    assert [path for path, data in files(bench).items() if b"canary" in data and "program" not in path] == []


def test_both_engines_take_turns_with_a_passphrase_that_was_made_up(bench):
    embedded = Bench(bench.folder / "other", EmbeddedEngine(), bench.world)
    embedded.program, embedded.folder = bench.program, bench.folder
    bench.up(PROGRAM)
    assert bench.ops(embedded.up()) == {"a": Op.SAME}
    assert bench.ops(bench.up(PROGRAM.replace('"1"', '"2"'))) == {"a": Op.UPDATE}
    assert bench.ops(embedded.destroy()) == {"a": Op.DELETE}
    assert bench.preview("").outcome == "succeeded"
    assert not (bench.program / "Pulumi.dev.yaml").exists()


def test_the_journal_of_a_killed_embedded_deployment_is_not_lost(bench):
    bench.up('Thing("a")')
    path = bench.store().path
    with bench.store().writing() as store:
        for known in list(store.snapshot.resources):
            outputs = {"out": "from the journal"} if known.name == "a" else known.outputs
            place = store.snapshot.index(known.urn)
            store.commit(store.snapshot.end(None, put=replace(known, outputs=outputs), drop=place))
        kept = {it: it.read_bytes() for it in path.parent.iterdir() if it.is_file()}
    for it, data in kept.items():
        it.write_bytes(data)
    bench.refresh(targets=("**::nothing",))
    assert bench.resource("a")["outputs"] == {"out": "from the journal"}


def test_several_providers_of_a_package_each_have_their_region(bench):
    result = bench.up(
        'east, west = Fake("east", region="e"), Fake("west", region="w")\n'
        'Thing("a", Opts(provider=east))\nThing("b", Opts(provider=west))'
    )
    assert result.outcome == "succeeded"
    assert {it.name for it in result.changes if it.type == "pulumi:providers:fake"} == {"east", "west"}


def test_a_preview_stands_on_outputs_that_are_to_come(bench):
    bench.write('other = pulumi.StackReference("organization/base/dev")\nThing("a", value=other.get_output("url"))')
    known = replace(bench.deployment(), assumed={"base/dev": {"url": "http://x", "pw": wire.Secret(wire.UNKNOWN)}})
    planned = bench.engine.preview(known, bench.events.append)
    assert (planned.outcome, bench.ops(planned)) == ("succeeded", {"a": Op.CREATE})
    later = replace(bench.deployment(), assumed={"base/dev": {"url": wire.UNKNOWN}})
    assert bench.engine.preview(later, bench.events.append).outcome == "succeeded"
    assert not (bench.folder / "state").exists()
    assert bench.preview().outcome == "failed"


def test_a_wrong_passphrase_is_an_error_that_names_the_variable(bench, monkeypatch):
    bench.up(PROGRAM)
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "another")
    with pytest.raises(StateError, match="can't be decrypted") as error:
        bench.up()
    assert error.value.hint.startswith("set PULUMI_CONFIG_PASSPHRASE to the passphrase the stack was made with")


def test_a_lock_is_told_and_cancelled(bench):
    bench.up('Thing("a")')
    lock = bench.folder / "state/.pulumi/locks/organization/bench/dev/4f2a.json"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.write_text(json.dumps({"pid": 1, "username": "ada", "hostname": "far", "timestamp": "2026-01-02T03:04:05Z"}))
    with pytest.raises(StateError) as error:
        bench.up()
    assert str(error.value) == ("stack bench/dev is being changed by ada@far (process 1) since 2026-01-02T03:04:05Z")
    assert error.value.hint.endswith("modelyard cancel bench --env dev")
    bench.engine.cancel(bench.deployment())
    assert not lock.exists()
    assert bench.up().outcome == "succeeded"


def test_pulumi_cloud_without_a_token_says_what_is_missing(bench, monkeypatch):
    monkeypatch.delenv("PULUMI_ACCESS_TOKEN", raising=False)
    bench.write('Thing("a")')
    there = replace(bench.deployment(), backend="https://api.pulumi.com")
    with pytest.raises(DeploymentError) as error:
        bench.engine.up(there, bench.events.append)
    assert str(error.value) == "the Pulumi CLI is not logged in to https://api.pulumi.com"
    assert error.value.hint.startswith("set PULUMI_ACCESS_TOKEN")


def test_a_failed_up_is_a_result(bench):
    result = bench.up('a = Thing("a", fail="create")\nThing("b", value=a.out)\nThing("c")')
    assert result.outcome == "failed"
    assert bench.errors(result) == {"a": "a does not want to create"}
    assert [it for it in result.diagnostics if it.severity is Severity.ERROR] == []


def test_ctrl_c_ends_in_order_and_the_state_has_what_was_made(bench):
    bench.write('a = Thing("a", slow=4)\nThing("b", value=a.out)')
    started = threading.Event()

    def sink(event):
        if isinstance(getattr(event, "change", None), Change) and event.change.name == "a":
            started.set()

    def press():
        started.wait(60)
        time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGINT)

    pressing = threading.Thread(target=press)
    pressing.start()
    result = bench.engine.up(bench.deployment(), sink)
    pressing.join()
    assert result.outcome == "cancelled"
    assert "b" not in bench.ops(result)
    assert bench.things() == ["a"]
    assert list(bench.cloud) == [bench.resource("a")["id"]]


def test_history_and_stacks(bench):
    bench.up('Thing("a")', message="the first")
    bench.destroy()
    # the CLI does not count default providers
    newest, oldest = bench.engine.history(bench.deployment())
    assert (newest.version, newest.verb, newest.outcome, newest.changes) == (2, "destroy", "succeeded", {Op.DELETE: 2})
    assert (oldest.version, oldest.verb, oldest.message, oldest.changes) == (1, "up", "the first", {Op.CREATE: 2})
    assert bench.engine.stacks(bench.deployment()) == ["bench/dev"]


def test_where_the_projects_virtual_environment_is_missing_our_python_runs_the_program(bench):
    project = "name: bench\nruntime:\n  name: python\n  options:\n    virtualenv: venv\n"
    (bench.program / "Pulumi.yaml").write_text(project)
    result = bench.up('import sys\nprint("in", sys.prefix)\nThing("a")')
    assert (result.outcome, bench.ops(result)) == ("succeeded", {"a": Op.CREATE})
    assert bench.said(Severity.INFO)[0].startswith("in ")
    assert not (bench.program / "venv").exists()
    failed = bench.up("raise ValueError('boom')")
    assert failed.outcome == "failed"
    assert [it.message.splitlines()[-1] for it in failed.diagnostics] == ["ValueError: boom"]
    ended = bench.up("import sys\nsys.exit(3)")
    assert [it.message for it in ended.diagnostics] == [
        "the program ended with exit code 3 before it had registered everything"
    ]

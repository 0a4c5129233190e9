"""The state as a document, its history, and operations that were cut short."""

import ast
import copy
import json
import os
import signal
import threading

import pytest
from engine.bench import named
from engine.lifecycle.differences import Difference, differs

from modelyard.engine.plan import Op
from modelyard.errors import StateError

TWO = 'a = Thing("a", value="1")\nb = Thing("b", value=a.out)\npulumi.export("b", b.out)'


def test_an_exported_state_is_imported_again(bench):
    bench.up(TWO)
    document = bench.export_state()
    bench.destroy()
    bench.cloud.update({"a-1": {"value": "1", "out": "out-1"}, "b-1": {"value": "out-1", "out": "out-out-1"}})
    bench.import_state(document)
    result = bench.up()
    assert (result.outcome, result.has_changes, result.outputs) == ("succeeded", False, {"b": "out-out-1"})


def test_a_state_with_secrets_is_imported_again(bench):
    bench.up('Thing("a", note=pulumi.Output.secret("canary-40"))')
    document = bench.export_state()
    assert "canary-40" not in str(document)
    bench.import_state(document)
    assert bench.up().has_changes is False


def test_a_resource_that_is_edited_out_of_the_state_is_made_anew(bench):
    bench.up(TWO)
    document = copy.deepcopy(bench.export_state())
    document["deployment"]["resources"] = [it for it in bench.resources() if named(it["urn"]) != "b"]
    bench.import_state(document)
    assert bench.ops(bench.up()) == {"a": Op.SAME, "b": Op.CREATE}


def test_another_stacks_state_is_refused(bench):
    bench.up(TWO)
    document = bench.export_state()
    text = str(document["deployment"]["resources"]).replace(":dev::", ":prod::")
    document["deployment"]["resources"] = ast.literal_eval(text)
    with pytest.raises(StateError):
        bench.import_state(document)
    assert bench.up().has_changes is False


def test_a_state_that_is_not_valid_is_refused(bench):
    bench.up(TWO)
    document = copy.deepcopy(bench.export_state())
    document["deployment"]["resources"].reverse()
    with pytest.raises(StateError):
        bench.import_state(document)
    assert bench.up().has_changes is False


def test_an_exported_state_names_its_version(bench):
    bench.up(TWO)
    document = bench.export_state()
    assert (document["version"], sorted(named(it["urn"]) for it in document["deployment"]["resources"])) == (
        3,
        ["a", "b", "bench-dev", "default"],
    )


def test_the_file_is_pulumis_own_checkpoint(bench):
    bench.up(TWO)
    document = json.loads((bench.folder / "state" / ".pulumi" / "stacks" / "bench" / "dev.json").read_text())
    assert (document["version"], document["checkpoint"]["stack"]) == (3, "organization/bench/dev")
    first = document["checkpoint"]["latest"]["resources"][0]
    assert (first["type"], first["outputs"]) == ("pulumi:pulumi:Stack", {"b": "out-out-1"})


def test_the_history_says_what_was_done(bench):
    bench.up(TWO, message="the first")
    bench.refresh()
    bench.up('raise ValueError("oops")')
    bench.destroy(message="the last")
    told = [(it.verb, it.outcome, it.message) for it in bench.engine.history(bench.deployment())]
    assert [it[:2] for it in told] == [
        ("destroy", "succeeded"),
        ("up", "failed"),
        ("refresh", "succeeded"),
        ("up", "succeeded"),
    ]
    assert (told[0][2], told[-1][2]) == ("the last", "the first")


def test_the_history_counts_and_times(bench):
    bench.up(TWO)
    bench.up(TWO.replace('"1"', '"2"'))
    second, first = bench.engine.history(bench.deployment())
    assert (second.version, first.version, first.started <= second.started) == (2, 1, True)
    assert (first.changes[Op.CREATE] >= 3, second.changes[Op.UPDATE]) == (True, 2)


def test_previews_are_not_in_the_history(bench):
    bench.up(TWO)
    bench.preview()
    assert len(bench.engine.history(bench.deployment())) == 1


def pending(bench, kind):
    """Return the state as a deployment that was killed in mid-`kind` of b leaves it."""
    document = copy.deepcopy(bench.export_state())
    deployment = document["deployment"]
    [resource] = [it for it in deployment["resources"] if named(it["urn"]) == "b"]
    if kind == "creating":
        deployment["resources"].remove(resource)
        resource = {key: value for key, value in resource.items() if key not in ("id", "outputs")}
    deployment["pending_operations"] = [{"resource": resource, "type": kind}]
    return document


@differs(Difference.ADOPTION)
def test_a_create_that_was_cut_short(bench):
    bench.up(TWO)
    bench.import_state(pending(bench, "creating"))
    result = bench.up()
    assert (result.outcome, bench.things()) == ("succeeded", ["a", "b"])
    assert bench.up().has_changes is False


@pytest.mark.parametrize("kind", ["updating", "deleting", "reading"])
@differs(Difference.ADOPTION)
def test_another_step_that_was_cut_short(bench, kind):
    bench.up(TWO)
    bench.import_state(pending(bench, kind))
    result = bench.up()
    assert (result.outcome, bench.things()) == ("succeeded", ["a", "b"])
    assert sorted(bench.cloud) == ["a-1", "b-1"]


@differs(Difference.CANCELLED)
def test_an_interrupt_ends_in_order_and_the_next_up_goes_on(bench):
    started = threading.Event()
    bench.world.listener = lambda call: started.set()
    program = 'a = Thing("a", slow=1.5)\nb = Thing("b", value=a.out)\nThing("c", value=b.out)'

    def interrupt() -> None:
        started.wait(30)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    result = bench.up(program)
    thread.join()
    assert (result.outcome, bench.calls, bench.things()) == ("cancelled", ["create a"], ["a"])
    assert bench.ops(bench.up()) == {"a": Op.SAME, "b": Op.CREATE, "c": Op.CREATE}


def test_a_lock_keeps_a_second_deployment_out(bench):
    inside, ended, seen = threading.Event(), threading.Event(), []

    def listen(call: str) -> None:
        inside.set()
        ended.wait(60)

    bench.world.listener = listen
    bench.write('Thing("a")')
    first = threading.Thread(target=lambda: seen.append(bench.engine.up(bench.deployment(), lambda event: None)))
    first.start()
    assert inside.wait(60)
    with pytest.raises(StateError):
        bench.engine.up(bench.deployment(), lambda event: None)
    ended.set()
    first.join()
    assert ([it.outcome for it in seen], list(bench.cloud)) == (["succeeded"], ["a-1"])

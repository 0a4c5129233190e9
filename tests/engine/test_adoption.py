"""A create that a kill cut short: found by what it is, and never somebody else's."""

from dataclasses import replace

import pytest
from engine.fake_provider import FakeProvider

from modelyard.engine.embedded.state.resource import Resource


class CutOff(FakeProvider):
    """Makes what it is asked for, and its answer is lost."""

    def Create(self, request, context):
        super().Create(request, context)
        raise RuntimeError("the connection was lost")


@pytest.fixture
def cut(bench):
    """A stack whose last deployment was killed while it created `b`; the cloud has `b` as the test says."""
    bench.up('Thing("a")')
    a = next(item for item in bench.store().snapshot.resources if item.name == "a")
    tags = {"stack": "dev"}
    inputs = {"value": "1", "tagsAll": tags}
    b = Resource(**{**a.__dict__, "urn": a.urn[:-1] + "b", "id": "", "inputs": inputs, "outputs": {}})
    store = bench.store()
    with store.writing() as opened:
        for old in [item for item in opened.snapshot.old if item]:
            opened.commit(opened.snapshot.end(None, put=old, drop=opened.snapshot.index(old.urn)))
        opened.commit(opened.snapshot.begin(1, "creating", b))
    return bench, inputs


def changed(bench) -> list[str]:
    """Return the calls that changed something, or tried."""
    return [call for call in bench.calls if not call.startswith("read")]


PROGRAM = 'Thing("a")\nThing("b", value="1", tagsAll={"stack": "dev"})'


def test_it_was_made_whole(cut):
    bench, inputs = cut
    bench.cloud["made"] = {**inputs, "out": "out-1"}
    bench.up(PROGRAM)
    assert (changed(bench), len(bench.cloud)) == ([], 2)


def test_it_was_made_and_not_all_is_set_yet(cut):
    bench, inputs = cut
    bench.cloud["made"] = {**inputs, "value": None, "out": ""}
    bench.up(PROGRAM)
    assert (changed(bench), len(bench.cloud)) == (["update b"], 2)


def test_it_was_not_made(cut):
    bench, _ = cut
    bench.up(PROGRAM)
    assert (changed(bench), len(bench.cloud)) == (["create b"], 2)


def test_what_has_other_tags_is_left_alone(cut):
    bench, inputs = cut
    bench.cloud["other"] = {**inputs, "tagsAll": {"stack": "prod"}, "out": ""}
    bench.up(PROGRAM)
    assert (changed(bench), len(bench.cloud)) == (["create b"], 3)


def test_what_another_stack_has_is_left_alone(cut):
    bench, _ = cut
    bench.write('Thing("x", value="1", tagsAll={"stack": "dev"})')
    bench.engine.up(bench.deployment("second"), bench.events.append)
    bench.up(PROGRAM)
    assert (changed(bench), len(bench.cloud)) == (["create b"], 3)


def test_destroy_finds_it_too(cut):
    bench, inputs = cut
    bench.cloud["made"] = {**inputs, "out": ""}
    assert bench.destroy().outcome == "succeeded"
    assert bench.cloud == {}


def test_a_create_that_answers_with_an_error_though_it_was_made_is_kept(bench):
    bench.write('Thing("a", value="1", tagsAll={"stack": "dev"})')
    cut_off = replace(bench.deployment(), plugins={"fake": lambda: CutOff(bench.world)})
    assert bench.engine.up(cut_off, bench.events.append).outcome == "failed"
    assert (bench.resource("a")["id"], len(bench.cloud)) == ("a-1", 1)
    assert (bench.up().outcome, len(bench.cloud)) == ("succeeded", 1)


def test_one_that_has_only_the_same_inputs_is_left_alone(bench):
    bench.cloud["theirs"] = {"value": "1", "out": "out-1"}
    assert bench.up('Thing("a", value="1", fail="create")').outcome == "failed"
    assert (bench.things(), len(bench.cloud)) == ([], 1)

"""Both engines on one stack: what one has made the other takes over, by one folder or by export and import."""

import shutil
from pathlib import Path

import pytest
from engine.bench import Bench

from modelyard.engine.embedded.engine import EmbeddedEngine
from modelyard.engine.plan import Op
from modelyard.engine.pulumi_cli import PulumiEngine

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("pulumi") is None, reason="the Pulumi CLI is not installed"),
]
ENGINES = {"embedded": EmbeddedEngine, "pulumi": PulumiEngine}
ORDERS = [("embedded", "pulumi"), ("pulumi", "embedded")]

RICH = """
p = Fake("p", color="red")
g = Group("g", Opts(providers=[p]))
a = Thing("a", Opts(parent=g, protect=True), value="{0}", key=pulumi.Output.secret("canary-50"))
b = Thing("b", Opts(parent=g, deleted_with=a, additional_secret_outputs=["out"]), value=a.out, tags={{"x": [1, None]}})
c = Thing("c", Opts(retain_on_delete=True, custom_timeouts=pulumi.CustomTimeouts(create="1m")), kind="Named")
d = Thing("d", Opts(depends_on=[g], replace_with=[b]), source=pulumi.StringAsset("text"), code=pulumi.AssetArchive(
    {{"x": pulumi.StringAsset("x")}}))
e = Thing("e", Opts(id="there"))
s = pulumi.Stash("s", input=pulumi.Output.secret("canary-51"))
pulumi.export("out", b.out)
pulumi.export("key", pulumi.Output.secret({{"deep": ["canary-52"]}}))
"""


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "a passphrase")
    found = Bench(tmp_path)
    found.cloud["there"] = {"value": "theirs", "out": "o"}
    return found


def take(bench: Bench, name: str) -> None:
    bench.engine = ENGINES[name]()


@pytest.mark.parametrize(("first", "second"), ORDERS)
def test_on_one_folder(bench, first, second):
    take(bench, first)
    assert bench.up(RICH.format(1)).outcome == "succeeded"
    take(bench, second)
    planned = bench.preview()
    assert [change for change in planned.changes if change.op.is_change] == []
    assert bench.up().has_changes is False
    assert bench.ops(bench.up(RICH.format(2)))["a"] is Op.UPDATE
    take(bench, first)
    assert bench.preview().has_changes is False
    assert bench.destroy(unprotect=True).outcome == "succeeded"
    take(bench, second)
    assert (bench.resources(), sorted(bench.cloud)) == ([], ["b-1", "c-1", "there"])


@pytest.mark.parametrize(("first", "second"), ORDERS)
def test_by_export_and_import(bench, first, second):
    take(bench, first)
    before = bench.up(RICH.format(1))
    document = bench.export_state()
    assert "canary-5" not in str(document)
    shutil.rmtree(bench.folder / "state")
    take(bench, second)
    bench.import_state(document)
    planned = bench.preview()
    assert ([change for change in planned.changes if change.op.is_change], planned.outcome) == ([], "succeeded")
    after = bench.up()
    assert (after.has_changes, after.outputs) == (False, before.outputs)


@pytest.mark.parametrize(("first", "second"), ORDERS)
def test_what_one_engine_left_half_done_the_other_finishes(bench, first, second):
    take(bench, first)
    bench.up('Thing("a", fixed="1")\nThing("b", fixed_name="1")')
    bench.faults.update({"delete a": "still in use"})
    bench.up('Thing("a", fixed="2")\nThing("b", fixed_name="1")')
    bench.faults.update({"create b": "not today"})
    bench.up('Thing("a", fixed="2")\nThing("b", fixed_name="2")')
    bench.faults.clear()
    take(bench, second)
    assert bench.up('Thing("a", fixed="2")\nThing("b", fixed_name="2")').outcome == "succeeded"
    assert sorted(bench.cloud) == ["a-2", "b-2", "there"]
    assert bench.up().has_changes is False

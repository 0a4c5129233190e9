"""What a program has without a provider of ours: stashes, dynamic providers, assets, archives and automatic names."""

import re

import pytest
from engine.lifecycle.differences import Difference, differs

from modelyard import wire
from modelyard.engine.plan import Op

DYNAMIC = """
from pulumi import dynamic

class Keeper(dynamic.ResourceProvider):
    def check(self, old, new):
        failures = [dynamic.CheckFailure("size", "it is too big")] if new.get("size", 0) > 10 else []
        return dynamic.CheckResult(new, failures)
    def diff(self, id, old, new):
        changed = old.get("size") != new["size"]
        moved = old.get("place") != new["place"]
        return dynamic.DiffResult(changed or moved, replaces=["place"] if moved else [])
    def create(self, inputs):
        return dynamic.CreateResult(f"kept-{inputs['place']}", {**inputs, "double": inputs["size"] * 2})
    def update(self, id, old, new):
        return dynamic.UpdateResult({**new, "double": new["size"] * 2})

class Kept(dynamic.Resource):
    double: pulumi.Output[int]
    def __init__(self, name, opts=None, **props):
        super().__init__(Keeper(), name, {"double": None, **props}, opts)

k = Kept("k", place="%s", size=%s)
pulumi.export("double", k.double)
pulumi.export("id", k.id)
"""


def ops_of(result, name):
    return [change.op for change in result.changes if change.name == name]


def test_a_dynamic_provider_through_its_life(bench):
    result = bench.up(DYNAMIC % ("x", 1))
    assert (result.outcome, result.outputs, ops_of(result, "k")) == (
        "succeeded",
        {"double": 2, "id": "kept-x"},
        [Op.CREATE],
    )
    assert bench.up().has_changes is False
    result = bench.up(DYNAMIC % ("x", 2))
    assert (result.outputs, ops_of(result, "k")) == ({"double": 4, "id": "kept-x"}, [Op.UPDATE])
    result = bench.up(DYNAMIC % ("y", 2))
    assert (result.outputs["id"], ops_of(result, "k")) == ("kept-y", [Op.REPLACE])
    assert bench.destroy().outcome == "succeeded"
    assert bench.resources() == []


def test_a_dynamic_provider_refuses_an_input(bench):
    result = bench.up(DYNAMIC % ("x", 11))
    assert result.outcome == "failed"
    assert "it is too big" in bench.errors(result)["k"]


def test_a_dynamic_provider_that_raises(bench):
    program = (DYNAMIC % ("x", 1)).replace("return dynamic.CreateResult", 'raise ValueError("no room")\n        return')
    result = bench.up(program)
    assert (result.outcome, [it["urn"] for it in bench.resources() if "Resource::k" in it["urn"]]) == ("failed", [])
    assert "no room" in "".join(bench.errors(result).values())


def test_preview_of_a_dynamic_resource_makes_nothing(bench):
    made = "open('made', 'w')\n        return dynamic.CreateResult"
    program = (DYNAMIC % ("x", 1)).replace("return dynamic.CreateResult", made)
    planned = bench.preview(program)
    assert (planned.outcome, ops_of(planned, "k"), bench.resources()) == ("succeeded", [Op.CREATE], [])
    assert planned.outputs == {"double": wire.UNKNOWN, "id": wire.UNKNOWN}
    assert [path.name for path in bench.folder.rglob("made")] == []


def test_a_stash_keeps_its_first_value(bench):
    program = 's = pulumi.Stash("s", input="{}")\npulumi.export("kept", s.output)'
    result = bench.up(program.format("first"))
    assert (result.outcome, result.outputs) == ("succeeded", {"kept": "first"})
    result = bench.up(program.format("second"))
    assert (result.outcome, result.outputs) == ("succeeded", {"kept": "first"})


def test_a_stash_that_is_replaced_takes_the_new_value(bench):
    program = 's = pulumi.Stash("s", input="{}")\npulumi.export("kept", s.output)'
    bench.up(program.format("first"))
    result = bench.up(program.format("second"), replace=("**::s",))
    assert (result.outcome, result.outputs) == ("succeeded", {"kept": "second"})


def test_a_stash_of_a_secret(bench):
    bench.up('s = pulumi.Stash("s", input=pulumi.Output.secret("canary-30"))\npulumi.export("kept", s.output)')
    assert "canary-30" not in str(bench.resources())
    assert bench.destroy().outcome == "succeeded"


@differs(Difference.WORDS)
def test_a_stash_can_not_be_imported(bench):
    result = bench.up('pulumi.Stash("s", input="x", opts=Opts(import_="y"))')
    assert result.outcome == "failed"


def test_an_asset_changes_with_its_content(bench):
    bench.up('Thing("a", source=pulumi.StringAsset("one"))')
    first = bench.resource("a")["inputs"]["source"]["hash"]
    assert bench.up().has_changes is False
    result = bench.up('Thing("a", source=pulumi.StringAsset("two"))')
    assert bench.ops(result) == {"a": Op.UPDATE}
    assert bench.resource("a")["inputs"]["source"]["hash"] != first


def test_a_file_as_an_asset(bench):
    file = bench.program / "data.txt"
    file.write_text("one")
    bench.up('Thing("a", source=pulumi.FileAsset("data.txt"))')
    made = bench.resource("a")["inputs"]["source"]
    assert (made["path"], made["hash"]) == (
        "data.txt",
        "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed",
    )
    assert bench.up().has_changes is False
    file.write_text("two")
    assert bench.ops(bench.up()) == {"a": Op.UPDATE}


def test_a_text_and_a_file_of_one_content(bench):
    (bench.program / "data.txt").write_text("one")
    bench.up('Thing("a", source=pulumi.FileAsset("data.txt"))')
    assert bench.up('Thing("a", source=pulumi.StringAsset("one"))').has_changes is False
    assert bench.resource("a")["inputs"]["source"]["text"] == "one"


def test_a_refresh_keeps_the_content_of_an_asset(bench):
    bench.up('Thing("a", source=pulumi.StringAsset("one"))')
    bench.refresh()
    assert bench.resource("a")["inputs"]["source"]["text"] == "one"


def test_a_folder_as_an_archive(bench):
    folder = bench.program / "code"
    (folder / "inner").mkdir(parents=True)
    (folder / "a.py").write_text("A = 1\n")
    (folder / "inner" / "b.py").write_text("B = 1\n")
    bench.up('Thing("a", code=pulumi.FileArchive("code"))')
    first = bench.resource("a")["inputs"]["code"]["hash"]
    assert bench.up().has_changes is False
    (folder / "inner" / "b.py").write_text("B = 2\n")
    assert bench.ops(bench.up()) == {"a": Op.UPDATE}
    assert bench.resource("a")["inputs"]["code"]["hash"] != first


def test_an_archive_of_assets(bench):
    (bench.program / "data.txt").write_text("one")
    program = """
    inner = pulumi.AssetArchive({"x.txt": pulumi.StringAsset("%s")})
    Thing("a", code=pulumi.AssetArchive({"data.txt": pulumi.FileAsset("data.txt"), "inner": inner}))
    """
    bench.up(program % "x")
    assert bench.up().has_changes is False
    assert bench.ops(bench.up(program % "y")) == {"a": Op.UPDATE}


@differs(Difference.WORDS)
def test_an_asset_that_is_not_there(bench):
    result = bench.up('Thing("a", source=pulumi.FileAsset("never.txt"))')
    assert (result.outcome, bench.calls) == ("failed", [])


def test_a_secret_asset(bench):
    bench.up('Thing("a", source=pulumi.Output.secret(pulumi.StringAsset("canary-31")))')
    assert "canary-31" not in str(bench.resources())
    assert bench.up().has_changes is False


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ("mode: verbatim", r"a"),
        ("mode: default", r"a-[0-9a-f]{7}"),
        ("pattern: ${project}-${stack}-${name}-${hex(4)}", r"bench-dev-a-[0-9a-f]{4}"),
        ("pattern: ${name}-${num(3)}", r"a-\d{3}"),
        ("pattern: ${name}-${alphanum(5)}", r"a-[0-9a-z]{5}"),
    ],
)
@differs(Difference.RANDOM)
def test_automatic_names_as_configured(bench, settings, name):
    text = "config:\n  pulumi:autonaming:\n    " + settings + "\n"
    (bench.program / "Pulumi.dev.yaml").write_text(text)
    bench.up('Thing("a", kind="Named")')
    made = bench.cloud["a-1"]["name"]
    assert re.fullmatch(name, made), made
    bench.up('Thing("a", kind="Named", value="2")')
    assert bench.cloud["a-1"]["name"] == made


def test_automatic_names_by_provider_and_type(bench):
    text = """config:
  pulumi:autonaming:
    mode: verbatim
    providers:
      fake:
        pattern: p-${name}
        resources:
          fake:index:Named:
            pattern: r-${name}
"""
    (bench.program / "Pulumi.dev.yaml").write_text(text)
    bench.up('Thing("a", kind="Named")')
    assert bench.cloud["a-1"]["name"] == "r-a"


def test_automatic_names_that_are_switched_off(bench):
    (bench.program / "Pulumi.dev.yaml").write_text("config:\n  pulumi:autonaming:\n    mode: disabled\n")
    bench.up('Thing("a", kind="Named")')
    assert "name" not in bench.cloud["a-1"]

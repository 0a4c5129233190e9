"""Resources that exist already: imported, or only read."""

from engine.lifecycle.differences import Difference, differs

from modelyard.engine.base import Severity
from modelyard.engine.plan import Op


def there(bench, **props):
    bench.cloud["id-9"] = {**props, "out": f"out-{props.get('value', '')}"}


def ops_of(result, name):
    return [str(change.op) for change in result.changes if change.name == name]


def test_import_takes_a_resource_over(bench):
    there(bench, value="1")
    result = bench.up('a = Thing("a", Opts(import_="id-9"), value="1")\npulumi.export("out", a.out)')
    assert (result.outcome, ops_of(result, "a"), result.outputs) == ("succeeded", ["import"], {"out": "out-1"})
    made = bench.resource("a")
    assert (made["id"], made["importID"], made["inputs"]) == ("id-9", "id-9", {"value": "1"})
    assert bench.calls == ["read a"]


def test_after_an_import_nothing_changes(bench):
    there(bench, value="1")
    bench.up('Thing("a", Opts(import_="id-9"), value="1")')
    assert bench.ops(bench.up()) == {"a": Op.SAME}
    assert bench.ops(bench.up('Thing("a", value="1")')) == {"a": Op.SAME}
    assert bench.destroy().outcome == "succeeded"
    assert bench.cloud == {}


def test_preview_of_an_import(bench):
    there(bench, value="1")
    planned = bench.preview('Thing("a", Opts(import_="id-9"), value="1")')
    assert (planned.outcome, ops_of(planned, "a"), bench.resources()) == ("succeeded", ["import"], [])


def test_an_import_whose_inputs_differ_is_followed_by_an_update(bench):
    there(bench, value="1")
    result = bench.up('Thing("a", Opts(import_="id-9"), value="2")')
    assert (result.outcome, bench.calls) == ("succeeded", ["read a", "update a"])
    assert bench.cloud["id-9"]["value"] == "2"


@differs(Difference.WORDS)
def test_an_import_of_nothing_is_refused(bench):
    result = bench.up('Thing("a", Opts(import_="id-9"), value="2")')
    assert (result.outcome, bench.things()) == ("failed", [])
    assert any("id-9" in text for text in bench.said(Severity.ERROR) + list(bench.errors(result).values()))


def test_an_import_with_ignored_changes_takes_what_there_is(bench):
    there(bench, value="1")
    result = bench.up('Thing("a", Opts(import_="id-9", ignore_changes=["value"]), value="2")')
    assert (result.outcome, bench.resource("a")["inputs"]) == ("succeeded", {"value": "1"})


def test_an_import_over_a_resource_of_ours_replaces_it(bench):
    bench.up('Thing("a", value="1")')
    there(bench, value="1")
    result = bench.up('Thing("a", Opts(import_="id-9"), value="1")')
    assert (result.outcome, bench.calls, bench.resource("a")["id"]) == ("succeeded", ["read a", "delete a"], "id-9")
    assert list(bench.cloud) == ["id-9"]


def test_an_imported_resource_is_updated_later(bench):
    there(bench, value="1")
    bench.up('Thing("a", Opts(import_="id-9"), value="1")')
    result = bench.up('Thing("a", Opts(import_="id-9"), value="2")')
    assert (bench.ops(result), bench.cloud["id-9"]["value"]) == ({"a": Op.UPDATE}, "2")


def test_an_import_below_a_component(bench):
    there(bench, value="1")
    result = bench.up('g = Group("g")\nThing("a", Opts(import_="id-9", parent=g), value="1")')
    assert (result.outcome, bench.resource("a")["parent"]) == ("succeeded", bench.resource("g")["urn"])


def test_get_reads_a_resource_that_somebody_else_manages(bench):
    there(bench, value="1")
    result = bench.up('a = Thing("a", Opts(id="id-9"))\npulumi.export("out", a.out)')
    assert (result.outputs, bench.ops(result), bench.calls) == ({"out": "out-1"}, {"a": Op.READ}, ["read a"])
    read = bench.resource("a")
    assert (read["id"], read["external"], read["outputs"]) == ("id-9", True, {"value": "1", "out": "out-1"})


def test_a_resource_that_is_read_is_never_deleted(bench):
    there(bench, value="1")
    bench.up('Thing("a", Opts(id="id-9"))')
    assert bench.destroy().outcome == "succeeded"
    assert (bench.calls, list(bench.cloud), bench.resources()) == ([], ["id-9"], [])


def test_a_resource_that_is_read_no_more_is_forgotten(bench):
    there(bench, value="1")
    bench.up('Thing("a", Opts(id="id-9"))')
    result = bench.up("")
    assert (result.outcome, bench.things(), list(bench.cloud)) == ("succeeded", [], ["id-9"])


def test_a_read_is_repeated_each_time(bench):
    there(bench, value="1")
    program = 'a = Thing("a", Opts(id="id-9"))\npulumi.export("out", a.out)'
    bench.up(program)
    there(bench, value="2")
    assert bench.up(program).outputs == {"out": "out-2"}


@differs(Difference.WORDS)
def test_a_read_of_nothing_fails(bench):
    result = bench.up('Thing("a", Opts(id="id-9"))')
    assert result.outcome == "failed"
    assert "id-9" in bench.errors(result)["a"]


def test_a_read_in_a_preview_gives_its_values(bench):
    there(bench, value="1")
    planned = bench.preview('a = Thing("a", Opts(id="id-9"))\npulumi.export("out", a.out)')
    assert (planned.outputs, bench.ops(planned)) == ({"out": "out-1"}, {"a": Op.READ})


def test_a_read_of_an_id_that_is_not_known_yet(bench):
    program = 'a = Thing("a")\nb = Thing("b", Opts(id=a.id))\npulumi.export("out", b.out)'
    assert bench.preview(program).outcome == "succeeded"
    result = bench.up(program)
    assert (result.outputs, bench.calls) == ({"out": "out-"}, ["create a", "read b"])


def test_what_somebody_else_manages_is_never_taken_over(bench):
    there(bench, value="theirs")
    bench.up('Thing("a", Opts(id="id-9"))')
    result = bench.up('Thing("a", value="ours")')
    assert (result.outcome, bench.calls, bench.cloud["id-9"]["value"]) == ("succeeded", ["create a"], "theirs")
    assert bench.resource("a")["id"] == "a-1"


def test_what_was_ours_and_is_only_read_now_is_given_up(bench):
    bench.up('Thing("a", value="1")')
    result = bench.up('Thing("a", Opts(id="a-1"), value="1")')
    assert (result.outcome, bench.resource("a")["external"]) == ("succeeded", True)
    assert list(bench.cloud) == ["a-1"]


def test_another_id_to_read(bench):
    there(bench, value="1")
    bench.cloud["id-8"] = {"value": "8", "out": "out-8"}
    bench.up('Thing("a", Opts(id="id-9"))')
    result = bench.up('a = Thing("a", Opts(id="id-8"))\npulumi.export("out", a.out)')
    assert (result.outputs, bench.resource("a")["id"]) == ({"out": "out-8"}, "id-8")
    assert sorted(bench.cloud) == ["id-8", "id-9"]

"""Taking a stack away."""

from modelyard.engine.plan import Op

CHAIN = 'a = Thing("a")\nb = Thing("b", value=a.out)\nThing("c", value=b.out)'


def test_destroy_deletes_in_reverse_and_leaves_no_resource(bench):
    bench.up(CHAIN)
    result = bench.destroy()
    assert (result.outcome, bench.calls) == ("succeeded", ["delete c", "delete b", "delete a"])
    assert bench.ops(result) == {"a": Op.DELETE, "b": Op.DELETE, "c": Op.DELETE}
    assert (bench.cloud, bench.resources()) == ({}, [])


def test_destroy_needs_no_program(bench):
    bench.up(CHAIN)
    (bench.program / "__main__.py").unlink()
    assert (bench.destroy().outcome, bench.cloud) == ("succeeded", {})


def test_destroy_of_nothing(bench):
    result = bench.destroy()
    assert (result.outcome, result.changes) == ("succeeded", ())


def test_destroy_twice(bench):
    bench.up(CHAIN)
    bench.destroy()
    result = bench.destroy()
    assert (result.outcome, bench.calls, result.changes) == ("succeeded", [], ())


def test_preview_of_a_destroy_deletes_nothing(bench):
    bench.up(CHAIN)
    planned = bench.preview(verb="destroy")
    assert (bench.calls, bench.ops(planned)) == ([], {"a": Op.DELETE, "b": Op.DELETE, "c": Op.DELETE})
    assert len(bench.cloud) == 3


def test_a_destroy_that_fails_goes_on_next_time(bench):
    bench.up(CHAIN)
    bench.faults["delete b"] = "still in use"
    result = bench.destroy()
    assert (result.outcome, bench.errors(result)) == ("failed", {"b": "still in use"})
    assert bench.calls == ["delete c", "delete b"]
    assert bench.things()[-2:] == ["a", "b"]
    bench.faults.clear()
    assert bench.destroy().outcome == "succeeded"
    assert (bench.calls, bench.resources()) == (["delete b", "delete a"], [])


def test_up_after_a_destroy_makes_all_anew(bench):
    bench.up(CHAIN)
    bench.destroy()
    assert bench.ops(bench.up()) == {"a": Op.CREATE, "b": Op.CREATE, "c": Op.CREATE}
    assert sorted(bench.cloud) == ["a-2", "b-2", "c-2"]


def test_destroy_of_components_and_explicit_providers(bench):
    bench.up('g = Group("g")\np = Fake()\nThing("a", Opts(parent=g, provider=p))')
    result = bench.destroy()
    assert (result.outcome, bench.calls, bench.resources()) == ("succeeded", ["delete a"], [])


def test_destroy_deletes_what_a_replacement_left_behind(bench):
    bench.up('Thing("a", fixed="1")')
    bench.faults["delete a"] = "still in use"
    bench.up('Thing("a", fixed="2")')
    bench.faults.clear()
    assert (bench.destroy().outcome, bench.cloud) == ("succeeded", {})


def test_outputs_are_gone_after_a_destroy(bench):
    bench.up('pulumi.export("x", 1)')
    bench.destroy()
    assert bench.resources() == []

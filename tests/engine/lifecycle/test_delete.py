"""Resources that a program no longer has."""

from engine.lifecycle.differences import Difference, differs

from modelyard.engine.plan import Op

CHAIN = 'a = Thing("a")\nb = Thing("b", value=a.out)\nThing("c", value=b.out)'


def test_what_is_taken_out_of_the_program_is_deleted(bench):
    bench.up(CHAIN)
    result = bench.up('a = Thing("a")')
    assert (result.outcome, bench.calls) == ("succeeded", ["delete c", "delete b"])
    assert bench.ops(result) == {"a": Op.SAME, "b": Op.DELETE, "c": Op.DELETE}
    assert (list(bench.cloud), bench.things()) == (["a-1"], ["a"])


def test_preview_of_a_deletion_deletes_nothing(bench):
    bench.up(CHAIN)
    planned = bench.preview('a = Thing("a")')
    assert (bench.calls, bench.ops(planned)) == ([], {"a": Op.SAME, "b": Op.DELETE, "c": Op.DELETE})


def test_deletions_come_after_all_that_is_made(bench):
    bench.up('Thing("old")')
    bench.up('Thing("new")')
    assert bench.calls == ["create new", "delete old"]


def test_a_failed_program_deletes_nothing(bench):
    bench.up(CHAIN)
    result = bench.up('raise ValueError("oops")')
    assert (result.outcome, bench.calls, len(bench.cloud)) == ("failed", [], 3)


def test_a_failed_step_deletes_nothing(bench):
    bench.up('Thing("a")\nThing("old")')
    result = bench.up('Thing("a", value="2", fail="update")')
    assert (result.outcome, bench.calls, sorted(bench.cloud)) == ("failed", ["update a"], ["a-1", "old-1"])


@differs(Difference.DELETIONS)
def test_a_deletion_that_fails_keeps_what_it_needs(bench):
    bench.up(CHAIN + '\nThing("d")')
    bench.faults["delete b"] = "still in use"
    result = bench.up("")
    assert (result.outcome, bench.errors(result)) == ("failed", {"b": "still in use"})
    assert "delete a" not in bench.calls
    assert {"a-1", "b-1"} <= bench.cloud.keys()
    assert "c-1" not in bench.cloud
    bench.faults.clear()
    assert (bench.up("").outcome, bench.cloud) == ("succeeded", {})


def test_a_deletion_goes_by_old_dependencies(bench):
    bench.up('a = Thing("a")\nThing("b", Opts(depends_on=[a]))')
    bench.up("")
    assert bench.calls == ["delete b", "delete a"]


def test_children_go_before_their_parent(bench):
    bench.up('a = Thing("a")\nThing("b", Opts(parent=a))')
    bench.up("")
    assert bench.calls == ["delete b", "delete a"]


def test_what_was_replaced_and_then_dropped_is_deleted_twice(bench):
    bench.up('Thing("a", fixed="1")')
    bench.faults["delete a"] = "still in use"
    bench.up('Thing("a", fixed="2")')
    bench.faults.clear()
    result = bench.up("")
    assert (result.outcome, bench.calls, bench.cloud) == ("succeeded", ["delete a", "delete a"], {})


def test_the_default_provider_goes_with_the_last_that_used_it(bench):
    bench.up('Thing("a")')
    bench.up("")
    assert [it["type"] for it in bench.resources()] == ["pulumi:pulumi:Stack"]


def test_a_resource_that_has_gone_already_is_no_failure(bench):
    bench.up('Thing("a")')
    bench.cloud.clear()
    assert bench.up("").outcome == "succeeded"

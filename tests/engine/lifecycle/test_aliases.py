"""Resources that were called something else."""

import pytest
from engine.lifecycle.differences import Difference, differs

from modelyard.engine.plan import Op


def test_a_former_name(bench):
    bench.up('Thing("a", value="1")')
    result = bench.up('Thing("z", Opts(aliases=[Alias(name="a")]), value="1")')
    assert (bench.ops(result), bench.calls, bench.things()) == ({"z": Op.SAME}, [], ["z"])
    assert bench.up('Thing("z", value="1")').has_changes is False


def test_a_former_name_as_a_text(bench):
    bench.up('Thing("a")')
    result = bench.up('Thing("z", Opts(aliases=["urn:pulumi:dev::bench::fake:index:Thing::a"]))')
    assert (bench.ops(result), bench.calls) == ({"z": Op.SAME}, [])


def test_a_former_type(bench):
    bench.up('Thing("a", value="1")')
    result = bench.up('Thing("a", Opts(aliases=[Alias(type_="fake:index:Thing")]), kind="Detailed", value="1")')
    assert (bench.ops(result), bench.calls) == ({"a": Op.SAME}, [])


def test_a_former_parent(bench):
    bench.up('Thing("a")')
    result = bench.up('g = Group("g")\nThing("a", Opts(parent=g, aliases=[Alias(parent=pulumi.ROOT_STACK_RESOURCE)]))')
    assert (bench.ops(result), bench.calls) == ({"a": Op.SAME}, [])


def test_from_a_parent_to_the_stack(bench):
    bench.up('g = Group("g")\nThing("a", Opts(parent=g))')
    result = bench.up('g = Group("g")\nThing("a", Opts(aliases=[Alias(parent=g)]))')
    assert (bench.ops(result), bench.calls) == ({"a": Op.SAME}, [])


def test_no_parent_is_a_former_parent_too(bench):
    bench.up('Thing("a")')
    result = bench.up('g = Group("g")\nThing("a", Opts(parent=g, aliases=[Alias(parent=None)]))')
    assert (bench.ops(result), bench.calls) == ({"a": Op.SAME}, [])


def test_a_renamed_parent_renames_its_children(bench):
    program = 'g = Group("{0}", Opts(aliases={1}))\nThing("{0}-a", Opts(parent=g))\nThing("other", Opts(parent=g))'
    bench.up(program.format("g", "[]"))
    result = bench.up(program.format("h", '[Alias(name="g")]'))
    assert (bench.ops(result), bench.calls) == ({"h-a": Op.SAME, "other": Op.SAME}, [])
    assert sorted(bench.things()) == ["h-a", "other"]


def test_a_parent_of_another_type_retypes_its_children(bench):
    bench.up('g = Group("g")\nThing("a", Opts(parent=g))')
    result = bench.up(
        'g = Group("g", Opts(aliases=[Alias(type_="test:index:Group")]), kind="Team")\nThing("a", Opts(parent=g))'
    )
    assert (bench.ops(result), bench.calls) == ({"a": Op.SAME}, [])


def test_aliases_of_a_child_and_of_its_parent_are_combined(bench):
    bench.up('g = Group("g")\nThing("a", Opts(parent=g))')
    result = bench.up(
        'g = Group("h", Opts(aliases=[Alias(name="g")]))\nThing("z", Opts(parent=g, aliases=[Alias(name="a")]))'
    )
    assert (bench.ops(result), bench.calls) == ({"z": Op.SAME}, [])


def test_aliases_reach_grandchildren(bench):
    program = 'g = Group("{0}", Opts(aliases={1}))\nh = Group("inner", Opts(parent=g))\nThing("a", Opts(parent=h))'
    bench.up(program.format("g", "[]"))
    result = bench.up(program.format("z", '[Alias(name="g")]'))
    assert (bench.ops(result), bench.calls) == ({"a": Op.SAME}, [])


def test_dependents_follow_a_renamed_resource(bench):
    bench.up('a = Thing("a")\nThing("b", Opts(depends_on=[a], deleted_with=a), value=a.out)')
    bench.up(
        'z = Thing("z", Opts(aliases=[Alias(name="a")]))\nThing("b", Opts(depends_on=[z], deleted_with=z), value=z.out)'
    )
    assert bench.calls == []
    renamed, dependent = bench.resource("z")["urn"], bench.resource("b")
    assert (dependent["dependencies"], dependent["deletedWith"]) == ([renamed], renamed)
    assert dependent["propertyDependencies"] == {"value": [renamed]}


def test_a_renamed_resource_that_is_updated_keeps_its_id(bench):
    bench.up('Thing("a", value="1")')
    result = bench.up('Thing("z", Opts(aliases=[Alias(name="a")]), value="2")')
    assert (bench.ops(result), bench.calls, bench.resource("z")["id"]) == ({"z": Op.UPDATE}, ["update z"], "a-1")


@differs(Difference.RENAMED)
def test_a_renamed_resource_that_is_replaced_deletes_the_old_one(bench):
    bench.up('Thing("a", fixed="1")')
    bench.up('Thing("z", Opts(aliases=[Alias(name="a")]), fixed="2")')
    assert (bench.calls[0], len(bench.calls), list(bench.cloud)) == ("create z", 2, ["z-1"])


@differs(Difference.WORDS)
def test_an_alias_that_is_still_in_the_program_is_refused(bench):
    bench.up('Thing("a")')
    result = bench.up('z = Thing("z", Opts(aliases=[Alias(name="a")]))\nThing("a", Opts(depends_on=[z]))')
    assert result.outcome == "failed"
    assert list(bench.cloud) == ["a-1"]


def test_an_alias_that_never_was_is_no_harm(bench):
    result = bench.up('Thing("z", Opts(aliases=[Alias(name="never")]))')
    assert (result.outcome, bench.ops(result)) == ("succeeded", {"z": Op.CREATE})


def test_aliases_do_not_stay_in_the_state(bench):
    bench.up('Thing("a")')
    bench.up('Thing("z", Opts(aliases=[Alias(name="a")]))')
    assert "aliases" not in bench.resource("z")


@differs(Difference.WORDS)
def test_two_resources_may_not_share_an_alias(bench):
    bench.up('Thing("a")')
    result = bench.up(
        'y = Thing("y", Opts(aliases=[Alias(name="a")]))\nThing("z", Opts(aliases=[Alias(name="a")], depends_on=[y]))'
    )
    assert result.outcome == "failed"


def test_a_renamed_provider_keeps_its_resources(bench):
    bench.up('p = Fake("p")\nThing("a", Opts(provider=p))')
    result = bench.up('p = Fake("q", Opts(aliases=[Alias(name="p")]))\nThing("a", Opts(provider=p))')
    assert (result.outcome, bench.ops(result), bench.calls) == ("succeeded", {"a": Op.SAME}, [])


@pytest.mark.parametrize("failing", ["raise ValueError('oops')", "Thing('bad', Opts(depends_on=[g]), fail='create')"])
def test_a_renamed_parent_and_a_failure_leave_a_valid_state(bench, failing):
    program = 'g = Group({})\n{}\nThing("c", Opts(parent=g))'
    bench.up(program.format('"g"', ""))
    renamed = '"h", Opts(aliases=[Alias(name="g")])'
    assert bench.up(program.format(renamed, failing)).outcome == "failed"
    assert bench.up(program.format(renamed, "")).outcome == "succeeded"
    assert (bench.things(), list(bench.cloud)) == (["c"], ["c-1"])

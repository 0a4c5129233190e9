"""Components, parents and dependencies."""

from engine.lifecycle.differences import Difference, differs

from modelyard.engine.plan import Op

PROGRAM = """
class Pair(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("test:index:Pair", name, None, opts)
        self.one = Thing(f"{name}-one", Opts(parent=self), value="1")
        self.two = Thing(f"{name}-two", Opts(parent=self), value=self.one.out)
        self.register_outputs({"both": [self.one.out, self.two.out]})
"""


def test_a_component_and_its_children(bench):
    result = bench.up(PROGRAM + 'Pair("p")')
    assert bench.ops(result) == {"p-one": Op.CREATE, "p-two": Op.CREATE}
    component = bench.resource("p")
    assert (component["urn"], component["custom"]) == ("urn:pulumi:dev::bench::test:index:Pair::p", False)
    assert component["outputs"] == {"both": ["out-1", "out-out-1"]}
    assert bench.resource("p-one")["urn"] == "urn:pulumi:dev::bench::test:index:Pair$fake:index:Thing::p-one"
    assert bench.resource("p-one")["parent"] == component["urn"]


def test_a_component_is_a_step_as_well(bench):
    result = bench.up(PROGRAM + 'Pair("p")')
    assert [change.op for change in result.changes if change.name == "p"] == [Op.CREATE]
    assert [change.op for change in bench.up().changes if change.name == "p"] == [Op.SAME]


def test_components_within_components(bench):
    bench.up('g = Group("g")\nh = Group("h", Opts(parent=g), kind="Team")\nThing("a", Opts(parent=h))')
    assert bench.resource("a")["urn"] == "urn:pulumi:dev::bench::test:index:Group$test:index:Team$fake:index:Thing::a"


def test_a_resource_as_a_parent(bench):
    bench.up('a = Thing("a")\nThing("b", Opts(parent=a))')
    assert bench.resource("b")["urn"] == "urn:pulumi:dev::bench::fake:index:Thing$fake:index:Thing::b"
    assert bench.resource("b")["parent"] == bench.resource("a")["urn"]


def test_depends_on_a_component_means_its_children(bench):
    bench.up(PROGRAM + 'p = Pair("p")\nThing("after", Opts(depends_on=[p]))')
    assert bench.calls[-1] == "create after"
    assert bench.resource("after")["dependencies"] == sorted(bench.resource(name)["urn"] for name in ("p-one", "p-two"))


def test_a_component_that_depends_on_a_resource(bench):
    bench.up('a = Thing("a", slow=0.2)\ng = Group("g", Opts(depends_on=[a]))\nThing("b", Opts(parent=g))')
    assert bench.resource("g")["dependencies"] == [bench.resource("a")["urn"]]


def test_depends_on_orders_creation_and_deletion(bench):
    bench.up('a = Thing("a")\nb = Thing("b", Opts(depends_on=a))\nThing("c", Opts(depends_on=[a, b]))')
    assert bench.calls == ["create a", "create b", "create c"]
    assert sorted(bench.resource("c")["dependencies"]) == sorted(bench.resource(name)["urn"] for name in "ab")
    bench.destroy()
    assert bench.calls == ["delete c", "delete b", "delete a"]


def test_depends_on_an_output(bench):
    bench.up('a = Thing("a")\nThing("b", Opts(depends_on=[pulumi.Output.from_input(a)]))')
    assert bench.resource("b")["dependencies"] == [bench.resource("a")["urn"]]


def test_a_component_that_is_taken_out_takes_its_children(bench):
    bench.up(PROGRAM + 'Pair("p")')
    result = bench.up("")
    assert (result.outcome, bench.calls, bench.cloud) == ("succeeded", ["delete p-two", "delete p-one"], {})
    assert [change.op for change in result.changes if change.name == "p"] == [Op.DELETE]


def test_a_child_that_is_taken_out(bench):
    bench.up('g = Group("g")\nThing("a", Opts(parent=g))\nThing("b", Opts(parent=g))')
    result = bench.up('g = Group("g")\nThing("a", Opts(parent=g))')
    assert bench.ops(result) == {"a": Op.SAME, "b": Op.DELETE}


def test_changed_outputs_of_a_component(bench):
    program = 'class C(pulumi.ComponentResource):\n    def __init__(self):\n        super().__init__("t:i:C", "c")\n'
    program += '        self.register_outputs({{"x": "{}"}})\nC()'
    bench.up(program.format(1))
    bench.up(program.format(2))
    assert bench.resource("c")["outputs"] == {"x": "2"}


def test_a_component_with_inputs_of_its_own(bench):
    program = "class C(pulumi.ComponentResource):\n    def __init__(self):\n"
    program += '        super().__init__("t:i:C", "c", {{"size": {}}})\nC()'
    bench.up(program.format(1))
    assert bench.resource("c")["inputs"] == {"size": 1}
    result = bench.up(program.format(2))
    assert [change.op for change in result.changes if change.name == "c"] == [Op.UPDATE]


def test_a_failing_child_fails_the_stack_and_keeps_the_component(bench):
    bench.up('g = Group("g")\nThing("a", Opts(parent=g), fail="create")')
    assert bench.resource("g")["custom"] is False
    assert bench.things() == []


@differs(Difference.WORDS)
def test_two_components_of_one_type_with_children_of_one_name_clash(bench):
    result = bench.up('a = Thing("a", Opts(parent=Group("g")))\nThing("a", Opts(parent=Group("h"), depends_on=[a]))')
    assert (result.outcome, bench.things()) == ("failed", ["a"])


def test_a_cycle_never_hangs(bench):
    result = bench.up(
        """
        later = pulumi.Output.from_input(__import__("asyncio").sleep(0.1)).apply(lambda _: b.out)
        a = Thing("a", value="1")
        b = Thing("b", Opts(depends_on=[a]), value=a.out)
        pulumi.export("b", later)
        """
    )
    assert (result.outcome, result.outputs) == ("succeeded", {"b": "out-out-1"})


def test_a_changed_parent_without_an_alias_is_another_resource(bench):
    bench.up('Thing("a")')
    result = bench.up('g = Group("g")\nThing("a", Opts(parent=g))')
    assert (result.outcome, bench.calls) == ("succeeded", ["create a", "delete a"])

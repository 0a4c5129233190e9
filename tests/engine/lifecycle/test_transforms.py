"""Programs that change what they register: transforms of resources and invokes, and hooks around steps."""

import pytest
from engine.lifecycle.differences import Difference, differs

from modelyard.engine.base import Severity
from modelyard.engine.plan import Op

TRANSFORM = """
def tagged(args):
    if args.type_.startswith("fake:"):
        return pulumi.ResourceTransformResult(props={**args.props, "tag": "%s"}, opts=args.opts)
"""


def test_a_transform_of_a_resource(bench):
    bench.up(TRANSFORM % "t" + 'Thing("a", Opts(transforms=[tagged]), value="1")\nThing("b")')
    assert (bench.cloud["a-1"]["tag"], "tag" in bench.cloud["b-1"]) == ("t", False)


def test_a_transform_of_a_component_reaches_its_children(bench):
    bench.up(TRANSFORM % "t" + 'g = Group("g", Opts(transforms=[tagged]))\nThing("a", Opts(parent=g))\nThing("b")')
    assert (bench.cloud["a-1"]["tag"], "tag" in bench.cloud["b-1"]) == ("t", False)


def test_a_transform_of_the_stack_reaches_all(bench):
    bench.up(
        TRANSFORM % "t"
        + 'pulumi.runtime.register_resource_transform(tagged)\nThing("a")\nThing("b", Opts(parent=Group("g")))'
    )
    assert [made["tag"] for made in bench.cloud.values()] == ["t", "t"]


def test_transforms_run_from_the_resource_outwards(bench):
    bench.up(
        """
        def adding(letter):
            def transform(args):
                if args.type_.startswith("fake:"):
                    trail = args.props.get("trail", "") + letter
                    return pulumi.ResourceTransformResult(props={**args.props, "trail": trail}, opts=args.opts)
            return transform
        pulumi.runtime.register_resource_transform(adding("s"))
        g = Group("g", Opts(transforms=[adding("g")]))
        Thing("a", Opts(parent=g, transforms=[adding("1"), adding("2")]))
        """
    )
    assert bench.cloud["a-1"]["trail"] == "12gs"


def test_a_transform_that_changes_options(bench):
    bench.up(
        """
        def protecting(args):
            return pulumi.ResourceTransformResult(props=args.props, opts=Opts.merge(args.opts, Opts(protect=True)))
        Thing("a", Opts(transforms=[protecting]))
        """
    )
    assert bench.resource("a")["protect"] is True


def test_a_transform_that_ignores_changes(bench):
    program = """
    def ignoring(args):
        opts = Opts.merge(args.opts, Opts(ignore_changes=["value"]))
        return pulumi.ResourceTransformResult(props=args.props, opts=opts)
    Thing("a", Opts(transforms=[ignoring]), value="%s")
    """
    bench.up(program % 1)
    assert bench.ops(bench.up(program % 2)) == {"a": Op.SAME}


def test_a_transform_that_adds_a_dependency(bench):
    bench.up(
        """
        first = Thing("first", slow=0.2)
        def after(args):
            opts = Opts.merge(args.opts, Opts(depends_on=[first]))
            return pulumi.ResourceTransformResult(props=args.props, opts=opts)
        Thing("a", Opts(transforms=[after]))
        """
    )
    assert (bench.calls, bench.resource("a")["dependencies"]) == (
        ["create first", "create a"],
        [bench.resource("first")["urn"]],
    )


@differs(Difference.WORDS)
def test_a_transform_that_fails_fails_the_resource(bench):
    result = bench.up(
        """
        def failing(args):
            raise ValueError("no such tag")
        Thing("a", Opts(transforms=[failing]))
        """
    )
    assert (result.outcome, bench.calls) == ("failed", [])
    assert any("no such tag" in text for text in bench.said(Severity.ERROR))


def test_a_transform_that_makes_a_secret(bench):
    bench.up(
        """
        def hiding(args):
            return pulumi.ResourceTransformResult(props={"note": pulumi.Output.secret("canary-20")}, opts=args.opts)
        Thing("a", Opts(transforms=[hiding]))
        """
    )
    assert (bench.cloud["a-1"]["note"], "canary-20" in str(bench.resources())) == ("canary-20", False)


def test_a_transform_in_a_preview(bench):
    bench.up(TRANSFORM % "1" + 'Thing("a", Opts(transforms=[tagged]))')
    planned = bench.preview(TRANSFORM % "2" + 'Thing("a", Opts(transforms=[tagged]))')
    assert bench.ops(planned) == {"a": Op.UPDATE}


def test_transformations_of_the_old_kind(bench):
    bench.up(
        """
        def old(args):
            return pulumi.ResourceTransformationResult(props={**args.props, "tag": "t"}, opts=args.opts)
        Thing("a", Opts(transformations=[old]))
        """
    )
    assert bench.cloud["a-1"]["tag"] == "t"


def test_a_transform_of_invokes(bench):
    result = bench.up(
        """
        def adding(args):
            return pulumi.InvokeTransformResult(args={**args.args, "y": 2}, opts=args.opts)
        pulumi.runtime.register_invoke_transform(adding)
        got = pulumi.runtime.invoke_output("fake:index:echo", {"x": 1})
        pulumi.export("got", got.apply(lambda it: it["echo"]))
        """
    )
    assert (result.outcome, result.outputs) == ("succeeded", {"got": {"x": 1, "y": 2}})


HOOKED = """
def tell(args):
    shown = [it and dict(sorted(it.items())) for it in
             (args.new_inputs, args.new_outputs, args.old_inputs, args.old_outputs)]
    print("hook", args.name, args.id, *shown)
def fail(args):
    raise ValueError("hook says no")
hook = pulumi.ResourceHook("tell", tell)
no = pulumi.ResourceHook("no", fail)
def opts(**kinds):
    return Opts(hooks=pulumi.ResourceHookBinding(**kinds))
"""


def hooks(bench):
    return [text for text in bench.said(Severity.INFO) if text.startswith("hook ")]


def test_a_hook_before_a_creation_sees_the_inputs(bench):
    bench.up(HOOKED + 'Thing("a", opts(before_create=[hook]), value="1")')
    assert [text.split(" {")[1] for text in hooks(bench)] == ["'value': '1'} None None None"]


def test_a_hook_after_a_creation_sees_id_and_outputs(bench):
    bench.up(HOOKED + 'Thing("a", opts(after_create=[hook]), value="1")')
    assert hooks(bench) == ["hook a a-1 {'value': '1'} {'out': 'out-1', 'value': '1'} None None"]


@pytest.mark.parametrize("kind", ["before_update", "after_update"])
def test_hooks_around_an_update(bench, kind):
    program = HOOKED + 'Thing("a", opts(%s=[hook]), value="%s")'
    bench.up(program % (kind, 1))
    assert hooks(bench) == []
    bench.up(program % (kind, 2))
    [told] = hooks(bench)
    assert "a-1" in told
    assert "'value': '1'" in told
    assert "'value': '2'" in told


@pytest.mark.parametrize("kind", ["before_delete", "after_delete"])
def test_hooks_around_a_deletion(bench, kind):
    bench.up(HOOKED + f'Thing("a", opts({kind}=[hook]), value="1")')
    result = bench.up(HOOKED)
    assert (result.outcome, bench.calls, len(hooks(bench))) == ("succeeded", ["delete a"], 1)


def test_a_hook_that_fails_before_a_step_stops_it(bench):
    result = bench.up(HOOKED + 'Thing("a", opts(before_create=[no]))')
    assert (result.outcome, bench.calls) == ("failed", [])
    assert any("hook says no" in text for text in [*bench.said(Severity.ERROR), *bench.errors(result).values()])


def test_a_hook_that_fails_after_a_step_keeps_what_was_made(bench):
    result = bench.up(HOOKED + 'Thing("a", opts(after_create=[no]))')
    assert (bench.calls, bench.things()) == (["create a"], ["a"])
    assert result.outcome == "failed"


def test_hooks_do_not_run_in_a_preview(bench):
    bench.preview(HOOKED + 'Thing("a", opts(before_create=[hook], after_create=[hook]))')
    assert hooks(bench) == []


def test_hooks_run_in_a_preview_if_they_want_to(bench):
    bench.preview(
        HOOKED
        + 'eager = pulumi.ResourceHook("eager", tell, pulumi.ResourceHookOptions(on_dry_run=True))\n'
        + 'Thing("a", opts(before_create=[eager]))'
    )
    assert len(hooks(bench)) == 1


def test_hooks_are_kept_in_the_state(bench):
    bench.up(HOOKED + 'Thing("a", opts(before_delete=[hook]))')
    assert bench.resource("a")["resourceHooks"] == {"BeforeDelete": ["tell"]}


@differs(Difference.WORDS)
def test_destroy_without_a_program_can_not_run_hooks(bench):
    bench.up(HOOKED + 'Thing("a", opts(before_delete=[hook]))')
    result = bench.destroy()
    assert (result.outcome, list(bench.cloud)) == ("failed", ["a-1"])

"""What else a program may ask for: error hooks, hooks of components, packages with parameters, methods, versions."""

from engine.bench import Bench
from engine.fake_provider import FakeProvider
from google.protobuf import struct_pb2
from pulumi.runtime.proto import provider_pb2

from modelyard import wire
from modelyard.engine.base import Deployment, Severity
from modelyard.engine.embedded.requests import outputvalues

ERROR_HOOK = """
def again(args):
    print("asked", args.failed_operation, args.errors, flush=True)
    return len(args.errors) < %d
hook = pulumi.ErrorHook("again", again)
Thing("a", Opts(hooks=pulumi.ResourceHookBinding(on_error=[hook])), fail="create")
"""


class Bridge(FakeProvider):
    """A plugin that serves the package it is given as its parameter, with a method."""

    def Parameterize(self, request, context):
        self.world.calls.append(f"parameterize {request.value.name} {request.value.version} {request.value.value!r}")
        return provider_pb2.ParameterizeResponse(name=request.value.name, version=request.value.version)

    def Call(self, request, context):
        args = wire.from_struct(request.args)
        response = provider_pb2.CallResponse()
        getattr(response, "return").CopyFrom(wire.to_struct({"said": f"{request.tok} {args['word']}"}))
        return response


class BridgedBench(Bench):
    def deployment(self, stack: str = "dev", **options) -> Deployment:
        deployment = super().deployment(stack, **options)
        plugins = {**deployment.plugins, "bridge": lambda: Bridge(self.world)}
        return Deployment(**{**deployment.__dict__, "plugins": plugins})


def test_an_error_hook_asks_for_another_attempt(tmp_path):
    bench = Bench(tmp_path)
    result = bench.up(ERROR_HOOK % 3)
    assert (result.outcome, bench.calls) == ("failed", ["create a"] * 3)
    assert bench.errors(result)["a"] == "a does not want to create"
    told = [f"retrying create due to on-error hook request ({number}/100)" for number in (1, 2)]
    assert bench.said(Severity.WARNING) == told
    assert bench.said(Severity.INFO)[0] == "asked create ['a does not want to create']"


def test_an_error_hook_that_fails_says_so(tmp_path):
    bench = Bench(tmp_path)
    result = bench.up(ERROR_HOOK.replace("return len", "raise ValueError('no idea') or len") % 3)
    assert bench.errors(result)["a"] == 'error hook "again" failed: no idea'


def test_a_hook_whose_errors_do_not_matter_warns(tmp_path):
    bench = Bench(tmp_path)
    result = bench.up(
        """
        def failing(args):
            raise ValueError("hook says no")
        options = pulumi.ResourceHookOptions(ignore_errors=True)
        hook = pulumi.ResourceHook("h", failing, options)
        Thing("a", Opts(hooks=pulumi.ResourceHookBinding(before_create=[hook])))
        """
    )
    assert (result.outcome, bench.calls) == ("succeeded", ["create a"])
    assert bench.said(Severity.WARNING) == ['BeforeCreate hook "h" failed: hook says no']


def test_hooks_of_a_component_run_before_it_and_after_its_outputs(tmp_path):
    bench = Bench(tmp_path)
    result = bench.up(
        """
        def hooked(args):
            print("hook", args.name, args.new_outputs, flush=True)
        hook = pulumi.ResourceHook("h", hooked)
        class G(pulumi.ComponentResource):
            def __init__(self, name, opts):
                super().__init__("test:index:G", name, None, opts)
                self.register_outputs({"x": 1})
        G("g", Opts(hooks=pulumi.ResourceHookBinding(before_create=[hook], after_create=[hook])))
        """
    )
    assert result.outcome == "succeeded"
    assert bench.said(Severity.INFO) == ["hook g None", "hook g {'x': 1.0}"]


def test_a_package_with_a_parameter_has_its_own_provider(tmp_path):
    bench = BridgedBench(tmp_path)
    result = bench.up(
        """
        import asyncio
        from pulumi.runtime.settings import register_package
        ref = asyncio.ensure_future(register_package("bridge", "1.2.3", "", "lake", "0.1.0", "YW55"))
        class Lake(pulumi.CustomResource):
            def __init__(self, name):
                super().__init__("lake:index:Lake", name, {"value": "1"}, None, package_ref=ref)
        Lake("l")
        """
    )
    assert (result.outcome, bench.calls) == ("succeeded", ["parameterize lake 0.1.0 b'any'", "create l"])
    [provider] = [it for it in bench.resources() if it["type"] == "pulumi:providers:lake"]
    assert provider["urn"].endswith("::default_0_1_0")
    internal = {"name": "bridge", "version": "1.2.3", "parameterization": "YW55"}
    assert provider["inputs"] == {"version": "0.1.0", "__internal": internal}
    bench.destroy()
    assert bench.calls == ["parameterize lake 0.1.0 b'any'", "delete l"]


def test_a_method_of_a_component(tmp_path):
    bench = BridgedBench(tmp_path)
    result = bench.up('pulumi.export("x", pulumi.runtime.call("bridge:index:Town/shout", {"word": "hi"})["said"])')
    assert (result.outcome, result.outputs) == ("succeeded", {"x": "bridge:index:Town/shout hi"})


def test_default_providers_can_be_forbidden(tmp_path):
    bench = Bench(tmp_path)
    bench.config["pulumi:disable-default-providers"] = '["fake"]'
    result = bench.up('Thing("a")')
    assert (result.outcome, bench.calls) == ("failed", [])
    assert "which pulumi:disable-default-providers forbids" in result.diagnostics[0].message
    assert bench.up('Thing("a", Opts(provider=Fake()))').outcome == "succeeded"


def test_a_program_may_require_a_version(tmp_path):
    bench = Bench(tmp_path)
    assert bench.up('pulumi.require_pulumi_version(">=3.0.0")').outcome == "succeeded"
    result = bench.up('pulumi.require_pulumi_version("<3.0.0")')
    assert result.outcome == "failed"
    assert "does not satisfy the version range '<3.0.0'" in result.diagnostics[0].message


def test_a_failing_invoke_may_be_caught(tmp_path):
    result = Bench(tmp_path).up(
        """
        try:
            pulumi.runtime.invoke("fake:index:fail", {})
        except Exception as error:
            pulumi.export("why", "access denied" in str(error))
        """
    )
    assert (result.outcome, result.outputs) == ("succeeded", {"why": True})


def test_output_values_carry_what_their_properties_depend_on():
    props = wire.to_struct({"a": wire.Secret("x"), "b": [wire.UNKNOWN], "c": {"d": 1}})
    upgraded = outputvalues.upgrade(props, {"a": ["u1"], "c": ["u2", "u1"], "gone": ["u3"]})
    assert {key: outputvalues.urns(value) for key, value in upgraded.fields.items()} == {
        "a": {"u1"},
        "b": set(),
        "c": {"u1", "u2"},
    }
    assert wire.from_struct(upgraded) == {"a": wire.Secret("x"), "b": [wire.UNKNOWN], "c": {"d": 1}}
    assert outputvalues.upgrade(upgraded, {"a": ["u1"]}) == upgraded
    assert isinstance(upgraded, struct_pb2.Struct)

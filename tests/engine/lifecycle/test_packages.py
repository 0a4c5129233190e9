"""Components that a provider makes, their methods, and packages that register themselves."""

from modelyard.engine.plan import Op

REMOTE = """
class Remote(pulumi.ComponentResource):
    out: pulumi.Output[str]
    def __init__(self, name, opts=None, **props):
        opts = Opts.merge(Opts(provider=p), opts)
        super().__init__("fake:index:Remote", name, {"out": None, **props}, opts, remote=True)

p = Fake(keeps_secrets=True)
"""


def test_a_remote_component(bench):
    result = bench.up(REMOTE + 'r = Remote("r", value="1")\npulumi.export("out", r.out)')
    assert (result.outcome, result.outputs, bench.calls) == ("succeeded", {"out": "out-1"}, ["create r-inner"])
    assert bench.resource("r-inner")["parent"] == bench.resource("r")["urn"]
    assert bench.resource("r")["outputs"] == {"out": "out-1"}
    assert bench.up().has_changes is False


def test_preview_of_a_remote_component(bench):
    planned = bench.preview(REMOTE + 'r = Remote("r", value="1")\npulumi.export("out", r.out)')
    assert (planned.outcome, bench.ops(planned)["r-inner"], bench.resources()) == ("succeeded", Op.CREATE, [])


def test_a_remote_component_that_changes_and_goes(bench):
    bench.up(REMOTE + 'Remote("r", value="1")')
    assert bench.ops(bench.up(REMOTE + 'Remote("r", value="2")'))["r-inner"] is Op.UPDATE
    result = bench.up(REMOTE)
    assert (result.outcome, bench.calls, bench.cloud) == ("succeeded", ["delete r-inner"], {})


def test_destroy_of_a_remote_component(bench):
    bench.up(REMOTE + 'Remote("r", value="1")')
    assert (bench.destroy().outcome, bench.resources()) == ("succeeded", [])


def test_what_a_remote_component_gives_is_used(bench):
    bench.up(REMOTE + 'r = Remote("r", value="1")\nThing("a", value=r.out)')
    assert (bench.calls, bench.cloud["a-1"]["value"]) == (["create r-inner", "create a"], "out-1")


def test_a_remote_component_within_a_component(bench):
    bench.up(REMOTE + 'g = Group("g")\nRemote("r", Opts(parent=g), value="1")')
    assert bench.resource("r-inner")["urn"].split("::")[2] == "test:index:Group$fake:index:Remote$fake:index:Thing"


def test_a_remote_component_that_is_refused(bench):
    result = bench.up(REMOTE + 'Remote("r", refuse=True)')
    assert (result.outcome, bench.calls, bench.things()) == ("failed", [], [])


def test_a_remote_component_whose_child_fails(bench):
    bench.faults["create r-inner"] = "not today"
    result = bench.up(REMOTE + 'Remote("r", value="1")')
    assert (result.outcome, bench.calls) == ("failed", ["create r-inner"])
    assert "not today" in bench.errors(result)["r-inner"]


def test_a_method_of_a_component(bench):
    result = bench.up(
        REMOTE
        + """
r = Remote("r", value="1")
answer = pulumi.runtime.call("fake:index:Remote/size", {"x": 1}, r)
pulumi.export("answer", answer.apply(lambda it: it["answer"]))
"""
    )
    assert (result.outcome, result.outputs) == ("succeeded", {"answer": "fake:index:Remote/size: {'x': 1}"})


PACKAGE = """
from pulumi.runtime.proto import resource_pb2

async def reference():
    monitor = pulumi.runtime.settings.get_monitor()
    return monitor.RegisterPackage(resource_pb2.RegisterPackageRequest(name="fake", version="{}")).ref

pulumi.CustomResource("fake:index:Thing", "a", {{"value": "1"}}, package_ref=reference())
"""


def test_a_package_that_registers_itself(bench):
    result = bench.up(PACKAGE.format("1.2.3"))
    assert (result.outcome, bench.calls) == ("succeeded", ["create a"])
    [provider] = [it for it in bench.resources() if it["type"] == "pulumi:providers:fake"]
    assert provider["inputs"]["version"] == "1.2.3"
    assert bench.up().has_changes is False


def test_a_package_of_another_version(bench):
    bench.up(PACKAGE.format("1.2.3"))
    result = bench.up(PACKAGE.format("1.2.4"))
    assert (result.outcome, bench.ops(result)["a"], bench.calls) == ("succeeded", Op.SAME, [])

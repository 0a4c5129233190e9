"""Components that a plugin makes in a process of its own, found by the folder that Pulumi.yaml names."""

import sys
import textwrap
from pathlib import Path

import pytest
from engine.bench import Bench

from modelyard import wire
from modelyard.engine.base import Severity
from modelyard.engine.plan import Op

PLUGIN = """
import os, sys
from typing import Optional, TypedDict
import pulumi
from pulumi.provider.experimental import component_provider_host

class GreeterArgs(TypedDict):
    who: pulumi.Input[str]

class Thing(pulumi.CustomResource):
    out: pulumi.Output[str]
    def __init__(self, name, opts=None, **props):
        super().__init__("fake:index:Thing", name, {"out": None, **props}, opts)

class Greeter(pulumi.ComponentResource):
    greeting: pulumi.Output[str]
    def __init__(self, name: str, args: GreeterArgs, opts: Optional[pulumi.ResourceOptions] = None):
        super().__init__("greet:index:Greeter", name, {}, opts)
        if name == "bad":
            raise ValueError("it does not greet")
        if name == "gone":
            print("about to go", file=sys.stderr, flush=True)
            os._exit(7)
        pulumi.log.info("it greets", resource=self)
        made = Thing(name + "-thing", value=args.get("who"), opts=pulumi.ResourceOptions(parent=self))
        self.greeting = made.out
        self.register_outputs({"greeting": self.greeting})

if __name__ == "__main__":
    component_provider_host([Greeter], "greet")
"""
GREETER = """
class Greeter(pulumi.ComponentResource):
    greeting: pulumi.Output[str]
    def __init__(self, name, who, opts=None):
        super().__init__("greet:index:Greeter", name, {"who": who, "greeting": None}, opts, remote=True)
"""
PROGRAM = (
    GREETER
    + """
a = Thing("a", value="w")
g = Greeter("g", a.out)
pulumi.export("g", g.greeting)
Thing("last", value=g.greeting)
"""
)


@pytest.fixture
def plugin(bench: Bench, tmp_path: Path) -> Path:
    """The folder of a plugin that the project names."""
    folder = tmp_path / "greet"
    folder.mkdir()
    options = f"  options:\n    virtualenv: {sys.prefix}\n"
    (folder / "PulumiPlugin.yaml").write_text(f"runtime:\n  name: python\n{options}")
    (folder / "__main__.py").write_text(PLUGIN)
    named = f"name: bench\nruntime: python\nplugins:\n  providers:\n    - name: greet\n      path: {folder}\n"
    (bench.program / "Pulumi.yaml").write_text(named)
    return folder


def test_a_remote_component_through_its_life(bench, plugin):
    assert bench.up(PROGRAM).outputs == {"g": "out-out-w"}
    assert bench.calls == ["create a", "create g-thing", "create last"]
    child = bench.resource("g-thing")
    assert child["parent"] == bench.resource("g")["urn"]
    assert child["propertyDependencies"]["value"] == [bench.resource("a")["urn"]]
    assert not bench.up().has_changes
    assert bench.ops(bench.preview(PROGRAM + 'Greeter("h", "x")'))["h-thing"] is Op.CREATE
    assert bench.up(PROGRAM.replace('"w"', '"v"')).outputs == {"g": "out-out-v"}
    assert bench.calls == ["update a", "update g-thing", "update last"]
    bench.destroy()
    assert (bench.calls, bench.things()) == (["delete last", "delete g-thing", "delete a"], [])


def test_a_secret_goes_through_a_remote_component(bench, plugin):
    bench.up(GREETER + 'g = Greeter("g", pulumi.Output.secret("canary"))\npulumi.export("g", g.greeting)')
    assert "canary" not in str(bench.resource("g-thing")["inputs"])
    assert wire.reveal(bench.cloud["g-thing-1"]["value"]) == "canary"


def test_a_remote_component_hands_down_transforms_and_protection(bench, plugin):
    bench.up(
        GREETER
        + """
def tagged(args):
    if args.type_ == "fake:index:Thing":
        return pulumi.ResourceTransformResult(props={**args.props, "tag": args.name}, opts=args.opts)
Greeter("g", "w", Opts(transforms=[tagged], protect=True))
"""
    )
    assert bench.cloud["g-thing-1"]["tag"] == "g-thing"
    assert (bench.resource("g")["protect"], bench.resource("g-thing")["protect"]) == (True, True)


def test_what_a_plugin_logs_is_told(bench, plugin):
    bench.up(PROGRAM)
    assert "it greets" in bench.said(Severity.INFO)


def test_a_component_that_can_not_be_made_fails_the_deployment(bench, plugin):
    bench.comparing = False  # the CLI shows the plugin's traceback otherwise
    result = bench.up(GREETER + 'Greeter("bad", "w")')
    assert result.outcome == "failed"
    assert "it does not greet" in str([it.message for it in result.diagnostics] + [it.error for it in result.changes])


def test_a_plugin_that_dies_is_named(tmp_path):
    bench = Bench(tmp_path / "b")
    folder = tmp_path / "greet"
    folder.mkdir()
    (folder / "PulumiPlugin.yaml").write_text("runtime:\n  name: python\n")
    (folder / "__main__.py").write_text(PLUGIN)
    (bench.program / "Pulumi.yaml").write_text(f"name: bench\nruntime: python\npackages:\n  greet: {folder}\n")
    result = bench.up(GREETER + 'Greeter("gone", "w")')
    told = [item.message for item in result.diagnostics]
    assert result.outcome == "failed"
    assert "the plugin for package 'greet' ended with exit code 7\nabout to go" in told


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("import sys; sys.exit('no licence')", "did not start:\nno licence"),
        ("print('hello')", "did not start:\nhello"),
        ("", "did not start:\nit wrote nothing"),
    ],
)
def test_a_plugin_that_does_not_start_says_why(tmp_path, script, said):
    bench = Bench(tmp_path / "b")
    executable = tmp_path / "bin" / "pulumi-resource-greet"
    executable.parent.mkdir()
    executable.write_text(f"#!{sys.executable}\n{textwrap.dedent(script)}\n")
    executable.chmod(0o755)
    bench.environment["PATH"] = f"{executable.parent}:/usr/bin:/bin"
    result = bench.up(GREETER + 'Greeter("g", "w")')
    assert result.diagnostics[0].message == f"the plugin for package 'greet' {said}"


def test_a_package_without_a_plugin_says_where_to_put_one(tmp_path):
    bench = Bench(tmp_path)
    result = bench.up(GREETER + 'Greeter("g", "w")')
    told = result.diagnostics[0].message
    assert told.startswith("there is no provider for package 'greet' here\n  -> name its folder in Pulumi.yaml")


def test_no_process_of_a_plugin_outlives_the_deployment(bench, plugin):
    (plugin / "__main__.py").write_text(PLUGIN + "\n")
    mark = str(plugin)
    bench.up(PROGRAM)
    commands = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    assert [it for it in commands if mark.encode() in it] == []

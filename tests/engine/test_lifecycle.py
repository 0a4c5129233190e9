"""What a stack goes through: each scenario runs a program in its own process against a provider in memory."""

import dataclasses
import json

import pytest

from modelyard import wire
from modelyard.engine.base import Diagnostic, Severity
from modelyard.engine.embedded.state import ROOT_TYPE
from modelyard.engine.plan import Op

TWO = """
a = Thing("a", value="1")
b = Thing("b", value=a.out)
pulumi.export("b", b.out)
"""


def test_up_creates_in_order_and_keeps_outputs(bench):
    result = bench.up(TWO)
    assert (result.outcome, bench.calls, result.outputs) == ("succeeded", ["create a", "create b"], {"b": "out-out-1"})
    assert bench.store().outputs() == {"b": "out-out-1"}


def test_second_up_plans_nothing(bench):
    bench.up(TWO)
    result = bench.up()
    assert (bench.calls, result.has_changes, bench.ops(result)) == ([], False, {"a": Op.SAME, "b": Op.SAME})


def test_preview_changes_nothing_and_says_what_up_does(bench):
    bench.up(TWO)
    before, cloud = bench.store().path.read_bytes(), dict(bench.cloud)
    planned = bench.preview(TWO.replace('"1"', '"2"'))
    assert (bench.calls, bench.store().path.read_bytes(), bench.cloud) == ([], before, cloud)
    assert bench.ops(planned) == {"a": Op.UPDATE, "b": Op.SAME}
    assert bench.ops(bench.up())["a"] is Op.UPDATE


def test_preview_of_a_new_stack_leaves_no_file(bench):
    assert bench.ops(bench.preview(TWO)) == {"a": Op.CREATE, "b": Op.CREATE}
    assert not bench.store().deployed


def test_changing_one_input_shows_exactly_that(bench):
    bench.up('Thing("a", tags={"x": "1", "y": "1"})\nThing("b")')
    result = bench.preview('Thing("a", tags={"x": "1", "y": "2"})\nThing("b")')
    changed = [change for change in result.changes if change.op.is_change]
    assert [(change.name, change.op, dict(change.changes)) for change in changed] == [
        ("a", Op.UPDATE, {"tags.y": ("1", "2")})
    ]


def test_removing_a_resource_deletes_it(bench):
    bench.up(TWO)
    result = bench.up('a = Thing("a", value="1")')
    assert (bench.calls, bench.ops(result)) == (["delete b"], {"a": Op.SAME, "b": Op.DELETE})
    assert list(bench.cloud) == ["id-a-1"]


def test_replacement_creates_before_it_deletes(bench):
    bench.up('Thing("a", fixed="1")')
    result = bench.up('Thing("a", fixed="2")')
    assert (bench.calls, bench.ops(result)) == (["create a", "delete a"], {"a": Op.REPLACE})
    assert next(change.replaced_by for change in result.changes if change.name == "a") == ("fixed",)


def test_replacement_that_deletes_first_takes_along_what_must_be_replaced(bench):
    program = 'a = Thing("a", fixed_name="{}")\nThing("b", fixed=a.id)\nThing("c", value=a.id)'
    bench.up(program.format(1))
    result = bench.up(program.format(2))
    assert bench.calls[:2] == ["delete b", "delete a"]
    assert sorted(bench.calls[2:]) == ["create a", "create b", "update c"]
    assert bench.ops(result) == {"a": Op.REPLACE, "b": Op.REPLACE, "c": Op.UPDATE}
    assert bench.up().has_changes is False


def test_a_failed_step_keeps_what_was_done_and_the_next_up_goes_on(bench):
    result = bench.up('a = Thing("a")\nThing("b", fail="create", value=a.out)\nThing("c", value=a.out)')
    errors = [change.error for change in result.changes if change.error]
    assert (result.outcome, errors) == ("failed", ["b does not want to create"])
    assert "a" in bench.ops(result)
    assert bench.ops(bench.up('a = Thing("a")\nThing("b", value=a.out)\nThing("c", value=a.out)'))["b"] is Op.CREATE
    assert sorted(item.split("-")[1] for item in bench.cloud) == ["a", "b", "c"]


def test_a_failed_program_deletes_nothing(bench):
    bench.up(TWO)
    result = bench.up('raise ValueError("oops")')
    assert (result.outcome, bench.calls, len(bench.cloud)) == ("failed", [], 2)
    assert any("ValueError: oops" in item.message for item in result.diagnostics)


def test_an_input_the_provider_refuses_is_named(bench):
    result = bench.up('Thing("a", bad=1)')
    assert [change.error for change in result.changes if change.error] == ["bad: it is bad"]


def test_destroy_works_without_the_program_and_in_reverse(bench):
    bench.up(TWO)
    (bench.program / "__main__.py").unlink()
    result = bench.destroy()
    assert (result.outcome, bench.calls, bench.cloud) == ("succeeded", ["delete b", "delete a"], {})
    assert bench.store().snapshot.resources == []


def test_a_failed_deletion_stops_only_what_it_must(bench):
    bench.up('a = Thing("a")\nThing("b", value=a.out, fail="delete")\nThing("c")')
    result = bench.destroy()
    assert (result.outcome, sorted(bench.calls)) == ("failed", ["delete b", "delete c"])
    assert sorted(item.split("-")[1] for item in bench.cloud) == ["a", "b"]


def test_a_protected_resource_stays_and_the_rest_goes(bench):
    bench.up('a = Thing("a", opts=pulumi.ResourceOptions(protect=True))\nThing("b", value=a.out)')
    result = bench.destroy()
    assert (result.outcome, bench.calls) == ("failed", ["delete b"])
    assert any("protected" in change.error for change in result.changes)
    assert bench.destroy(unprotect=True).outcome == "succeeded"
    assert bench.cloud == {}


def test_retain_on_delete_keeps_it_in_the_cloud(bench):
    bench.up('Thing("a", opts=pulumi.ResourceOptions(retain_on_delete=True))')
    assert bench.destroy().outcome == "succeeded"
    assert (bench.calls, len(bench.cloud)) == ([], 1)


def test_ignore_changes(bench):
    bench.up('Thing("a", value="1")')
    result = bench.up('Thing("a", value="2", opts=pulumi.ResourceOptions(ignore_changes=["value"]))')
    assert (bench.ops(result), bench.calls) == ({"a": Op.SAME}, [])


def test_an_alias_keeps_the_resource(bench):
    bench.up('Thing("a", value="1")')
    result = bench.up('Thing("z", value="1", opts=pulumi.ResourceOptions(aliases=[pulumi.Alias(name="a")]))')
    assert (bench.ops(result), bench.calls) == ({"z": Op.SAME}, [])
    assert bench.up().has_changes is False


def test_components_parents_and_dependencies(bench):
    bench.up(
        """
        class Group(pulumi.ComponentResource):
            def __init__(self, name):
                super().__init__("test:index:Group", name)
                self.inner = Thing(f"{name}-inner", opts=pulumi.ResourceOptions(parent=self))
                self.register_outputs({"inner": self.inner.out})

        group = Group("g")
        Thing("after", opts=pulumi.ResourceOptions(depends_on=[group]))
        """
    )
    found = {item.name: item for item in bench.store().snapshot.resources}
    assert found["g-inner"].urn == "urn:pulumi:dev::bench::test:index:Group$fake:index:Thing::g-inner"
    assert found["g"].outputs == {"inner": "out-"}
    assert found["after"].dependencies == (found["g-inner"].urn,)


def test_config_and_project_defaults(bench):
    (bench.program / "Pulumi.yaml").write_text("name: bench\nruntime: python\nconfig:\n  size: {default: 3}\n")
    (bench.program / "Pulumi.dev.yaml").write_text("config:\n  bench:color: red\n")
    bench.config = {"other:key": "v"}
    result = bench.up(
        """
        own, other = pulumi.Config(), pulumi.Config("other")
        pulumi.export("seen", [own.require_int("size"), own.require("color"), other.require("key")])
        """
    )
    assert result.outputs == {"seen": [3, "red", "v"]}


def test_secrets_are_encrypted_in_state_and_masked_everywhere(bench):
    result = bench.up('Thing("a", note=pulumi.Output.secret("canary-4711"))')
    assert result.outcome == "succeeded"
    texts = [path.read_text(errors="replace") for path in bench.folder.rglob("*") if path.is_file()]
    holding = [text for text in texts if "canary-4711" in text]
    assert holding == [(bench.program / "__main__.py").read_text()]
    assert "canary-4711" not in repr(bench.events)
    assert bench.up().has_changes is False


def test_stack_reference(bench):
    bench.up('pulumi.export("answer", 42)\npulumi.export("key", pulumi.Output.secret("s"))')
    bench.write(
        """
        other = pulumi.StackReference("organization/bench/dev")
        pulumi.export("answer", other.require_output("answer"))
        pulumi.export("key", other.require_output("key"))
        """
    )
    result = bench.engine.up(bench.deployment("second"), bench.events.append)
    assert (result.outcome, result.outputs["answer"], repr(result.outputs["key"])) == ("succeeded", 42, "[secret]")


def test_a_reference_to_a_missing_stack_says_what_to_type(bench):
    result = bench.up('pulumi.StackReference("organization/other/dev").require_output("x")')
    assert result.outcome == "failed"
    assert "modelyard up other --env dev" in result.diagnostics[0].message


def test_invoke(bench):
    result = bench.up('pulumi.export("got", pulumi.runtime.invoke("fake:index:echo", {"x": 1}).value["echo"])')
    assert result.outputs == {"got": {"x": 1}}


def test_get_reads_a_resource_that_somebody_else_manages(bench):
    bench.cloud["id-9"] = {"value": "elsewhere", "out": "o"}
    result = bench.up('found = Thing("found", opts=pulumi.ResourceOptions(id="id-9"))\npulumi.export("out", found.out)')
    assert (result.outputs, bench.ops(result)) == ({"out": "o"}, {"found": Op.READ})
    assert bench.destroy().outcome == "succeeded"
    assert "id-9" in bench.cloud


def test_refresh_shows_drift_and_drops_what_vanished(bench):
    bench.up('Thing("a", value="1")\nThing("b")')
    ids = {item.name: item.id for item in bench.store().snapshot.resources if item.custom}
    bench.cloud[ids["a"]]["value"] = "drifted"
    del bench.cloud[ids["b"]]
    assert bench.ops(bench.refresh()) == {"a": Op.REFRESH, "b": Op.DELETE}
    assert "b" not in {item.name for item in bench.store().snapshot.resources}


def test_two_resources_of_one_name_are_refused(bench):
    result = bench.up('Thing("a")\nThing("a")')
    assert result.outcome == "failed"
    assert "two resources have the name 'a'" in result.diagnostics[0].message


def test_an_unknown_provider_is_named(bench):
    result = bench.up('pulumi.CustomResource("gcp:x:Y", "y", {})')
    assert result.outcome == "failed"
    assert "no provider for package 'gcp'" in result.diagnostics[0].message


@pytest.mark.parametrize("option", ['import_="id-9"', "transforms=[lambda args: None]"])
def test_what_the_engine_can_not_do_is_refused(bench, option):
    bench.cloud["id-9"] = {}
    result = bench.up(f'Thing("a", opts=pulumi.ResourceOptions({option}))')
    assert (result.outcome, bench.calls) == ("failed", [])


def test_what_the_program_prints_is_passed_on(bench):
    bench.up('print("hello")\npulumi.log.warn("careful")')
    said = [(item.severity, item.message) for item in bench.events if isinstance(item, Diagnostic)]
    assert (Severity.INFO, "hello") in said
    assert (Severity.WARNING, "careful") in said


def test_state_is_pulumis_own_checkpoint(bench):
    bench.up(TWO)
    document = json.loads(bench.store().path.read_text())
    assert (document["version"], document["checkpoint"]["stack"]) == (3, "organization/bench/dev")
    first = document["checkpoint"]["latest"]["resources"][0]
    assert (first["type"], first["outputs"]) == (ROOT_TYPE, {"b": "out-out-1"})


def test_a_protected_resource_is_not_replaced(bench):
    program = 'Thing("a", fixed="{}", opts=pulumi.ResourceOptions(protect={}))'
    bench.up(program.format(1, True))
    result = bench.up(program.format(2, True))
    assert (result.outcome, bench.calls) == ("failed", [])
    assert any("protected" in change.error for change in result.changes)
    assert bench.up(program.format(2, False)).outcome == "succeeded"


def test_sys_exit_with_zero_is_a_success(bench):
    result = bench.up('import sys\nThing("a")\nsys.exit(0)')
    assert (result.outcome, bench.calls) == ("succeeded", ["create a"])


def test_an_invoke_that_fails_says_why(bench):
    result = bench.up('pulumi.runtime.invoke("fake:index:fail", {})')
    assert result.outcome == "failed"
    assert "invocation of fake:index:fail returned an error: boom: access denied" in result.diagnostics[0].message


def test_an_aliased_parent_and_a_failing_program_leave_a_valid_state(bench):
    program = """
    class Group(pulumi.ComponentResource):
        def __init__(self, name, old=None):
            aliases = [pulumi.Alias(name=old)] if old else []
            super().__init__("test:index:Group", name, None, pulumi.ResourceOptions(aliases=aliases))

    g = Group(%s)
    %s
    Thing("c", opts=pulumi.ResourceOptions(parent=g))
    """
    bench.up(program % ('"g"', ""))
    assert bench.up(program % ('"h", "g"', 'raise ValueError("oops")')).outcome == "failed"
    assert [item.name for item in bench.store().snapshot.resources if item.custom and not item.is_provider] == ["c"]
    assert bench.up(program % ('"h", "g"', "")).outcome == "succeeded"


def test_what_somebody_else_manages_is_never_taken_over(bench):
    bench.cloud["id-9"] = {"value": "theirs", "out": "o"}
    bench.up('Thing("f", opts=pulumi.ResourceOptions(id="id-9"))')
    result = bench.up('Thing("f", value="ours")')
    assert (bench.ops(result), bench.calls, bench.cloud["id-9"]["value"]) == ({"f": Op.REPLACE}, ["create f"], "theirs")


def test_what_was_ours_and_is_only_read_now_is_deleted(bench):
    bench.cloud["id-9"] = {"value": "theirs", "out": "o"}
    bench.up('Thing("f", value="ours")')
    bench.up('Thing("f", opts=pulumi.ResourceOptions(id="id-9"))')
    assert (bench.calls, list(bench.cloud)) == (["delete f"], ["id-9"])


def test_a_provider_that_changes_harmlessly_replaces_nothing(bench):
    program = """
    class Fake(pulumi.ProviderResource):
        def __init__(self, **inputs):
            super().__init__("fake", "p", inputs)

    p = Fake(%s)
    Thing("a", opts=pulumi.ResourceOptions(provider=p))
    """
    bench.up(program % 'color="red"')
    result = bench.up(program % 'color="blue"')
    assert (bench.calls, bench.ops(result)) == ([], {"a": Op.SAME})
    result = bench.up(program % 'color="blue", region="elsewhere"')
    assert (bench.calls, bench.ops(result)) == (["create a", "delete a"], {"a": Op.REPLACE})
    assert bench.up().has_changes is False


def test_secret_configuration_of_a_provider_is_encrypted(bench, monkeypatch):
    from modelyard.engine.embedded.crypt import PassphraseCrypter

    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "p")
    crypter = PassphraseCrypter(bench.folder / "state")
    secret = crypter.encrypt("canary-4712")
    (bench.program / "Pulumi.dev.yaml").write_text(
        f"encryptionsalt: {crypter.salt}\nconfig:\n  fake:token:\n    secure: {secret}\n  bench:day: 2024-01-01\n"
    )
    result = bench.up('Thing("a")\npulumi.export("day", pulumi.Config().require("day"))')
    assert (result.outcome, result.outputs) == ("succeeded", {"day": "2024-01-01"})
    assert "canary-4712" not in bench.store().path.read_text()


def test_an_output_that_becomes_a_secret_is_encrypted(bench):
    bench.up('Thing("a", note="canary-4713")')
    bench.up('Thing("a", note=pulumi.Output.secret("canary-4713"))')
    assert "canary-4713" not in bench.store().path.read_text()


def test_refresh_when_one_read_fails_leaves_a_valid_state(bench):
    bench.up('a = Thing("a")\nThing("b", value=a.out)')
    ids = {item.name: item.id for item in bench.store().snapshot.resources if item.custom}
    bench.cloud[ids["a"]]["fail"] = "read"
    assert bench.refresh().outcome == "failed"
    del bench.cloud[ids["a"]]["fail"]
    assert bench.up().outcome == "succeeded"


def test_preview_takes_the_outputs_that_another_stack_is_going_to_have(bench):
    bench.write('other = pulumi.StackReference("organization/base/dev")\nThing("a", value=other.require_output("x"))')
    assumed = dataclasses.replace(bench.deployment(), assumed={"base/dev": {"x": wire.UNKNOWN}})
    result = bench.engine.preview(assumed, bench.events.append)
    assert (result.outcome, bench.ops(result)) == ("succeeded", {"a": Op.CREATE})

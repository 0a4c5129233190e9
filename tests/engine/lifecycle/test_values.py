"""Values on their way: invokes, secrets, unknowns, configuration, outputs and references to other stacks."""

from engine.lifecycle.differences import Difference, differs

from modelyard import wire
from modelyard.engine.base import Severity
from modelyard.engine.embedded.state.crypt import PassphraseCrypter
from modelyard.engine.plan import Op


def test_an_invoke(bench):
    result = bench.up(
        'pulumi.export("got", pulumi.runtime.invoke("fake:index:echo", {"x": 1, "y": [True]}).value["echo"])'
    )
    assert result.outputs == {"got": {"x": 1, "y": [True]}}


def test_an_invoke_in_a_preview(bench):
    result = bench.preview('pulumi.export("got", pulumi.runtime.invoke("fake:index:echo", {"x": 1}).value["echo"])')
    assert result.outputs == {"got": {"x": 1}}


def test_an_invoke_of_an_output(bench):
    result = bench.up(
        """
        a = Thing("a", value="1")
        got = pulumi.runtime.invoke_output("fake:index:echo", {"x": a.out})
        pulumi.export("got", got.apply(lambda it: it["echo"]))
        """
    )
    assert result.outputs == {"got": {"x": "out-1"}}


def test_an_invoke_of_what_is_not_known_yet_waits(bench):
    program = """
    a = Thing("a", value="1")
    Thing("b", value=pulumi.runtime.invoke_output("fake:index:echo", {"x": a.out}).apply(lambda it: it["echo"]["x"]))
    """
    planned = bench.preview(program)
    assert (planned.outcome, bench.ops(planned)) == ("succeeded", {"a": Op.CREATE, "b": Op.CREATE})
    bench.up(program)
    assert bench.cloud["b-1"]["value"] == "out-1"


def test_an_invoke_that_fails_says_why(bench):
    result = bench.up('pulumi.runtime.invoke("fake:index:fail", {})')
    assert result.outcome == "failed"
    assert any("boom: access denied" in text for text in bench.said(Severity.ERROR))


def test_an_invoke_that_refuses_its_arguments_says_which(bench):
    result = bench.up('pulumi.runtime.invoke("fake:index:refuse", {"x": "y"})')
    assert result.outcome == "failed"
    assert any("it is not a number" in text for text in bench.said(Severity.ERROR))


def test_a_secret_that_an_invoke_gives(bench):
    bench.up(
        """
        got = pulumi.runtime.invoke_output("fake:index:secret", {"x": "canary-3"})
        Thing("a", note=got.apply(lambda it: it["key"]))
        """
    )
    assert (bench.cloud["a-1"]["note"], "canary-3" in str(bench.resources())) == ("canary-3", False)


def test_an_invoke_with_an_explicit_provider(bench):
    result = bench.up(
        """
        p = Fake()
        got = pulumi.runtime.invoke("fake:index:echo", {"x": 1}, pulumi.InvokeOptions(provider=p))
        pulumi.export("got", got.value["echo"]["x"])
        """
    )
    assert (result.outcome, result.outputs) == ("succeeded", {"got": 1})
    assert [it["urn"].rpartition("::")[2] for it in bench.resources() if it["type"] == "pulumi:providers:fake"] == ["p"]


def test_an_invoke_that_depends_on_a_resource_comes_after_it(bench):
    program = """
    a = Thing("a", slow=0.2)
    got = pulumi.runtime.invoke_output("fake:index:echo", {"x": 1}, pulumi.InvokeOutputOptions(depends_on=[a]))
    Thing("b", value=got.apply(lambda it: it["echo"]["x"]))
    """
    assert bench.preview(program).outcome == "succeeded"
    bench.up(program)
    assert bench.calls == ["create a", "create b"]


def test_secrets_are_encrypted_in_the_state_and_masked_everywhere(bench):
    result = bench.up('Thing("a", note=pulumi.Output.secret("canary-4"))')
    assert (result.outcome, bench.cloud["a-1"]["note"]) == ("succeeded", "canary-4")
    files = [it for it in bench.folder.rglob("*") if it.is_file() and it.parent.name != "__pycache__"]
    texts = [it.read_text(errors="replace") for it in files]
    program = (bench.program / "__main__.py").read_text()
    assert [text for text in texts if "canary-4" in text and text != program] == []
    assert "canary-4" not in repr(bench.events)
    assert bench.up().has_changes is False


def test_a_secret_within_a_structure(bench):
    bench.up('Thing("a", deep={"list": [{"open": 1, "key": pulumi.Output.secret("canary-5")}]})')
    assert "canary-5" not in str(bench.resources())
    assert bench.cloud["a-1"]["deep"] == {"list": [{"open": 1, "key": "canary-5"}]}
    assert bench.up().has_changes is False


def test_a_changed_secret_shows_no_value(bench):
    program = 'Thing("a", note=pulumi.Output.secret("canary-{}"))'
    bench.up(program.format(6))
    result = bench.up(program.format(7))
    assert (bench.ops(result), bench.cloud["a-1"]["note"]) == ({"a": Op.UPDATE}, "canary-7")
    assert "canary-" not in repr(bench.events) + repr(result)


def test_what_comes_of_a_secret_is_secret(bench):
    result = bench.up(
        """
        secret = pulumi.Output.secret("canary-8")
        a = Thing("a", note=secret)
        b = Thing("b", note=pulumi.Output.all(secret, a.out).apply(lambda both: both[0] + both[1]))
        pulumi.export("both", pulumi.Output.concat("x", secret))
        """
    )
    assert (result.outcome, repr(result.outputs["both"])) == ("succeeded", "[secret]")
    assert bench.cloud["b-1"]["note"] == "canary-8out-"
    assert "canary-8" not in str(bench.resources())


def test_an_output_of_a_secret_input_is_not_secret_by_itself(bench):
    bench.up('a = Thing("a", value=pulumi.Output.secret("hidden"))\npulumi.export("out", a.out)')
    assert bench.resource("a")["outputs"]["out"] == "out-hidden"


def test_a_secret_output_of_a_provider(bench):
    result = bench.up('a = Thing("a", mint="canary-9")\npulumi.export("id", a.id)')
    assert (result.outcome, "canary-9" in str(bench.resource("a")["outputs"]["token"])) == ("succeeded", False)


def test_a_provider_that_keeps_secrets_itself(bench):
    program = """
    p = Fake(keeps_secrets=True)
    secret = pulumi.Output.secret
    Thing("a", Opts(provider=p), note=secret("canary-13"), deep=[{"key": secret("canary-14")}])
    """
    bench.up(program)
    assert (bench.cloud["a-1"]["note"], bench.cloud["a-1"]["deep"]) == ("canary-13", [{"key": "canary-14"}])
    assert "canary-1" not in str(bench.resources())
    assert bench.up().has_changes is False


def test_an_exported_secret(bench):
    result = bench.up('pulumi.export("key", pulumi.Output.secret({"k": "canary-10"}))\npulumi.export("open", 1)')
    assert result.outputs["open"] == 1
    assert (repr(result.outputs["key"]), wire.reveal(result.outputs["key"])) == ("[secret]", {"k": "canary-10"})
    assert "canary-10" not in str(bench.resources())


def test_an_output_that_becomes_a_secret_is_encrypted(bench):
    bench.up('Thing("a", note="canary-11")')
    bench.up('Thing("a", note=pulumi.Output.secret("canary-11"))')
    assert "canary-11" not in str(bench.resources())


def test_a_secret_that_is_none_any_more_is_shown(bench):
    bench.up('Thing("a", note=pulumi.Output.secret("open"))')
    result = bench.up('Thing("a", note="open")')
    assert (bench.ops(result), bench.resource("a")["inputs"]) == ({"a": Op.SAME}, {"note": "open"})


def test_values_that_are_not_known_in_a_preview(bench):
    program = 'a = Thing("a", value="1")\nb = Thing("b", value=a.out, tags={"id": a.id})\npulumi.export("b", b.out)'
    planned = bench.preview(program)
    assert (planned.outcome, bench.ops(planned)) == ("succeeded", {"a": Op.CREATE, "b": Op.CREATE})
    assert bench.calls == []


def test_what_is_known_of_an_update_in_a_preview(bench):
    program = 'a = Thing("a", value="{}")\nThing("b", value=a.id)\nThing("c", value=a.out)'
    bench.up(program.format(1))
    planned = bench.preview(program.format(2))
    assert (planned.outcome, bench.ops(planned)["b"]) == ("succeeded", Op.SAME)
    assert bench.ops(planned)["a"] is Op.UPDATE


def test_an_apply_does_not_run_on_unknowns(bench):
    planned = bench.preview('a = Thing("a")\na.out.apply(lambda it: print(f"got {it}"))')
    assert (planned.outcome, [text for text in bench.said(Severity.INFO) if "got" in text]) == ("succeeded", [])


def test_configuration_from_the_project_the_stack_and_the_caller(bench):
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


def test_structured_configuration(bench):
    (bench.program / "Pulumi.dev.yaml").write_text(
        "config:\n  bench:tags:\n    team: ml\n    sizes: [1, 2]\n  bench:on: true\n"
    )
    result = bench.up('c = pulumi.Config()\npulumi.export("seen", [c.require_object("tags"), c.require_bool("on")])')
    assert result.outputs == {"seen": [{"team": "ml", "sizes": [1, 2]}, True]}


def test_missing_configuration_is_named(bench):
    result = bench.up('pulumi.Config().require("color")')
    assert result.outcome == "failed"
    assert any("bench:color" in text for text in bench.said(Severity.ERROR))


def test_environment_variables_reach_the_program(bench):
    bench.environment = {"MODELYARD_TEST": "x"}
    assert bench.up('import os\npulumi.export("seen", os.environ["MODELYARD_TEST"])').outputs == {"seen": "x"}


def test_names_of_project_stack_and_organization(bench):
    result = bench.up(
        """
        pulumi.export("names", [pulumi.get_project(), pulumi.get_stack(), pulumi.get_organization()])
        pulumi.export("preview", pulumi.runtime.is_dry_run())
        """
    )
    assert result.outputs == {"names": ["bench", "dev", "organization"], "preview": False}


def test_outputs_of_every_kind(bench):
    result = bench.up('pulumi.export("all", {"b": True, "i": 1, "f": 0.5, "s": "x", "l": [1, [2]], "d": {}})')
    assert result.outputs == {"all": {"b": True, "i": 1, "f": 0.5, "s": "x", "l": [1, [2]], "d": {}}}


def test_an_output_that_is_nothing(bench):
    assert bench.up('pulumi.export("nothing", None)\npulumi.export("some", 1)').outputs["some"] == 1


def test_an_export_that_goes_and_comes(bench):
    bench.up('pulumi.export("x", 1)\npulumi.export("y", 1)')
    assert bench.up('pulumi.export("y", 2)\npulumi.export("z", 3)').outputs == {"y": 2, "z": 3}


def test_outputs_that_a_failed_program_gave_are_kept(bench):
    bench.up('pulumi.export("x", 1)\npulumi.export("y", 1)')
    result = bench.up('pulumi.export("x", 2)\nraise ValueError("oops")')
    assert (result.outcome, result.outputs["x"]) == ("failed", 2)


def test_a_resource_as_an_output(bench):
    result = bench.up('a = Thing("a", value="1")\npulumi.export("a", a)')
    assert result.outcome == "succeeded"


def test_a_stack_reference(bench):
    bench.up('pulumi.export("answer", 42)\npulumi.export("key", pulumi.Output.secret("canary-12"))')
    result = bench.up(
        """
        other = pulumi.StackReference("organization/bench/dev")
        pulumi.export("answer", other.require_output("answer"))
        pulumi.export("missing", other.get_output("missing"))
        pulumi.export("key", other.require_output("key"))
        """,
        stack="second",
    )
    assert (result.outcome, result.outputs["answer"], repr(result.outputs["key"])) == ("succeeded", 42, "[secret]")
    assert "canary-12" not in str(bench.resources("second"))


def test_a_stack_reference_follows_the_other_stack(bench):
    program = 'pulumi.export("x", pulumi.StackReference("organization/bench/dev").require_output("x"))'
    bench.up('pulumi.export("x", 1)')
    bench.up(program, stack="second")
    bench.up('pulumi.export("x", 2)')
    assert bench.up(program, stack="second").outputs == {"x": 2}


@differs(Difference.WORDS)
def test_a_stack_reference_to_nothing_fails(bench):
    result = bench.up('pulumi.StackReference("organization/other/dev").require_output("x")')
    assert result.outcome == "failed"


def test_an_output_that_another_stack_does_not_have_fails(bench):
    bench.up('pulumi.export("x", 1)')
    result = bench.up(
        'pulumi.export("y", pulumi.StackReference("organization/bench/dev").require_output("y"))', stack="second"
    )
    assert result.outcome == "failed"


def test_a_stack_reference_is_in_the_state_and_goes(bench):
    bench.up('pulumi.export("x", 1)')
    bench.up('pulumi.StackReference("organization/bench/dev")', stack="second")
    [reference] = [it for it in bench.resources("second") if it["type"] == "pulumi:pulumi:StackReference"]
    assert (reference["external"], reference["outputs"]["outputs"]) == (True, {"x": 1})
    bench.destroy(stack="second")
    assert (bench.resources("second"), bench.resources()[0]["outputs"]) == ([], {"x": 1})


def test_outputs_that_another_stack_is_going_to_have(bench):
    bench.assumed = {"base/dev": {"x": wire.UNKNOWN}}
    program = 'other = pulumi.StackReference("organization/base/dev")\nThing("a", value=other.require_output("x"))'
    planned = bench.preview(program)
    assert (planned.outcome, bench.ops(planned)) == ("succeeded", {"a": Op.CREATE})


def test_secret_configuration_of_a_provider_is_encrypted(bench):
    crypter = PassphraseCrypter(bench.folder / "state")
    secret = crypter.encrypt("canary-15")
    (bench.program / "Pulumi.dev.yaml").write_text(
        f"encryptionsalt: {crypter.salt}\nconfig:\n  fake:token:\n    secure: {secret}\n"
    )
    assert bench.up('Thing("a")').outcome == "succeeded"
    assert "canary-15" not in str(bench.resources())


def test_secret_configuration_of_the_program(bench):
    crypter = PassphraseCrypter(bench.folder / "state")
    secret = crypter.encrypt("canary-16")
    text = f"encryptionsalt: {crypter.salt}\nconfig:\n  bench:key:\n    secure: {secret}\n"
    (bench.program / "Pulumi.dev.yaml").write_text(text)
    result = bench.up('pulumi.export("key", pulumi.Config().require_secret("key"))')
    assert (repr(result.outputs["key"]), wire.reveal(result.outputs["key"])) == ("[secret]", "canary-16")
    assert "canary-16" not in str(bench.resources())


def test_dates_in_the_configuration(bench):
    (bench.program / "Pulumi.dev.yaml").write_text(
        "config:\n  bench:day: 2024-01-31\n  bench:moment: 2024-01-31T10:20:30.5+02:00\n"
        '  bench:text: "2024-01-31"\n  bench:deep: [{day: 2024-01-31}]\n'
    )
    result = bench.up(
        """
        config = pulumi.Config()
        for key in ("day", "moment", "text"):
            pulumi.export(key, config.require(key))
        pulumi.export("deep", config.require_object("deep"))
        """
    )
    assert result.outputs == {
        "day": "2024-01-31 00:00:00 +0000 UTC",
        "moment": "2024-01-31 10:20:30.5 +0200 +0200",
        "text": "2024-01-31",
        "deep": [{"day": "2024-01-31 00:00:00 +0000 UTC"}],
    }

"""Providers: the default one, explicit ones, and what becomes of resources when they change."""

from modelyard.engine.plan import Op

PROVIDED = 'p = Fake({})\nThing("a", Opts(provider=p))'


def provider_of(bench, name):
    return bench.resource(name)["provider"].rpartition("::")[0].rpartition("::")[2]


def test_the_default_provider_is_made_once(bench):
    bench.up('Thing("a")\nThing("b", kind="Detailed")')
    assert [it["urn"] for it in bench.resources() if it["type"] == "pulumi:providers:fake"] == [
        "urn:pulumi:dev::bench::pulumi:providers:fake::default"
    ]


def test_no_provider_without_resources(bench):
    bench.up('Group("g")')
    assert [it["type"] for it in bench.resources()] == ["pulumi:pulumi:Stack", "test:index:Group"]


def test_an_explicit_provider(bench):
    result = bench.up(PROVIDED.format('color="red"'))
    assert bench.ops(result) == {"a": Op.CREATE, "p": Op.CREATE} or bench.ops(result) == {"a": Op.CREATE}
    assert provider_of(bench, "a") == "p"
    assert bench.resource("p")["inputs"] == {"color": "red"}
    assert bench.up().has_changes is False


def test_a_provider_that_changes_harmlessly_is_updated_and_replaces_nothing(bench):
    bench.up(PROVIDED.format('color="red"'))
    result = bench.up(PROVIDED.format('color="blue"'))
    assert (bench.calls, [change.op for change in result.changes if change.name in "ap"]) == ([], [Op.UPDATE, Op.SAME])
    assert bench.up().has_changes is False


def test_a_provider_that_is_replaced_replaces_its_resources(bench):
    bench.up(PROVIDED.format('region="here"') + '\nThing("b")')
    result = bench.up(PROVIDED.format('region="there"') + '\nThing("b")')
    assert bench.calls == ["create a", "delete a"]
    assert {change.name: change.op for change in result.changes if change.name in "abp"} == {
        "a": Op.REPLACE,
        "b": Op.SAME,
        "p": Op.REPLACE,
    }
    assert bench.up().has_changes is False


def test_preview_of_a_replaced_provider(bench):
    bench.up(PROVIDED.format('region="here"'))
    planned = bench.preview(PROVIDED.format('region="there"'))
    assert {change.name: change.op for change in planned.changes if change.name in "ap"} == {
        "a": Op.REPLACE,
        "p": Op.REPLACE,
    }


def test_from_the_default_to_an_explicit_provider(bench):
    bench.up('Thing("a")')
    result = bench.up(PROVIDED.format(""))
    assert (result.outcome, bench.ops(result)["a"], bench.calls) == ("succeeded", Op.SAME, [])
    assert provider_of(bench, "a") == "p"
    assert bench.up().has_changes is False


def test_from_one_provider_to_another_of_other_settings(bench):
    program = 'p = Fake("p", region="here")\nq = Fake("q", region="there")\nThing("a", Opts(provider={}))'
    bench.up(program.format("p"))
    result = bench.up(program.format("q"))
    assert (result.outcome, bench.ops(result)["a"]) == ("succeeded", Op.REPLACE)
    assert bench.calls == ["create a", "delete a"]


def test_a_provider_goes_after_its_resources(bench):
    bench.up(PROVIDED.format(""))
    result = bench.up("")
    assert (result.outcome, bench.calls) == ("succeeded", ["delete a"])
    assert [it["type"] for it in bench.resources()] == ["pulumi:pulumi:Stack"]


def test_children_take_the_provider_of_their_parent(bench):
    bench.up('p = Fake()\ng = Group("g", Opts(providers=[p]))\nThing("a", Opts(parent=g))\nThing("b")')
    assert (provider_of(bench, "a"), provider_of(bench, "b")) == ("p", "default")


def test_grandchildren_take_it_too(bench):
    bench.up(
        """
        p = Fake()
        g = Group("g", Opts(providers={"fake": p}))
        h = Group("h", Opts(parent=g))
        Thing("a", Opts(parent=h))
        """
    )
    assert provider_of(bench, "a") == "p"


def test_a_child_of_a_resource_takes_its_provider(bench):
    bench.up('p = Fake()\na = Thing("a", Opts(provider=p))\nThing("b", Opts(parent=a))')
    assert provider_of(bench, "b") == "p"


def test_a_provider_of_another_package_is_not_taken(bench):
    bench.up('p = Fake()\nThing("a", Opts(provider=pulumi.ProviderResource("other", "o", {}) if False else p))')
    assert provider_of(bench, "a") == "p"


def test_a_provider_that_depends_on_a_resource(bench):
    program = 'b = Thing("b", value="{}")\np = Fake(token=b.out)\nThing("a", Opts(provider=p))'
    planned = bench.preview(program.format(1))
    assert bench.ops(planned)["a"] is Op.CREATE
    bench.up(program.format(1))
    assert bench.calls == ["create b", "create a"]
    assert bench.resource("p")["inputs"] == {"token": "out-1"}
    bench.destroy()
    assert bench.calls == ["delete a", "delete b"]


def test_a_provider_whose_settings_are_refused(bench):
    result = bench.up(PROVIDED.format("bad=1"))
    assert (result.outcome, bench.calls) == ("failed", [])
    assert "it is bad" in bench.errors(result)["p"]


def test_a_provider_that_can_not_be_configured(bench):
    result = bench.up(PROVIDED.format("unconfigurable=1"))
    assert (result.outcome, bench.calls) == ("failed", [])


def test_two_versions_of_a_default_provider(bench):
    bench.up('Thing("a", Opts(version="1.0.0"))\nThing("b", Opts(version="2.0.0"))')
    assert (provider_of(bench, "a"), provider_of(bench, "b")) == ("default_1_0_0", "default_2_0_0")


def test_another_version_of_the_default_provider_replaces_nothing(bench):
    bench.up('Thing("a", Opts(version="1.0.0"))')
    result = bench.up('Thing("a", Opts(version="2.0.0"))')
    assert (result.outcome, bench.ops(result)["a"], bench.calls) == ("succeeded", Op.SAME, [])
    assert provider_of(bench, "a") == "default_2_0_0"


def test_configuration_of_the_default_provider(bench):
    (bench.program / "Pulumi.dev.yaml").write_text("config:\n  fake:region: here\n")
    bench.up('Thing("a")')
    [provider] = [it for it in bench.resources() if it["type"] == "pulumi:providers:fake"]
    assert provider["inputs"]["region"] == "here"


def test_a_default_provider_that_is_configured_anew_replaces_its_resources(bench):
    settings = bench.program / "Pulumi.dev.yaml"
    settings.write_text("config:\n  fake:region: here\n")
    bench.up('Thing("a")')
    settings.write_text(settings.read_text().replace("here", "there"))
    result = bench.up('Thing("a")')
    assert (result.outcome, bench.ops(result)["a"], bench.calls) == ("succeeded", Op.REPLACE, ["create a", "delete a"])

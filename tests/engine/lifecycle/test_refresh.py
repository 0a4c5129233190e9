"""Making the state what the cloud says."""

from engine.lifecycle.differences import Difference, differs

from modelyard.engine.plan import Op

TWO = 'a = Thing("a", value="1")\nb = Thing("b", value=a.out)\n'


def test_refresh_of_what_has_not_changed(bench):
    bench.up(TWO)
    before = bench.resources()
    result = bench.refresh()
    assert (result.outcome, sorted(bench.calls), bench.ops(result)) == (
        "succeeded",
        ["read a", "read b"],
        {"a": Op.SAME, "b": Op.SAME},
    )
    assert [it["outputs"] for it in bench.resources()[2:]] == [it["outputs"] for it in before[2:]]


def test_refresh_takes_drift_into_the_state(bench):
    bench.up(TWO)
    bench.cloud["a-1"]["value"] = "drifted"
    result = bench.refresh()
    assert bench.ops(result) == {"a": Op.REFRESH, "b": Op.SAME}
    assert next(dict(it.changes) for it in result.changes if it.name == "a") == {"value": ("1", "drifted")}
    assert bench.resource("a")["inputs"] == {"value": "drifted"}
    assert bench.resource("a")["outputs"] == {"value": "drifted", "out": "out-1"}


def test_up_after_a_refresh_mends_the_drift(bench):
    bench.up(TWO)
    bench.cloud["a-1"]["value"] = "drifted"
    bench.refresh()
    result = bench.up()
    assert (bench.ops(result), bench.cloud["a-1"]["value"]) == ({"a": Op.UPDATE, "b": Op.SAME}, "1")


def test_up_without_a_refresh_does_not_see_drift(bench):
    bench.up(TWO)
    bench.cloud["a-1"]["value"] = "drifted"
    assert bench.up().has_changes is False


def test_refresh_drops_what_has_vanished(bench):
    bench.up(TWO)
    del bench.cloud["b-1"]
    result = bench.refresh()
    assert (result.outcome, bench.ops(result)) == ("succeeded", {"a": Op.SAME, "b": Op.DELETE})
    assert bench.things() == ["a"]
    assert bench.ops(bench.up()) == {"a": Op.SAME, "b": Op.CREATE}


def test_what_needed_a_vanished_resource_stays_and_forgets_it(bench):
    bench.up(TWO)
    del bench.cloud["a-1"]
    assert bench.refresh().outcome == "succeeded"
    assert (bench.things(), bench.resource("b").get("dependencies", [])) == (["b"], [])


def test_a_child_of_a_vanished_resource(bench):
    bench.up('a = Thing("a")\nThing("b", Opts(parent=a))')
    del bench.cloud["a-1"]
    assert bench.refresh().outcome == "succeeded"
    assert bench.things() == ["b"]


def test_preview_of_a_refresh_changes_nothing(bench):
    bench.up(TWO)
    bench.cloud["a-1"]["value"] = "drifted"
    del bench.cloud["b-1"]
    before = bench.export_state()
    planned = bench.preview(verb="refresh")
    assert bench.ops(planned) == {"a": Op.REFRESH, "b": Op.DELETE}
    assert bench.export_state() == before


def test_a_refresh_before_an_up(bench):
    bench.up(TWO)
    bench.cloud["a-1"]["value"] = "drifted"
    result = bench.up(refresh=True)
    assert (result.outcome, bench.cloud["a-1"]["value"]) == ("succeeded", "1")
    assert "update a" in bench.calls


def test_a_refresh_before_an_up_makes_anew_what_has_vanished(bench):
    bench.up(TWO)
    del bench.cloud["b-1"]
    result = bench.up(refresh=True)
    assert (result.outcome, sorted(bench.cloud)) == ("succeeded", ["a-1", "b-2"])


def test_a_refresh_before_a_preview_changes_nothing(bench):
    bench.up(TWO)
    bench.cloud["a-1"]["value"] = "drifted"
    before = bench.export_state()
    planned = bench.preview(refresh=True)
    assert (planned.outcome, bench.ops(planned)["a"], bench.export_state()) == ("succeeded", Op.UPDATE, before)


def test_a_refresh_before_a_destroy_deletes_what_is_left(bench):
    bench.up(TWO)
    del bench.cloud["b-1"]
    result = bench.destroy(refresh=True)
    assert (result.outcome, bench.cloud, bench.resources()) == ("succeeded", {}, [])
    assert "delete b" not in bench.calls


def test_a_read_that_fails_keeps_the_resource(bench):
    bench.up(TWO)
    bench.faults["read a"] = "not now"
    result = bench.refresh()
    assert (result.outcome, bench.errors(result)) == ("failed", {"a": "not now"})
    assert bench.things() == ["a", "b"]
    bench.faults.clear()
    assert bench.refresh().outcome == "succeeded"


def test_refresh_of_a_stack_without_a_program(bench):
    bench.up(TWO)
    (bench.program / "__main__.py").unlink()
    assert bench.refresh().outcome == "succeeded"


def test_refresh_leaves_components_and_providers(bench):
    bench.up('g = Group("g")\np = Fake()\nThing("a", Opts(parent=g, provider=p))')
    before = [it["urn"] for it in bench.resources()]
    bench.refresh()
    assert [it["urn"] for it in bench.resources()] == before


def test_refresh_reads_what_is_only_read(bench):
    bench.cloud["id-9"] = {"value": "1", "out": "out-1"}
    bench.up('Thing("a", Opts(id="id-9"))')
    bench.cloud["id-9"]["value"] = "2"
    assert bench.refresh().outcome == "succeeded"
    assert bench.resource("a")["external"] is True


@differs(Difference.WORDS)
def test_refresh_of_what_is_not_ready(bench):
    bench.up('Thing("a", value="1")')
    bench.cloud["a-1"]["partial"] = "read"
    result = bench.refresh()
    assert bench.resource("a")["initErrors"] == ["it is not ready"]
    assert result.outcome == "succeeded"


def test_refresh_of_an_empty_stack(bench):
    bench.up("")
    assert bench.refresh().outcome == "succeeded"


def test_a_secret_stays_a_secret(bench):
    bench.up('Thing("a", note=pulumi.Output.secret("canary-2"))')
    bench.refresh()
    assert "canary-2" not in str(bench.resources())
    assert bench.up().has_changes is False


def test_refresh_after_a_half_made_resource_has_become_whole(bench):
    bench.up('Thing("a", value="1", partial="create")')
    assert bench.refresh().outcome == "succeeded"
    assert "initErrors" not in bench.resource("a")


def test_ignored_changes_do_not_hide_drift(bench):
    bench.up('Thing("a", Opts(ignore_changes=["value"]), value="1")')
    bench.cloud["a-1"]["value"] = "drifted"
    result = bench.refresh()
    assert (result.outcome, bench.resource("a")["outputs"]["value"]) == ("succeeded", "drifted")


def test_protected_resources_that_have_vanished_are_dropped(bench):
    bench.up('Thing("a", Opts(protect=True))')
    bench.cloud.clear()
    assert (bench.refresh().outcome, bench.things()) == ("succeeded", [])

"""What the embedded engine says to type next, where the Pulumi CLI can't know it."""

from modelyard.engine.base import Severity


def test_a_reference_to_a_stack_that_was_not_deployed(bench):
    result = bench.up('pulumi.StackReference("organization/other/dev").require_output("x")')
    assert result.outcome == "failed"
    assert [text for text in bench.errors(result).values() if "modelyard up other --env dev" in text] != []


def test_two_resources_of_one_name(bench):
    result = bench.up('Thing("a")\nThing("a")')
    assert result.outcome == "failed"
    assert any("give" in text and "name" in text for text in bench.said(Severity.ERROR))


def test_a_provider_that_is_not_here(bench):
    result = bench.up('pulumi.CustomResource("gcp:x:Y", "y", {})')
    assert result.outcome == "failed"
    assert any("'gcp'" in text for text in bench.said(Severity.ERROR))

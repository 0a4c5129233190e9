"""`modelyard policy`, and what an `up` is refused for, as a user meets them."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from typist import ROOT, Typist

LOOSE = """
import pulumi_aws as aws

aws.sns.Topic("loose", opts=stack.options)
"""
WILD = """
import json
import pulumi_aws as aws

wild = {"Effect": "Allow", "Action": "kms:*"}
document = keys.key_arn.apply(lambda arn: json.dumps({"Statement": {**wild, "Resource": arn}}))
aws.iam.Policy("wild", policy=document, opts=stack.options)
"""


class Yard(Typist):
    """A platform's repository of its own, whose programs and settings may be changed."""

    def add(self, stack: str, program: str) -> None:
        path = self.folder / "stacks" / stack / "__main__.py"
        path.write_text(path.read_text() + program)

    def exempt(self, *exemptions: dict[str, str], environment: str = "dev") -> None:
        path = self.folder / "stacks" / "environments" / f"{environment}.yaml"
        document = yaml.safe_load(path.read_text())
        path.write_text(yaml.safe_dump({**document, "policy": {"exemptions": list(exemptions)}}))

    def resources(self) -> list[str]:
        """List what the cloud holds, but for the logs of who looked."""
        found = [it["id"] for it in self.json("inventory")["resources"]]
        return [it for it in found if "/" not in it or "access-logs" not in it]


EXEMPTION = {"rule": "topics-encrypted", "resource": "loose", "reason": "it holds no data", "until": "2999-12-31"}


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    made = Yard(tmp_path / "home", tmp_path / "platform")
    shutil.copytree(ROOT / "stacks", made.folder / "stacks")
    yield made
    made.type("cloud", "stop")


def test_the_rules_are_listed():
    typist = Typist(ROOT / "nowhere")
    rules = typist.json("policy", "--rules")
    assert len(rules) >= 20
    assert {frozenset(it) for it in rules} == {frozenset({"id", "title", "reason", "mend"})}
    assert "s3-encrypted" in typist.ok("policy", "--rules")


@pytest.mark.slow
def test_the_shipped_environments_pass(yard):
    for environment in ("dev", "prod"):
        document = yard.json("policy", "--env", environment)
        assert (document["result"], document["violations"]) == ("succeeded", [])
    assert yard.type("cloud", "status").returncode == 1  # it needed none


@pytest.mark.slow
def test_a_violation_of_a_later_stack_keeps_the_first_from_changing(yard):
    yard.add("platform", LOOSE)
    said = yard.refused(1, "up", "--env", "dev")
    assert "loose (aws:sns/topic:Topic) breaks topics-encrypted: it has no key" in said
    assert "-> set kms_master_key_id to the environment's key" in said
    assert yard.resources() == []
    found = yard.type("policy", "--env", "dev", "--json")
    assert found.returncode == 1
    [violation] = json.loads(found.stdout)["violations"]
    assert (violation["rule"], violation["resource"], violation["stack"]) == (
        "topics-encrypted",
        "loose",
        "platform/dev",
    )
    assert yard.json("policy", "foundation", "--env", "dev")["violations"] == []


@pytest.mark.slow
def test_a_document_that_needs_what_is_not_made_yet_is_judged_all_the_same(yard):
    yard.add("foundation", WILD)
    said = yard.refused(1, "up", "foundation", "--env", "dev")
    assert "wild (aws:iam/policy:Policy) breaks iam-no-wildcard-action: statement 1 allows kms:*" in said
    assert yard.resources() == []


@pytest.mark.slow
def test_an_exemption_lets_one_resource_through_until_its_day(yard):
    yard.add("foundation", LOOSE)
    yard.exempt(EXEMPTION)
    document = yard.json("policy", "--env", "dev")
    assert (document["result"], [it["resource"] for it in document["exempted"]]) == ("succeeded", ["loose"])
    assert document["exempted"][0]["exemption"] == {"reason": "it holds no data", "until": "2999-12-31"}
    yard.ok("up", "foundation", "--env", "dev")
    yard.exempt({**EXEMPTION, "until": "2026-01-31"})
    before = yard.resources()
    for verb in ("up", "policy"):
        said = yard.refused(2, verb, "foundation", "--env", "dev")
        assert "policy.exemptions[0] (topics-encrypted for loose): it expired on 2026-01-31" in said
    yard.exempt({**EXEMPTION, "rule": "topic-encrypted"})
    said = yard.refused(2, "up", "foundation", "--env", "dev")
    assert "there is no rule 'topic-encrypted'" in said
    assert "did you mean topics-encrypted?" in said
    yard.exempt(EXEMPTION, {**EXEMPTION, "resource": "lose"})
    assert "no resource 'lose' breaks this rule" in yard.refused(2, "policy", "--env", "dev")
    yard.exempt()
    said = yard.refused(1, "up", "foundation", "--env", "dev")  # nothing would change: it is judged all the same
    assert "loose (aws:sns/topic:Topic) breaks topics-encrypted" in said
    assert yard.resources() == before


def test_bad_words_are_answered(yard):
    assert "there is no stack 'fundation'" in yard.refused(2, "policy", "fundation")
    assert "there is no environment 'prd'" in yard.refused(2, "policy", "--env", "prd")
    yard.exempt({"rule": "x"})
    said = yard.refused(2, "policy", "--env", "dev")
    assert "policy.exemptions.0.until: field required" in said

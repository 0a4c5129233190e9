"""A plan that would empty what holds data is refused: in an `up` before its first change, and in a preview."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from modelyard.cli import policies
from modelyard.engine.base import Change, Deployment, Diagnostic, Planned, Result
from modelyard.engine.plan import Op
from modelyard.policies.settings import ExemptionSettings, PolicySettings
from modelyard.settings.environment import EnvironmentSettings
from modelyard.targets import AWS

DESCRIBED = Deployment(project="platform", stack="dev", program=Path(), state=Path())
DOMAIN = Change(
    op=Op.REPLACE,
    urn="urn:domain",
    type="aws:sagemaker/domain:Domain",
    name="workspace-domain",
    replaced_by=("vpcId",),
    planned=Planned(inputs={"appNetworkAccessType": "VpcOnly", "kmsKeyId": "k"}),
)
BUCKET = Change(op=Op.DELETE, urn="urn:bucket", type="aws:s3/bucket:Bucket", name="audit-trail-bucket")
RULE = Change(op=Op.DELETE, urn="urn:rule", type="aws:cloudwatch/eventRule:EventRule", name="rule")
MEND = "put the setting back; or save what it holds, and exempt the resource in policy.exemptions until it is done"
ENDS = f"; a change of a name, a network or a region makes a new and empty one in its place\n  -> {MEND}"
HOMES = "its users' home folders: copy them from its file system to S3"
LOST = {
    "workspace-domain": (
        "workspace-domain (aws:sagemaker/domain:Domain) breaks lasting-kept: it would be replaced (vpcId changed), "
        f"and with it went {HOMES}{ENDS}"
    ),
    "audit-trail-bucket": (
        "audit-trail-bucket (aws:s3/bucket:Bucket) breaks lasting-kept: it would be deleted, "
        f"and with it went its objects: copy them with aws s3 sync{ENDS}"
    ),
}


def settings(*exempted: str) -> EnvironmentSettings:
    exemptions = tuple(
        ExemptionSettings(rule="lasting-kept", resource=it, reason="it is empty so far", until=date(2999, 1, 1))
        for it in exempted
    )
    return EnvironmentSettings(policy=PolicySettings(required_tags=(), exemptions=exemptions))


def previewed(chosen: EnvironmentSettings, *changes: Change) -> tuple[Result, list[str]]:
    result = Result(verb="preview", outcome="succeeded", changes=changes, outputs={}, seconds=0.0)
    heard: list[str] = []

    def sink(event: object) -> None:
        assert isinstance(event, Diagnostic)
        heard.append(event.message)

    return policies.foreseeing(lambda *_: result, chosen)(None, DESCRIBED, sink), heard


def test_a_preview_fails_where_data_would_go():
    result, heard = previewed(settings(), DOMAIN, BUCKET, RULE)
    assert (result.outcome, heard) == ("failed", list(LOST.values()))
    assert [it.message for it in result.diagnostics] == heard


@pytest.mark.parametrize("name", sorted(LOST))
def test_an_exemption_lets_one_of_them_go(name):
    result, heard = previewed(settings(name), DOMAIN, BUCKET)
    assert (result.outcome, heard) == ("failed", [text for other, text in LOST.items() if other != name])


@pytest.mark.parametrize("change", [RULE, replace(DOMAIN, op=Op.UPDATE, replaced_by=()), replace(DOMAIN, op=Op.SAME)])
def test_what_stays_and_what_holds_nothing_is_let_through(change):
    result, heard = previewed(settings(), change)
    assert (result.outcome, heard) == ("succeeded", [])


def test_what_an_interrupted_replacement_left_may_go_and_be_made_again():
    result, heard = previewed(settings(), replace(DOMAIN, replaced_by=()))
    assert (result.outcome, heard) == ("succeeded", [])
    old = replace(DOMAIN, op=Op.DELETE, planned=None, replaced_by=())
    result, heard = previewed(settings(), replace(DOMAIN, op=Op.SAME, replaced_by=()), old)
    assert (result.outcome, heard) == ("succeeded", [])


class Planner:
    """An engine whose previews say that something would be lost."""

    def preview(self, described: Deployment, sink: object) -> Result:
        return Result(verb="preview", outcome="succeeded", changes=(DOMAIN, BUCKET), outputs={}, seconds=0.0)


def test_a_plan_has_what_goes_and_only_the_rules_of_loss_look_at_it():
    planned = policies.plan(Planner(), [DESCRIBED], AWS)
    assert [(it.name, it.lost, it.gone) for it in planned] == [
        ("workspace-domain", "replaced (vpcId changed)", False),
        ("audit-trail-bucket", "deleted", True),
    ]
    found = policies.judged(settings(), planned).violations
    assert [(it.rule.id, it.resource.name) for it in found] == [
        ("lasting-kept", "workspace-domain"),
        ("lasting-kept", "audit-trail-bucket"),
    ]

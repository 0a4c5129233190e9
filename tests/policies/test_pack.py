"""Exemptions are named, dated and needed; what names what is found with and without the engine's word."""

from dataclasses import replace
from datetime import date

import pytest
from policies.good import drop, made, plan, put

from modelyard.errors import SettingsError
from modelyard.policies import pack
from modelyard.policies.plan import Plan, names
from modelyard.policies.settings import ExemptionSettings
from modelyard.wire import UNKNOWN

TODAY = date(2026, 5, 4)


def exempt(rule="logs-encrypted", resource="log", until=TODAY):
    return ExemptionSettings(rule=rule, resource=resource, reason="until the key is there", until=until)


BROKEN = plan(put("log", kmsKeyId=None))


def test_an_exemption_covers_one_resource_and_one_rule():
    judgement = pack.judge(BROKEN, [exempt()], today=TODAY)
    assert judgement.violations == []
    assert [(it.resource.name, it.rule.id, by) for it, by in judgement.exempted] == [
        ("log", "logs-encrypted", exempt())
    ]
    assert judgement.unused == []
    other = pack.judge(BROKEN, [exempt(resource="other"), exempt(rule="logs-retained")], today=TODAY)
    assert [it.rule.id for it in other.violations] == ["logs-encrypted"]
    assert len(other.unused) == 2


def test_an_exemption_may_name_a_urn():
    urn = next(it.urn for it in BROKEN.resources if it.name == "log")
    assert pack.judge(BROKEN, [exempt(resource=urn)], today=TODAY).violations == []


def test_an_expired_exemption_is_an_error_that_says_so():
    with pytest.raises(SettingsError, match=r"logs-encrypted for log\): it expired on 2026-05-03"):
        pack.judge(BROKEN, [exempt(until=date(2026, 5, 3))], today=TODAY)


def test_an_unknown_rule_is_an_error_with_the_nearest_one():
    with pytest.raises(SettingsError, match="there is no rule 'logs-encryptd'") as raised:
        pack.judge(BROKEN, [exempt(rule="logs-encryptd")], today=TODAY)
    assert raised.value.hint == "did you mean logs-encrypted?"


def test_an_exemption_that_nothing_needs_is_an_error():
    with pytest.raises(SettingsError, match="no resource 'nowhere' breaks this rule"):
        pack.refuse_unused(pack.judge(plan(), [exempt(resource="nowhere")], today=TODAY))


def test_a_reason_of_one_word_is_none():
    with pytest.raises(ValueError, match="at least 10 characters"):
        ExemptionSettings(rule="x", resource="y", reason="because", until=TODAY)


BUCKET = made("s3/bucket:Bucket", "data", bucket="acme-data")
BLOCK = "s3/bucketPublicAccessBlock:BucketPublicAccessBlock"


@pytest.mark.parametrize(
    ("value", "name", "needs", "wanted"),
    [
        ("acme-data", "anything", {}, True),
        ("acme-data", "anything", {"bucket": ["urn:account"]}, True),
        ("acme-other", "data-private", {}, False),
        (UNKNOWN, "data-private", {}, True),
        (UNKNOWN, "other-private", {}, False),
        (UNKNOWN, "anything", {"bucket": [BUCKET.urn]}, True),
        (UNKNOWN, "data-private", {"bucket": ["urn:other"]}, False),
    ],
)
def test_a_companion_is_found_by_what_is_known(value, name, needs, wanted):
    block = replace(made(BLOCK, name), inputs={"bucket": value}, needs=needs)
    assert names(block, "bucket", BUCKET) is wanted


def test_an_identifier_of_the_cloud_counts():
    bucket = replace(BUCKET, inputs={"bucket": UNKNOWN}, id="acme-data-1")
    assert names(replace(made(BLOCK, "x"), inputs={"bucket": "acme-data-1"}), "bucket", bucket)


def test_violations_name_the_resource_and_what_is_wrong():
    [found] = pack.find(Plan(resources=[made("ec2/subnet:Subnet", "front", mapPublicIpOnLaunch=True)]))
    assert (found.resource.name, found.what) == ("front", "mapPublicIpOnLaunch is on")
    assert [it.what for it in pack.find(plan(drop("data-private")))] == ["nothing blocks public access to it"]

"""Policies are pure documents: scoped, and legal as AWS's grammar has it."""

from modelyard.components.artifact_storage import policy as storage
from modelyard.components.keys.policy import key_policy
from modelyard.naming import Scope

SCOPE = Scope(owner="modelyard", environment="dev", region="eu-central-1")


def test_buckets_refuse_requests_without_tls():
    for document in (storage.tls_only("arn:b"), storage.access_log_target("arn:b", "arn:a", "123456789012")):
        first = document["Statement"][0]
        assert (first["Effect"], first["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
        assert first["Resource"] == ["arn:b", "arn:b/*"]


def test_the_key_serves_log_groups_of_this_account_alone():
    statement = next(it for it in key_policy(SCOPE, "123456789012")["Statement"] if it["Sid"] == "LogGroups")
    assert statement["Condition"]["ArnLike"] == {
        "kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:eu-central-1:123456789012:log-group:*"
    }

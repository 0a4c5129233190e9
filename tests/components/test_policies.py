"""Policies are pure documents: scoped, and legal as AWS's grammar has it."""

import json

import pytest

from modelyard.components.identity import policy as identity
from modelyard.naming import Scope

SCOPE = Scope(owner="modelyard", environment="dev", region="eu-central-1")
REALM = identity.Realm(
    scope=SCOPE,
    account_id="123456789012",
    bucket_arn="arn:aws:s3:::bucket",
    key_arn="arn:aws:kms:eu-central-1:123456789012:key/1",
    repository_arn="arn:aws:ecr:eu-central-1:123456789012:repository/images",
)
# The only actions on every resource: AWS gives them no resource type.
UNSCOPED = {"cloudwatch:PutMetricData", "ecr:GetAuthorizationToken", "ec2:Describe"}


@pytest.mark.parametrize("word", identity.ROLES)
def test_every_statement_of_a_role_is_scoped(word):
    document = identity.ROLES[word](REALM)
    json.dumps(document)
    for statement in document["Statement"]:
        assert statement["Effect"] == "Allow"
        assert not [action for action in statement["Action"] if action.endswith(":*") or action == "*"]
        if "*" in statement["Resource"]:
            assert {action[:12] if action.startswith("ec2") else action for action in statement["Action"]} <= UNSCOPED
    assert len({statement["Sid"] for statement in document["Statement"]}) == len(document["Statement"])


def test_roles_are_taken_by_sagemaker_for_this_account_alone():
    statement = identity.trust("123456789012")["Statement"][0]
    assert statement["Principal"] == {"Service": "sagemaker.amazonaws.com"}
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}


def test_a_pipeline_passes_only_the_roles_of_its_jobs():
    statement = next(it for it in identity.pipeline(REALM)["Statement"] if it["Sid"] == "PassRoles")
    assert statement["Resource"] == [
        "arn:aws:iam::123456789012:role/modelyard-dev-training",
        "arn:aws:iam::123456789012:role/modelyard-dev-pipeline",
    ]
    assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}

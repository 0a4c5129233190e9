"""Roles: scoped statements, one boundary around all, trust limited to exactly who was named."""

import fnmatch
import json
from typing import Any

import pytest
from pydantic import ValidationError

from modelyard.components.identity import boundary, ci, people, policy
from modelyard.components.identity.realm import Realm, trust, trust_people
from modelyard.components.identity.settings import ContinuousIntegrationSettings
from modelyard.naming import Scope

ACCOUNT = "123456789012"
REALM = Realm(
    scope=Scope(owner="modelyard", environment="dev", region="eu-central-1"),
    account_id=ACCOUNT,
    bucket_arn="arn:aws:s3:::modelyard-dev-artifacts-123456789012",
    data_bucket_arn="arn:aws:s3:::modelyard-dev-data-123456789012",
    capture_bucket_arn="arn:aws:s3:::modelyard-dev-capture-123456789012",
    key_arn=f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/1b2c3d4e-1b2c-3d4e-5f60-1b2c3d4e5f60",
    repository_arn=f"arn:aws:ecr:eu-central-1:{ACCOUNT}:repository/modelyard-dev-images-*",
)
ORGANIZATION, PROJECT = "1b2c3d4e-1b2c-3d4e-5f60-1b2c3d4e5f60", "aaaaaaaa-1b2c-3d4e-5f60-1b2c3d4e5f60"
# AWS gives these no resource type, or none that a list could name.
ANYWHERE = {
    "application-autoscaling:DescribeScalableTargets",
    "application-autoscaling:DescribeScalingPolicies",
    "cloudwatch:GetMetricData",
    "cloudwatch:ListDashboards",
    "cloudwatch:ListMetrics",
    "cloudwatch:PutMetricData",
    "ecr:GetAuthorizationToken",
    "logs:DescribeLogGroups",
    "tag:GetResources",
}
WRITES = {
    **policy.ROLES,
    "models": policy.models,
    **people.NOTEBOOKS,
    **people.PEOPLE,
    "deploy": ci.deploy,
    "plan": ci.plan,
    "branches": ci.branches,
}
BOUND = {
    "boundary": [*policy.ROLES.values(), policy.models],
    "people-boundary": [people.data_scientist, people.workspace],
    "reader-boundary": [people.reader],
    "ci-boundary": [ci.deploy, ci.plan, ci.branches],
}


def statements(*documents: Any) -> list[Any]:
    """List what is granted; what is refused is nobody's to reach."""
    found = [statement for document in documents for statement in document["Statement"]]
    return [it for it in found if (it["Effect"], it["Sid"]) != ("Deny", "NoEnvironments")]


def actions(document: Any) -> set[str]:
    return {action for statement in document["Statement"] for action in statement["Action"]}


@pytest.mark.parametrize("word", WRITES)
def test_every_statement_is_scoped(word):
    document = WRITES[word](REALM)
    for statement in statements(document):
        assert statement["Effect"] == "Allow"
        assert [action for action in statement["Action"] if action.endswith(":*") or action == "*"] == []
        if "*" not in statement["Resource"]:
            continue
        assert statement["Resource"] == ["*"]
        lists = {action for action in statement["Action"] if action.startswith(("ec2:Describe", "sagemaker:List"))}
        assert set(statement["Action"]) - lists <= ANYWHERE
        assert ("Condition" in statement) is (statement["Sid"] != "Token")
    sids = [statement["Sid"] for statement in document["Statement"]]
    assert sorted(set(sids)) == sorted(sids)
    assert len(json.dumps(document, separators=(",", ":"))) <= 10_240  # IAM's limit on a role's own policies


def _uncovered(granted: list[Any], bound: Any) -> list[tuple[str, str]]:
    """Return the action and resource of whatever is granted and not within the boundary."""
    allowed = [(a, r) for it in bound["Statement"] for a in it["Action"] for r in it["Resource"]]
    pairs = [(a, r) for it in granted for a in it["Action"] for r in it["Resource"]]
    asked = [(a, r) for a, r in pairs if r == "*" or r.split(":")[2] == a.partition(":")[0]]
    return [
        (a, r) for a, r in asked if not any(a == known and fnmatch.fnmatchcase(r, where) for known, where in allowed)
    ]


@pytest.mark.parametrize("writes", BOUND.values(), ids=BOUND)
def test_the_boundary_is_around_all_that_its_roles_may(writes):
    documents = [write(REALM) for write in writes]
    bound = boundary.boundary(documents)
    assert _uncovered(statements(*documents), bound) == []
    making = [it for it in bound["Statement"] if "iam:CreateRole" in it["Action"]]
    bounded = {"StringEquals": {"iam:PermissionsBoundary": REALM.iam_arn("policy/modelyard-dev-boundary")}}
    assert [it["Condition"] for it in making] == ([bounded] if ci.deploy in writes else [])
    assert [it["Resource"] for it in making] == ([[REALM.iam_arn("role/models/*")]] if ci.deploy in writes else [])
    passing = [it["Condition"] for it in bound["Statement"] if "iam:PassRole" in it["Action"]]
    takers = [f"{it}.amazonaws.com" for it in ("events", "lambda", "sagemaker")] if ci.deploy in writes else None
    only = {"StringEquals": {"iam:PassedToService": takers or "sagemaker.amazonaws.com"}}
    assert passing == ([] if writes == [people.reader] else [only])


def test_a_boundary_of_one_role_does_not_cover_another():
    bound = boundary.boundary([policy.pipeline(REALM)])
    left = _uncovered(statements(policy.feature_store(REALM)), bound)
    assert ("s3:GetBucketAcl", REALM.bucket_arn) in left


def test_boundaries_are_within_iams_limit_with_the_longest_names():
    longest = Realm(
        scope=Scope(owner="m" * 20, environment="e" * 24, region="ap-southeast-1"),
        account_id=ACCOUNT,
        bucket_arn=f"arn:aws:s3:::{'b' * 63}",
        data_bucket_arn=f"arn:aws:s3:::{'d' * 63}",
        capture_bucket_arn=f"arn:aws:s3:::{'c' * 63}",
        key_arn=REALM.key_arn,
        repository_arn=f"arn:aws:ecr:ap-southeast-1:{ACCOUNT}:repository/{'r' * 60}",
    )
    for writes in BOUND.values():
        text = json.dumps(boundary.boundary([write(longest) for write in writes]), separators=(",", ":"))
        assert len(text) <= 6144


def test_who_may_take_a_role():
    assert trust(ACCOUNT)["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": {"Service": "sagemaker.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
        }
    ]
    assert trust_people(REALM, [])["Statement"][0]["Principal"] == {"AWS": [f"arn:aws:iam::{ACCOUNT}:root"]}
    named = f"arn:aws:iam::{ACCOUNT}:role/team"
    assert trust_people(REALM, [named])["Statement"][0]["Principal"] == {"AWS": [named]}


def test_people_of_other_accounts_take_a_role_and_nobody_else_of_theirs():
    other = "arn:aws:iam::210987654321:role/team"
    own = f"arn:aws:iam::{ACCOUNT}:user/ada"
    (both,) = trust_people(REALM, [own, other])["Statement"]
    assert both["Principal"] == {"AWS": [own, other]}
    assert both["Condition"] == {"StringEquals": {"aws:PrincipalAccount": [ACCOUNT, "210987654321"]}}
    (theirs,) = trust_people(REALM, [other])["Statement"]
    assert theirs["Condition"] == {"StringEquals": {"aws:PrincipalAccount": "210987654321"}}


def may_write(document: Any, key: str) -> bool:
    """Tell whether a policy lets an object of the artifact bucket be written."""
    writing = [it for it in document["Statement"] if "s3:PutObject" in it["Action"]]
    arns = [arn for it in writing for arn in it["Resource"]]
    return any(fnmatch.fnmatchcase(f"{REALM.bucket_arn}/{key}", arn) for arn in arns)


JOBS_OF_MODELS = {"deploy", "monitor", "pipeline", "processing", "serving", "training"}
AD_HOC = {"data-scientist", "pipeline", "processing", "training", "workspace"}


@pytest.mark.parametrize(
    ("key", "writers"),
    [
        ("models/churn/dev/training/model.tar.gz", JOBS_OF_MODELS),
        ("models/churn/dev/ground-truth/1.jsonl", JOBS_OF_MODELS | AD_HOC),
        ("models/churn/dev/batch/output/1.csv", JOBS_OF_MODELS),
        ("previews/churn/b-1/model.tar.gz", JOBS_OF_MODELS | AD_HOC | {"branches"}),
        ("people/ada/train.csv", AD_HOC),
        ("mlflow/1/model.pkl", AD_HOC),
        ("feature-store/catalog.json", {"feature-store"}),
        ("anything", set()),
    ],
)
def test_who_writes_what(key, writers):
    assert {word for word, write in WRITES.items() if may_write(write(REALM), key)} == writers


UNTAGGED = {  # what the Service Authorization Reference has no tags of, or what its name or another condition limits
    "cloudwatch:DeleteDashboards",
    "cloudwatch:GetDashboard",
    "cloudwatch:PutDashboard",
    "iam:CreateRole",
    "iam:DeleteRole",
    "iam:DeleteRolePolicy",
    "iam:PassRole",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
    "iam:TagRole",
    "iam:UntagRole",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateRole",
    "kms:GenerateDataKey",
    "s3:DeleteObject",
    "s3:PutObject",
    "s3:PutObjectTagging",
    "sagemaker:CreateModelPackage",
    "sagemaker:DeleteModelPackage",
    "sagemaker:StopPipelineExecution",
    "sagemaker:UpdateModelPackage",
}


def test_pipelines_of_ci_change_what_is_tagged_as_this_environments_alone():
    seen = actions(ci.plan(REALM))
    changing = [it for it in ci.deploy(REALM)["Statement"] if not set(it["Action"]) <= seen | UNTAGGED]
    for statement in changing:
        condition = statement["Condition"]
        keys = {key: value for it in condition.values() for key, value in it.items() if key.endswith(":platform")}
        assert set(keys.values()) == {"dev"}, statement["Sid"]
        assert set(keys) <= {"aws:RequestTag/modelyard:platform", "aws:ResourceTag/modelyard:platform"}
    assert {it["Sid"] for it in changing} == {"Create", "Tag", "Change", "Run", "MakeOthers", "KeepOthers"}
    making = next(it for it in changing if it["Sid"] == "MakeOthers")
    assert making["Condition"] == {
        "StringEquals": {"aws:RequestTag/modelyard:platform": "dev"},
        "StringEqualsIfExists": {"aws:ResourceTag/modelyard:platform": "dev"},
    }


def test_a_pipeline_passes_only_the_roles_of_its_jobs():
    statement = next(it for it in policy.pipeline(REALM)["Statement"] if it["Sid"] == "PassRoles")
    assert statement["Resource"] == [
        f"arn:aws:iam::{ACCOUNT}:role/modelyard-dev-{word}" for word in ("training", "processing", "pipeline")
    ]
    assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}


def test_data_scientists_work_inside_the_vpc_and_approve_nothing():
    document = people.data_scientist(REALM)
    assert (
        actions(document) & {"sagemaker:UpdateModelPackage", "sagemaker:DeleteEndpoint", "iam:PutRolePolicy"} == set()
    )
    start = {
        it["Sid"]: it.get("Condition") for it in document["Statement"] if it["Sid"] in ("StartJobs", "StartTransforms")
    }
    encrypted = {"sagemaker:VolumeKmsKey": "false"}
    assert start == {
        "StartJobs": {"Null": {**encrypted, "sagemaker:VpcSubnets": "false"}},
        "StartTransforms": {"Null": encrypted},
    }


@pytest.mark.parametrize("write", [people.data_scientist, people.workspace, policy.training, policy.pipeline])
def test_nobody_registers_a_model_that_is_approved_already(write):
    statements = [it for it in write(REALM)["Statement"] if "sagemaker:CreateModelPackage" in it["Action"]]
    pending = {"StringEqualsIfExists": {"sagemaker:ModelApprovalStatus": "PendingManualApproval"}}
    assert [it.get("Condition") for it in statements] == [pending]


def test_nobody_changes_or_asks_what_another_environment_of_the_account_has():
    own = {"StringEquals": {"aws:ResourceTag/modelyard:platform": "dev"}}
    made = {sid: it.get("Condition") for it in ci.deploy(REALM)["Statement"] for sid in [it["Sid"]]}
    assert made["Change"] == own
    assert made["Create"] == {"StringEquals": {"aws:RequestTag/modelyard:platform": "dev"}}
    assert "sagemaker:TaggingAction" in made["Tag"]["StringEquals"]
    asked = {it["Sid"]: it.get("Condition") for it in people.data_scientist(REALM)["Statement"]}
    assert asked["Endpoints"] == asked["Workspace"] == own


def test_readers_and_plans_change_nothing():
    reads = ("BatchGet", "Describe", "Filter", "Get", "List", "Decrypt", "StartQuery")
    for document in (people.reader(REALM), ci.plan(REALM)):
        changing = [action for action in actions(document) if not action.partition(":")[2].startswith(reads)]
        assert changing == []
    assert "s3:GetObject" not in actions(people.reader(REALM))


def _chosen(**providers: Any) -> list[ci.Issuer]:
    return ci.issuers(ContinuousIntegrationSettings.model_validate(providers), "dev")


@pytest.mark.parametrize(
    ("provider", "chosen", "deploys", "plans"),
    [
        (
            "github",
            {"repositories": ["acme/churn"], "branches": ["main"]},
            {
                "StringEquals": {
                    "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
                    "token.actions.githubusercontent.com:sub": [
                        "repo:acme/churn:ref:refs/heads/main",
                        "repo:acme/churn:environment:dev",
                    ],
                }
            },
            {
                "StringEquals": {
                    "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
                    "token.actions.githubusercontent.com:sub": ["repo:acme/churn:pull_request"],
                }
            },
        ),
        (
            "github",
            {"repositories": ["acme/churn"], "branches": ["main", "feature/*"]},
            {
                "StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
                "StringLike": {
                    "token.actions.githubusercontent.com:sub": [
                        "repo:acme/churn:ref:refs/heads/main",
                        "repo:acme/churn:ref:refs/heads/feature/*",
                        "repo:acme/churn:environment:dev",
                    ]
                },
            },
            None,
        ),
        (
            "gitlab",
            {"url": "https://git.acme.org", "repositories": ["risk/scoring/churn"]},
            {
                "StringEquals": {
                    "git.acme.org:aud": "https://git.acme.org",
                    "git.acme.org:sub": ["project_path:risk/scoring/churn:ref_type:branch:ref:main"],
                }
            },
            {
                "StringEquals": {"git.acme.org:aud": "https://git.acme.org"},
                "StringLike": {"git.acme.org:sub": ["project_path:risk/scoring/churn:ref_type:branch:ref:*"]},
            },
        ),
        (
            "circleci",
            {"organization_id": ORGANIZATION, "repositories": {"github.com/acme/churn": PROJECT}},
            {
                "StringEquals": {f"oidc.circleci.com/org/{ORGANIZATION}:aud": ORGANIZATION},
                "StringLike": {
                    f"oidc.circleci.com/org/{ORGANIZATION}:sub": [
                        f"org/{ORGANIZATION}/project/{PROJECT}/user/*/vcs-origin/github.com/acme/churn"
                        "/vcs-ref/refs/heads/main"
                    ]
                },
            },
            None,
        ),
    ],
)
def test_pipelines_are_known_by_repository_and_branch(provider, chosen, deploys, plans):
    (issuer,) = _chosen(**{provider: chosen})
    arn = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer.host}"
    statement = ci.trust_pipelines(issuer, issuer.deploy, arn)["Statement"][0]
    assert statement == {
        "Effect": "Allow",
        "Principal": {"Federated": arn},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": deploys,
    }
    if plans:
        assert ci.trust_pipelines(issuer, issuer.plan, arn)["Statement"][0]["Condition"] == plans


@pytest.mark.parametrize(
    "providers",
    [
        {"github": {"repositories": ["acme/churn"], "branches": ["*"]}},
        {"github": {"repositories": ["acme/*"]}},
        {"github": {"repositories": ["*"]}},
        {"github": {"repositories": []}},
        {"gitlab": {"repositories": ["churn"]}},
        {"gitlab": {"url": "http://git.acme.org", "repositories": ["acme/churn"]}},
        {"circleci": {"organization_id": "acme", "repositories": {"github.com/acme/churn": PROJECT}}},
        {"circleci": {"organization_id": ORGANIZATION, "repositories": {"*": PROJECT}}},
    ],
)
def test_nobody_is_trusted_by_a_star_alone(providers):
    with pytest.raises(ValidationError):
        _chosen(**providers)


def test_no_provider_no_issuer():
    assert _chosen() == []


def test_pipelines_of_branches_never_touch_an_environment():
    statements = {it["Sid"]: it for it in ci.branches(REALM)["Statement"]}
    never = statements["NoEnvironments"]
    assert (never["Effect"], never["Resource"]) == ("Deny", ["*"])
    assert never["Condition"] == {"StringEquals": {"aws:ResourceTag/modelyard:branch": "none"}}
    changes = {
        action
        for it in statements.values()
        for action in it["Action"]
        if it["Effect"] == "Allow" and action.partition(":")[2].startswith(("Delete", "Update", "Stop"))
    }
    refused = tuple(it.removesuffix("*") for it in never["Action"])
    by_prefix = {"cloudwatch:DeleteDashboards", "s3:DeleteObject", "s3:DeleteObjectVersion"}  # neither has such tags
    assert {it for it in changes if not it.startswith(refused)} == by_prefix
    assert statements["Code"]["Resource"] == [
        f"{REALM.bucket_arn}/previews/*",
        f"{REALM.capture_bucket_arn}/previews/*",
    ]

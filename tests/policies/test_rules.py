"""Every rule catches what it is for, and nothing else does."""

from dataclasses import replace

import pytest
from policies.good import (
    ACCOUNT,
    NO_TLS,
    OWN,
    PIPELINE,
    TAGS,
    add,
    allow,
    document,
    drop,
    made,
    plan,
    put,
    trust,
    unprotect,
)

from modelyard import wire
from modelyard.policies import pack

EVERYBODY = "0.0.0.0/0"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
SERVICE = {"Service": "events.amazonaws.com"}
TO_SERVICE = {"StringEquals": {"iam:PassedToService": "x"}}

ANYBODY = "http://acs.amazonaws.com/groups/global/AllUsers"
NOBODYS = {"StringEquals": {"ci.example:aud": "x"}, "StringNotLike": {"ci.example:sub": "repo:acme/models:x"}}
WEAK = (
    {"StringNotEquals": {"aws:PrincipalAccount": "210987654321"}},
    {"Null": {"aws:PrincipalOrgID": "false"}},
    {"StringEqualsIfExists": {"aws:SourceAccount": ACCOUNT}},
    {"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-1"}},
    {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/x"}},
    {"StringLike": {"aws:PrincipalOrgID": "o-*"}},
    {"StringLike": {"aws:PrincipalOrgID": ["o-1", "*"]}},
    {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}},
)


def policy(*statements):
    return put("policy", policy=document(*statements))


def resource_policy(*statements):
    return put("topic-policy", policy=document(*statements))


def lose(name):
    """Have something go: deleted if the program hasn't got it, replaced if it has."""

    def change(planned):
        lost = planned.get(name) or replace(made("s3/bucket:Bucket", name), inputs={}, protect=False, gone=True)
        planned[name] = replace(lost, lost="deleted" if lost.gone else "replaced (name changed)")

    return change


def federated(aud="ci.example:aud", sub="repo:acme/models:*", subject="ci.example:sub"):
    condition = {"StringEquals": {aud: "sts.amazonaws.com"}, "StringLike": {subject: sub}}
    return put("deploy", assumeRolePolicy=trust({"Federated": "arn:ci"}, "sts:AssumeRoleWithWebIdentity", condition))


def ingress(**block):
    return add("ec2/securityGroup:SecurityGroup", ingress=[block])


SEEDS = {
    "s3-encrypted": [drop("data-encryption"), put("data-encryption", rules=[]), drop("logs-encryption")],
    "s3-public-access-blocked": [
        drop("data-private"),
        put("data-private", blockPublicAcls=False),
        put("logs-private", restrictPublicBuckets=None),
    ],
    "s3-no-public-acl": [
        put("data", acl="public-read"),
        put("code", acl="public-read-write"),
        add("s3/bucketAcl:BucketAcl", acl="authenticated-read"),
        add("s3/bucketAcl:BucketAcl", accessControlPolicy={"grants": [{"grantee": {"uri": ANYBODY}}]}),
        put("data", grants=[{"type": "Group", "uri": ANYBODY, "permissions": ["READ"]}]),
    ],
    "s3-no-public-policy": [
        put("data-policy", policy=document(NO_TLS, allow("s3:GetObject", "*", Principal="*"))),
        put("data-policy", policy=document(NO_TLS, allow("s3:GetObject", "*", Principal={"AWS": ["*"]}))),
        put(
            "data-policy",
            policy=document(
                NO_TLS,
                allow("s3:GetObject", "*", Principal="*", Condition={"StringLike": {"aws:PrincipalOrgID": "*"}}),
            ),
        ),
    ],
    "s3-tls-only": [
        drop("data-policy"),
        put("logs-policy", policy=document(allow("s3:PutObject", "x", Principal=SERVICE, Condition=OWN))),
        put("logs-policy", policy=document({**NO_TLS, "Effect": "Allow", "Action": "s3:PutObject", "Principal": {}})),
    ],
    "s3-versioned": [drop("logs-versions"), put("data-versions", versioningConfiguration={"status": "Suspended"})],
    "s3-access-logged": [
        drop("data-logging"),
        lambda planned: [drop("data-logging")(planned), drop("logs-policy")(planned), _without(planned, "logs")],
    ],
    "s3-owner-enforced": [
        drop("data-ownership"),
        put("logs-ownership", rule={"objectOwnership": "ObjectWriter"}),
    ],
    "kms-rotated": [put("key", enableKeyRotation=False), put("key", enableKeyRotation=None)],
    "kms-deletion-window": [put("key", deletionWindowInDays=7)],
    "logs-encrypted": [put("log", kmsKeyId=None), put("log", kmsKeyId="")],
    "logs-retained": [put("log", retentionInDays=None), put("log", retentionInDays=0)],
    "topics-encrypted": [put("topic", kmsMasterKeyId=None)],
    "queues-encrypted": [put("queue", sqsManagedSseEnabled=False)],
    "tables-encrypted": [
        put("table", serverSideEncryption=None),
        put("table", serverSideEncryption={"enabled": False}),
    ],
    "disks-encrypted": [put("files", encrypted=None), put("database", storageEncrypted=False)],
    "secrets-encrypted": [put("secret", kmsKeyId=None), put("parameter", keyId=None)],
    "ecr-scanned": [
        put("images", imageScanningConfiguration=None),
        put("images", imageScanningConfiguration={"scanOnPush": False}),
    ],
    "ecr-immutable": [put("images", imageTagMutability="MUTABLE"), put("images", imageTagMutability=None)],
    "ecr-encrypted": [
        put("images", encryptionConfigurations=None),
        put("images", encryptionConfigurations=[{"encryptionType": "AES256"}]),
    ],
    "iam-no-wildcard-action": [
        policy(allow("s3:*", "arn:aws:s3:::data/*")),
        policy(allow("*", "arn:aws:s3:::data/*")),
        put("role", inlinePolicies=[{"name": "x", "policy": document(allow(["sqs:*"], "arn:aws:sqs:x:1:q"))}]),
        policy(allow("s3:*Object", "arn:aws:s3:::data/*")),
        policy(allow("s3:?*", "arn:aws:s3:::data/*")),
        policy(allow("iam:*Role*", f"arn:aws:iam::{ACCOUNT}:role/models/x")),
    ],
    "iam-no-wildcard-resource": [
        policy(allow("s3:GetObject", "*")),
        policy(allow(["ecr:GetAuthorizationToken", "ecr:BatchGetImage"], "*")),
        policy(allow("s3:GetObject", ["arn:aws:s3:::data", "arn:aws:s3:::*/*"])),
        policy(allow("sagemaker:CreateModel", f"arn:aws:sagemaker:eu-central-1:{ACCOUNT}:*")),
        policy(allow("s3:GetObject", "*", Condition={"Bool": {"aws:SecureTransport": "true"}})),
        policy(allow("s3:GetObject", "*", Condition={"StringNotEquals": {"aws:ResourceTag/x": "y"}})),
        policy(allow("s3:GetObject", "*", Condition={"StringEqualsIfExists": {"aws:ResourceTag/x": "y"}})),
        *(policy(allow("s3:GetObject", it)) for it in ("arn:*", "arn:aws:s3*", "arn:aws:s3:::?*", "arn:aws:s3:::**")),
    ],
    "iam-no-negative-element": [
        policy({"Effect": "Allow", "NotAction": "iam:*", "Resource": "arn:aws:s3:::data"}),
        policy({"Effect": "Allow", "Action": "s3:GetObject", "NotResource": "arn:aws:s3:::data"}),
        resource_policy({**allow("sns:Publish", "x"), "NotPrincipal": {"AWS": "x"}}),
        add(
            "ec2/vpcEndpointPolicy:VpcEndpointPolicy",
            policy=document({**allow("s3:GetObject", "x"), "NotPrincipal": {"AWS": "x"}}),
        ),
    ],
    "iam-pass-role-scoped": [
        policy(allow("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/x")),
        policy(allow("IAM:passrole", f"arn:aws:iam::{ACCOUNT}:role/x")),
        policy(allow("iam:Pass*", f"arn:aws:iam::{ACCOUNT}:role/x")),
        policy(allow("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role*", Condition=TO_SERVICE)),
        policy(
            allow(
                "iam:PassRole",
                f"arn:aws:iam::{ACCOUNT}:role/*",
                Condition={"StringEquals": {"iam:PassedToService": "x"}},
            )
        ),
    ],
    "iam-no-administrators": [
        put("attachment", policyArn=ADMINISTRATOR),
        put("attachment", policyArn="arn:aws:iam::aws:policy/AmazonSageMakerFullAccess"),
        put("role", managedPolicyArns=[ADMINISTRATOR]),
    ],
    "iam-no-long-lived-credentials": [add("iam/user:User"), add("iam/accessKey:AccessKey")],
    "trust-no-public-role": [
        put("role", assumeRolePolicy=trust("*", condition={})),
        put("role", assumeRolePolicy=trust({"AWS": "*"}, condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})),
        put("role", assumeRolePolicy=trust({"Federated": "*"}, "sts:AssumeRoleWithWebIdentity", PIPELINE)),
    ],
    "trust-federation-scoped": [
        federated(sub="repo:*"),
        federated(sub="repo:acme/*"),
        federated(sub="*"),
        federated(subject="ci.example:actor"),
        federated(aud="ci.example:actor"),
        put("deploy", assumeRolePolicy=trust({"Federated": "arn:ci"}, "sts:AssumeRole*", {})),
        put("deploy", assumeRolePolicy=trust({"Federated": "arn:ci"}, "sts:*", {})),
        put("deploy", assumeRolePolicy=trust({"Federated": "arn:ci"}, "sts:AssumeRoleWithWebIdentity", NOBODYS)),
    ],
    "trust-service-scoped": [
        resource_policy(allow("sns:Publish", "x", Principal={"Service": "budgets.amazonaws.com"})),
        *(
            resource_policy(allow("sns:Publish", "x", Principal={"Service": "s3.amazonaws.com"}, Condition=it))
            for it in (
                {"StringNotEquals": {"aws:SourceAccount": ACCOUNT}},
                {"StringEqualsIfExists": {"aws:SourceAccount": ACCOUNT}},
                {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}},
            )
        ),
        put("key", policy=document(allow("kms:Decrypt", "*", Principal={"Service": "sns.amazonaws.com"}))),
    ],
    "resource-no-public-policy": [
        resource_policy(allow("sns:Publish", "x", Principal="*")),
        *(resource_policy(allow("sns:Publish", "x", Principal="*", Condition=it)) for it in WEAK),
        resource_policy(allow("sns:Publish", "x", Principal={"Service": "*"})),
        resource_policy(allow("sns:Publish", "x", Principal={"AWS": "arn:aws:iam::*:root"})),
        add(
            "ecr/repositoryPolicy:RepositoryPolicy",
            policy=document({"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}),
        ),
        add(
            "secretsmanager/secretPolicy:SecretPolicy",
            policy=document(allow("secretsmanager:GetSecretValue", "*", Principal="*")),
        ),
        put("queue", policy=document(allow("sqs:SendMessage", "x", Principal={"AWS": "*"}))),
        put("key", policy=document(allow("kms:Decrypt", "*", Principal={"AWS": "*"}))),
    ],
    "resource-no-wildcard-action": [
        resource_policy(allow("sns:*", "x", Principal={"AWS": ACCOUNT})),
        put("key", policy=document(allow("kms:*", "*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/x"}))),
    ],
    "permission-scoped": [
        put("permission", sourceArn=None),
        put("permission", principal="*"),
        put("permission", principal="s3.amazonaws.com", sourceArn="arn:aws:s3:::*"),
    ],
    "network-no-open-ingress": [
        put("in", cidrIpv4=EVERYBODY),
        put("in", cidrIpv4=None, cidrIpv6="::/0"),
        put("in", cidrIpv4="128.0.0.0/1"),
        put("in", cidrIpv4=None, cidrIpv6="8000::/1"),
        ingress(cidrBlocks=["10.0.0.0/8", EVERYBODY], protocol="tcp"),
        add("ec2/securityGroupRule:SecurityGroupRule", type="ingress", cidrBlocks=[EVERYBODY], protocol="tcp"),
    ],
    "network-no-open-egress": [
        put("out", ipProtocol="-1"),
        add("ec2/securityGroup:SecurityGroup", egress=[{"protocol": "-1", "cidrBlocks": [EVERYBODY]}]),
    ],
    "network-no-public-addresses": [
        put("subnet", mapPublicIpOnLaunch=True),
        put("database", publiclyAccessible=True),
        add("ec2/instance:Instance", associatePublicIpAddress=True),
    ],
    "network-flow-logged": [drop("flow")],
    "network-default-group-closed": [drop("default"), put("default", egress=[{"protocol": "tcp", "cidrBlocks": []}])],
    "network-endpoint-policy": [put("endpoint", policy=document(allow("*", "*", Principal="*")))],
    "sagemaker-model-in-vpc": [put("model", vpcConfig=None), put("model", vpcConfig={"subnets": []})],
    "sagemaker-domain-vpc-only": [
        put("domain", appNetworkAccessType=None),
        put("domain", appNetworkAccessType="PublicInternetOnly"),
    ],
    "sagemaker-domain-encrypted": [put("domain", kmsKeyId=None)],
    "sagemaker-notebook-private": [
        put("notebook", directInternetAccess=None),
        put("notebook", rootAccess="Enabled"),
    ],
    "sagemaker-notebook-encrypted": [put("notebook", kmsKeyId=None)],
    "sagemaker-endpoint-encrypted": [
        put("configuration", kmsKeyArn=None),
        put("configuration", dataCaptureConfig={"enableCapture": True}),
    ],
    "sagemaker-feature-group-encrypted": [
        put("features", onlineStoreConfig={"enableOnlineStore": True}),
        put("features", offlineStoreConfig={"s3StorageConfig": {"s3Uri": "s3://x"}}),
    ],
    "tags-required": [put("topic", tagsAll={}), put("role", tagsAll={**TAGS, "modelyard:owner": ""})],
    "lasting-kept": [lose("data"), lose("key"), lose("domain"), lose("trail-bucket")],
    "lasting-protected": [unprotect("data"), unprotect("key"), unprotect("features")],
    "tables-recoverable": [put("table", pointInTimeRecovery=None)],
    "trail-validated": [put("trail", enableLogFileValidation=None)],
    "trail-encrypted": [put("trail", kmsKeyId=None)],
    "trail-everywhere": [put("trail", isMultiRegionTrail=None), put("trail", enableLogging=False)],
    "function-no-public-url": [put("url", authorizationType="NONE")],
    "no-secret-in-environment": [
        put("function", environment={"variables": {"DB_PASSWORD": "hunter2"}}),
        put("model", containers=[{"environment": {"API_TOKEN": "x"}}]),
        put("project", environment={"environmentVariables": [{"name": "GIT_TOKEN", "value": "x"}]}),
    ],
}
CASES = [(rule, seed) for rule, seeds in SEEDS.items() for seed in seeds]
# What is refused only where the environment is protected.
PROTECTED = {
    "kms-deletion-window",
    "lasting-protected",
    "network-default-group-closed",
    "network-flow-logged",
    "sagemaker-model-in-vpc",
    "tables-recoverable",
}


def _serverless(planned):
    """Serve the model by use; such an endpoint can be in no VPC, and has no volume."""
    model, configuration = planned["model"], planned["configuration"]
    planned["model"] = replace(model, inputs={**model.inputs, "vpcConfig": None})
    variants = [{"serverlessConfig": {"maxConcurrency": 1}, "modelName": "m"}]
    inputs = {**configuration.inputs, "productionVariants": variants, "kmsKeyArn": None}
    planned["configuration"] = replace(configuration, inputs=inputs, needs={"productionVariants": [model.urn]})


def _without(planned, bucket):
    """Take a bucket out, with all that is said of it."""
    for name in [name for name in planned if name.split("-")[0] == bucket]:
        del planned[name]


def broken(plan_):
    return {it.rule.id for it in pack.find(plan_)}


def test_there_is_nothing_wrong_with_the_good_environment():
    assert broken(plan()) == set()
    assert broken(plan(protected=False)) == set()


@pytest.mark.parametrize(("rule", "seed"), CASES, ids=[f"{rule}-{number}" for number, (rule, _) in enumerate(CASES)])
def test_a_violation_is_caught_by_exactly_its_rule(rule, seed):
    assert broken(plan(seed)) == {rule}


def test_there_are_seeds_for_every_rule():
    assert set(SEEDS) == {it.id for it in pack.rules()}
    assert len(CASES) >= 40


@pytest.mark.parametrize("rule", sorted(PROTECTED))
def test_some_rules_hold_in_protected_environments_alone(rule):
    assert broken(plan(SEEDS[rule][0], protected=False)) == set()


@pytest.mark.parametrize(
    "change",
    [
        put("policy", policy=wire.UNKNOWN),
        put("data-private", blockPublicAcls=wire.UNKNOWN),
        put("log", kmsKeyId=wire.UNKNOWN),
        put("model", vpcConfig=wire.UNKNOWN),
        put("model", vpcConfig={"subnets": wire.UNKNOWN}),
        put("domain", kmsKeyId=wire.UNKNOWN),
        put("domain", appNetworkAccessType=wire.UNKNOWN),
        put("key", enableKeyRotation=wire.UNKNOWN),
        put("topic", tagsAll=wire.UNKNOWN),
        put("configuration", kmsKeyArn=wire.UNKNOWN),
        put("data-policy", policy=wire.UNKNOWN),
        put("trail", kmsKeyId=wire.UNKNOWN, isMultiRegionTrail=wire.UNKNOWN),
    ],
)
def test_what_is_not_known_yet_breaks_nothing(change):
    assert broken(plan(change)) == set()


@pytest.mark.parametrize(
    "seed",
    [
        federated(sub="repo:acme/models:*"),
        put("deploy", assumeRolePolicy=trust({"Federated": "x"}, "sts:AssumeRoleWithWebIdentity", PIPELINE)),
        policy(allow("cloudwatch:PutMetricData", "*", Condition={"StringEquals": {"cloudwatch:namespace": "x"}})),
        put("configuration", kmsKeyArn=None, productionVariants=[{"serverlessConfig": {"maxConcurrency": 1}}]),
        resource_policy({"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}),
        _serverless,
        put("queue", sqsManagedSseEnabled=None, kmsMasterKeyId="alias/x"),
        put("key", customerMasterKeySpec="RSA_2048", enableKeyRotation=None),
    ],
)
def test_what_is_right_is_let_through(seed):
    assert broken(plan(seed)) == set()


def limit(planned):
    """Add a policy that says how far a role may go."""
    add("iam/policy:Policy", policy=document(allow("s3:*", "*")))(planned)
    put("role", permissionsBoundary=planned["added"])(planned)
    planned["role"] = replace(planned["role"], needs={"permissionsBoundary": [planned["added"].urn]})


def test_a_boundary_may_be_wide_as_long_as_nothing_is_attached_to_it():
    assert broken(plan(limit)) == set()

    def attached(planned):
        limit(planned)
        planned["attachment"] = replace(planned["attachment"], needs={"policyArn": [planned["added"].urn]})

    assert broken(plan(attached)) == {"iam-no-wildcard-action", "iam-no-wildcard-resource"}


def test_rules_say_what_to_do():
    for it in pack.rules():
        assert it.id == it.id.lower()
        assert min(len(it.title), len(it.reason), len(it.mend)) >= 10
        assert not it.title.endswith(".")

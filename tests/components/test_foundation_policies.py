"""Documents of the foundation: buckets, keys, endpoints, and the roles that write logs."""

import pytest

from modelyard.components.artifact_storage import policy as storage
from modelyard.components.artifact_storage.settings import ArtifactStorageSettings
from modelyard.components.audit import policy as audit
from modelyard.components.audit.watch import WATCHED
from modelyard.components.image_registry import policy as images
from modelyard.components.keys import policy as keys
from modelyard.components.network import policy as network
from modelyard.naming import Scope
from modelyard.private_bucket.policy import Facts, own_key_only, tls_only

ACCOUNT = "123456789012"
SCOPE = Scope(owner="modelyard", environment="dev", region="eu-central-1")
FACTS = Facts(bucket_arn="arn:aws:s3:::b", account_id=ACCOUNT, key_arn=f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/1")
GROUP = f"arn:aws:logs:eu-central-1:{ACCOUNT}:log-group:/a/b"
TRAIL = f"arn:aws:cloudtrail:eu-central-1:{ACCOUNT}:trail/modelyard-dev-trail"
KEYS = {"data": keys.data_key, "logs": keys.log_key, "images": keys.image_key}


def sids(document):
    return [statement["Sid"] for statement in document["Statement"]]


def by_sid(document, sid):
    return next(statement for statement in document["Statement"] if statement["Sid"] == sid)


def test_buckets_refuse_requests_without_tls():
    assert tls_only("arn:b") == {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:b", "arn:b/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def denied(headers):
    """Judge an upload's headers as IAM does: what is missing is not equal to anything."""
    return any(
        all(name in headers for name in statement["Condition"]["Null"])
        and all(
            headers.get(name) != value
            for operator in ("StringNotEquals", "ArnNotEquals")
            for name, value in statement["Condition"].get(operator, {}).items()
        )
        for statement in own_key_only(FACTS)
    )


@pytest.mark.parametrize(
    ("algorithm", "key", "refused"),
    [
        (None, None, False),
        ("aws:kms", FACTS.key_arn, False),
        ("aws:kms", None, False),
        ("AES256", None, True),
        ("aws:kms", f"{FACTS.key_arn}2", True),
        ("aws:kms:dsse", FACTS.key_arn, True),
    ],
)
def test_buckets_refuse_uploads_with_another_key_and_take_those_without(algorithm, key, refused):
    names = ("s3:x-amz-server-side-encryption", "s3:x-amz-server-side-encryption-aws-kms-key-id")
    headers = {name: value for name, value in zip(names, (algorithm, key), strict=True) if value}
    assert denied(headers) is refused
    assert [(it["Effect"], it["Action"], it["Resource"]) for it in own_key_only(FACTS)] == [
        ("Deny", "s3:PutObject", "arn:aws:s3:::b/*")
    ] * 2


READERS = ("333333333333", "222222222222")
THEM = {"AWS": ["arn:aws:iam::222222222222:root", "arn:aws:iam::333333333333:root"]}


def test_accounts_that_deploy_models_read_those_and_nothing_else():
    assert storage.artifacts(SCOPE, (), FACTS) == own_key_only(FACTS)
    read, listed = storage.artifacts(SCOPE, READERS, FACTS)[2:]
    assert (read["Principal"], read["Action"], read["Resource"]) == (THEM, "s3:GetObject", "arn:aws:s3:::b/models/*")
    assert (listed["Principal"], listed["Action"], listed["Resource"]) == (THEM, "s3:ListBucket", "arn:aws:s3:::b")
    assert listed["Condition"] == {"StringLike": {"s3:prefix": "models/*"}}
    assert {read["Effect"], listed["Effect"]} == {"Allow"}


def test_their_way_to_the_key_leads_through_s3():
    plain, shared = keys.data_key(SCOPE, ACCOUNT), keys.data_key(SCOPE, ACCOUNT, READERS)
    assert shared["Statement"][:-1] == plain["Statement"]
    assert shared["Statement"][-1] == {
        "Sid": "ModelsOfOtherAccounts",
        "Effect": "Allow",
        "Principal": THEM,
        "Action": ["kms:Decrypt", "kms:DescribeKey"],
        "Resource": "*",
        "Condition": {"StringEquals": {"kms:ViaService": f"s3.{SCOPE.region}.amazonaws.com"}},
    }


def test_they_pull_images_and_push_none():
    (statement,) = images.readers(SCOPE, READERS)["Statement"]
    pull = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    assert statement == {"Sid": "Pull", "Effect": "Allow", "Principal": THEM, "Action": pull}


def test_access_logs_come_from_the_environments_own_buckets_alone():
    (statement,) = storage.access_log_delivery(SCOPE, FACTS)
    assert statement["Condition"] == {
        "ArnLike": {
            "aws:SourceArn": [
                f"arn:aws:s3:::modelyard-dev-{word}-{ACCOUNT}" for word in ("artifacts", "data", "capture", "audit")
            ]
        },
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
    }


def test_what_branches_wrote_expires_and_nothing_else():
    rules = storage.kept_but_previews(ArtifactStorageSettings(preview_days=9))
    assert {rule["filter"]["prefix"]: rule["expiration"] for rule in rules if "expiration" in rule} == {
        "previews/": {"days": 9}
    }
    branch = Scope(owner="churn", environment="b-1", region="eu-central-1", preview=True)
    stay = Scope(owner="churn", environment="prod", region="eu-central-1")
    assert (branch.prefix, stay.prefix) == ("previews/churn/b-1", "models/churn/prod")


@pytest.mark.parametrize("word", KEYS)
def test_nobody_may_do_everything_with_a_key(word):
    for statement in KEYS[word](SCOPE, ACCOUNT)["Statement"]:
        assert not {"*", "kms:*"} & set(statement["Action"])
        if "AWS" in statement["Principal"]:
            assert statement["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
        else:
            assert ACCOUNT in str(statement["Condition"])


@pytest.mark.parametrize("word", KEYS)
def test_grants_of_a_key_are_for_awss_services_alone(word):
    granting = [it for it in KEYS[word](SCOPE, ACCOUNT)["Statement"] if "kms:CreateGrant" in it["Action"]]
    assert [it["Condition"] for it in granting] == [{"Bool": {"kms:GrantIsForAWSResource": "true"}}]
    assert not {"kms:Create*"} & {action for it in KEYS[word](SCOPE, ACCOUNT)["Statement"] for action in it["Action"]}


def test_each_key_serves_the_services_that_need_it():
    assert {word: sids(document(SCOPE, ACCOUNT))[3:] for word, document in KEYS.items()} == {
        "data": ["LogGroups"],
        "logs": ["LogGroups", "AlarmTopics", "EventTopics", "TrailKey", "Trail"],
        "images": [],
    }
    assert by_sid(keys.data_key(SCOPE, ACCOUNT), "LogGroups")["Condition"] == {
        "StringLike": {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:eu-central-1:{ACCOUNT}:log-group:*"}
    }
    assert by_sid(keys.log_key(SCOPE, ACCOUNT), "EventTopics")["Condition"] == {
        "StringLike": {"kms:EncryptionContext:aws:sns:topicArn": f"arn:aws:sns:eu-central-1:{ACCOUNT}:*"}
    }
    assert by_sid(keys.log_key(SCOPE, ACCOUNT), "Trail")["Condition"] == {
        "ArnLike": {"aws:SourceArn": TRAIL},
        "StringEquals": {"kms:EncryptionContext:aws:cloudtrail:arn": TRAIL},
    }


def test_endpoints_let_the_accounts_own_principals_through():
    own = {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}
    assert [it["Condition"] for it in network.own_principals(ACCOUNT)["Statement"]] == [own]
    gateway = network.s3_gateway(SCOPE, ACCOUNT)
    assert by_sid(gateway, "OwnPrincipals")["Condition"] == own
    assert (by_sid(gateway, "ImageLayers")["Action"], by_sid(gateway, "ImageLayers")["Resource"]) == (
        "s3:GetObject",
        "arn:aws:s3:::prod-eu-central-1-starport-layer-bucket/*",
    )


def test_who_writes_logs_writes_to_one_group_for_this_account():
    (trust,) = network.flow_log_trust(SCOPE, ACCOUNT)["Statement"]
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnLike": {"aws:SourceArn": f"arn:aws:ec2:eu-central-1:{ACCOUNT}:vpc-flow-log/*"},
    }
    assert by_sid(network.flow_log_delivery(GROUP), "Deliver")["Resource"] == [GROUP, f"{GROUP}:log-stream:*"]
    assert by_sid(network.flow_log_delivery(GROUP), "Find")["Condition"] == {
        "StringEquals": {"aws:RequestedRegion": "eu-central-1"}
    }
    (trust,) = audit.role_trust(SCOPE, ACCOUNT)["Statement"]
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT, "aws:SourceArn": TRAIL}}
    (deliver,) = audit.log_delivery(SCOPE, GROUP)["Statement"]
    assert deliver["Resource"] == [f"{GROUP}:log-stream:{ACCOUNT}_CloudTrail_eu-central-1*"]


def test_the_trail_alone_writes_to_its_bucket_under_its_prefix():
    look, write = audit.delivery(SCOPE, FACTS)
    assert (look["Action"], look["Resource"]) == ("s3:GetBucketAcl", FACTS.bucket_arn)
    assert (write["Action"], write["Resource"]) == ("s3:PutObject", f"{FACTS.bucket_arn}/AWSLogs/{ACCOUNT}/*")
    assert {it["Condition"]["StringEquals"]["aws:SourceArn"] for it in (look, write)} == {TRAIL}


def test_the_trail_records_calls_and_the_objects_of_the_buckets():
    calls, accesses = audit.events(["arn:aws:s3:::a", "arn:aws:s3:::b"])
    assert calls["field_selectors"] == [{"field": "eventCategory", "equals": ["Management"]}]
    assert accesses["field_selectors"] == [
        {"field": "eventCategory", "equals": ["Data"]},
        {"field": "resources.type", "equals": ["AWS::S3::Object"]},
        {"field": "resources.ARN", "starts_withs": ["arn:aws:s3:::a/", "arn:aws:s3:::b/"]},
    ]


@pytest.mark.parametrize("word", WATCHED)
def test_what_is_watched_is_a_pattern_that_cloudwatch_takes(word):
    pattern = WATCHED[word].pattern
    assert len(pattern) <= 1024
    assert (pattern[:2], pattern[-2:]) == ("{ ", " }")
    assert pattern.count("(") == pattern.count(")")
    assert pattern.count('"') % 2 == 0


def test_what_cis_asks_to_watch_is_watched():
    assert sorted(WATCHED) == [
        "bucket-policy-changes",
        "config-changes",
        "failed-logins",
        "gateway-changes",
        "key-deletions",
        "login-without-mfa",
        "network-acl-changes",
        "organization-changes",
        "policy-changes",
        "root-usage",
        "route-changes",
        "security-group-changes",
        "trail-changes",
        "unauthorized-calls",
        "vpc-changes",
    ]
    assert WATCHED["key-deletions"].pattern == (
        "{ ($.eventSource = kms.amazonaws.com) && (($.eventName = DisableKey) || ($.eventName = ScheduleKeyDeletion)) }"
    )
    assert WATCHED["trail-changes"].pattern == (
        "{ ($.eventName = CreateTrail) || ($.eventName = UpdateTrail) || ($.eventName = DeleteTrail) ||"
        " ($.eventName = StartLogging) || ($.eventName = StopLogging) }"
    )

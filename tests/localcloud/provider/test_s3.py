"""Buckets and objects through their whole life."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from modelyard.wire import ASSET_SIGNATURE, SIGNATURE_KEY, Props


def allow(action: str, resource: str, service: str = "events.amazonaws.com") -> str:
    """Return a resource policy of one statement."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def plain(**inputs: Any) -> Callable[[Any], Props]:
    """Return inputs that need nothing else."""
    return lambda world: dict(inputs)


def in_bucket(**inputs: Any) -> Callable[[Any], Props]:
    return lambda world: {"bucket": world.bucket(), **inputs}


def _policy_of_bucket(world: Any) -> Props:
    name = world.bucket()
    return {"bucket": name, "policy": allow("s3:GetObject", f"arn:aws:s3:::{name}/*")}


def _log_bucket(world: Any) -> str:
    """Return a bucket that may be logged to."""
    name = world.make("aws:s3/bucket:Bucket", {"bucket": "logs-of-a-test", "forceDestroy": True})[0]
    policy = allow("s3:PutObject", f"arn:aws:s3:::{name}/*", "logging.s3.amazonaws.com")
    world.make("aws:s3/bucketPolicy:BucketPolicy", {"bucket": name, "policy": policy})
    return name


CASES = [
    ("aws:s3/bucket:Bucket", plain(tags={"a": "1"}), {"forceDestroy": True, "tags": {}}, {"bucket": "another"}),
    (
        "aws:s3/bucketVersioning:BucketVersioning",
        in_bucket(versioningConfiguration={"status": "Enabled"}),
        {"versioningConfiguration": {"status": "Suspended"}},
        {"bucket": "another"},
        {"versioningConfiguration": {"status": "Suspended"}},
    ),
    (
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        lambda world: {
            "bucket": world.bucket(),
            "rules": [
                {
                    "applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": world.key()},
                    "bucketKeyEnabled": True,
                }
            ],
        },
        {"rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}]},
        {"bucket": "another"},
    ),
    (
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        in_bucket(blockPublicAcls=True, restrictPublicBuckets=True),
        {"ignorePublicAcls": True},
        {"bucket": "another"},
    ),
    (
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        in_bucket(
            rules=[
                {"id": "all", "status": "Enabled", "noncurrentVersionExpiration": {"noncurrentDays": 30}},
                {
                    "id": "logs",
                    "status": "Enabled",
                    "filter": {"prefix": "logs/"},
                    "expiration": {"days": 90},
                    "transitions": [{"days": 30, "storageClass": "STANDARD_IA"}],
                    "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
                },
                {
                    "id": "tagged",
                    "status": "Disabled",
                    "filter": {"and": {"prefix": "x/", "tags": {"a": "b", "c": "d"}}},
                    "expiration": {"days": 9},
                },
                {
                    "id": "one",
                    "status": "Enabled",
                    "filter": {"tag": {"key": "a", "value": "b"}},
                    "expiration": {"days": 9},
                },
            ]
        ),
        {"rules": [{"id": "all", "status": "Enabled", "expiration": {"days": 3}}]},
        {"bucket": "another"},
    ),
    (
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        in_bucket(rule={"objectOwnership": "BucketOwnerEnforced"}),
        {"rule": {"objectOwnership": "BucketOwnerPreferred"}},
        {"bucket": "another"},
    ),
    (
        "aws:s3/bucketLogging:BucketLogging",
        lambda world: {"bucket": world.bucket(), "targetBucket": _log_bucket(world), "targetPrefix": "a/"},
        {"targetPrefix": "b/"},
        {"bucket": "another"},
    ),
    ("aws:s3/bucketPolicy:BucketPolicy", _policy_of_bucket, {"policy": allow("s3:*", "*")}, {"bucket": "another"}),
    (
        "aws:s3/bucketObjectv2:BucketObjectv2",
        in_bucket(key="a/b.txt", content="one", contentType="text/plain", metadata={"m": "1"}, tags={"a": "1"}),
        {"content": "two"},
        {"key": "c.txt"},
    ),
    (
        "aws:s3/bucketObjectv2:BucketObjectv2",
        in_bucket(source={SIGNATURE_KEY: ASSET_SIGNATURE, "hash": "1", "text": "one"}),
        {"source": {SIGNATURE_KEY: ASSET_SIGNATURE, "hash": "2", "text": "two"}},
        {"bucket": "another"},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0].rpartition(":")[2])
def test_life(case: tuple[Any, ...], life: Any):
    life(*case)

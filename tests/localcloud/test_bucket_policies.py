"""What a bucket's policy refuses, it refuses here too."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from modelyard.private_bucket.policy import Facts, own_key_only, tls_only

BUCKET = "guarded"
KEY = "arn:aws:kms:us-east-1:123456789012:key/1"
FACTS = Facts(bucket_arn=f"arn:aws:s3:::{BUCKET}", account_id="123456789012", key_arn=KEY)


@pytest.fixture
def s3(cloud: Any) -> Any:
    """A client, and a bucket with the policy that all of ours have."""
    client = cloud.client("s3")
    client.create_bucket(Bucket=BUCKET)
    statements = [tls_only(FACTS.bucket_arn), *own_key_only(FACTS)]
    document = {"Version": "2012-10-17", "Statement": statements}
    client.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(document))
    return client


def refused(call: Any, **parameters: Any) -> bool:
    try:
        call(Bucket=BUCKET, Key="k", **parameters)
    except ClientError as error:
        return bool(error.response["ResponseMetadata"]["HTTPStatusCode"] == 403)
    return False


def test_uploads_with_another_key_are_refused_whatever_their_size(s3: Any):
    s3.put_object(Bucket=BUCKET, Key="k", Body=b"first")
    asked = {
        "none": {},
        "own": {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": KEY},
        "of S3": {"ServerSideEncryption": "AES256"},
        "another": {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": f"{KEY}2"},
    }
    expected = {"none": False, "own": False, "of S3": True, "another": True}
    assert {word: refused(s3.put_object, Body=b"x", **it) for word, it in asked.items()} == expected
    assert {word: refused(s3.create_multipart_upload, **it) for word, it in asked.items()} == expected
    assert s3.get_object(Bucket=BUCKET, Key="k")["Body"].read() == b"x"


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"Bool": {"aws:SecureTransport": "false"}}, False),
        ({"Bool": {"aws:SecureTransport": True}}, True),
        ({"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}}, True),
        ({"StringEquals": {"s3:x-amz-server-side-encryption": "AES256"}}, False),
        ({"StringEqualsIfExists": {"s3:x-amz-server-side-encryption": "AES256"}}, True),
        ({"Null": {"s3:x-amz-server-side-encryption": "true"}}, True),
        ({"StringNotEquals": {"aws:PrincipalAccount": "1"}}, False),
        ({"DateLessThan": {"s3:x-amz-server-side-encryption": "2020-01-01"}}, False),
    ],
)
def test_a_condition_holds_as_iam_has_it(cloud: Any, condition: Any, holds: bool):
    client = cloud.client("s3")
    client.create_bucket(Bucket=BUCKET)
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"}
    client.delete_bucket_policy(Bucket=BUCKET)
    client.put_object(Bucket=BUCKET, Key="k", Body=b"")
    document = {"Version": "2012-10-17", "Statement": [{**statement, "Condition": condition}]}
    client.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(document))
    assert refused(client.put_object, Body=b"x") is holds
    client.delete_bucket_policy(Bucket=BUCKET)

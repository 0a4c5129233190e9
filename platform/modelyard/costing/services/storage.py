"""Buckets, keys and image repositories."""

from modelyard.components.cost.settings import UsageSettings
from modelyard.costing.usage import MILLION, Inputs, Rule, Use


def _bucket(_inputs: Inputs, usage: UsageSettings) -> list[Use]:
    asked = usage.requests_million * MILLION
    return [
        Use("AmazonS3", "TimedStorage-ByteHrs", usage.stored_gib, "usage.stored_gib"),
        Use("AmazonS3", "Requests-Tier2", asked, "usage.requests_million, all of them reads"),
    ]


def _key(_inputs: Inputs, usage: UsageSettings) -> list[Use]:
    asked = usage.requests_million * MILLION
    return [
        Use("awskms", "KMS-Keys", 1, "the key itself"),
        Use("awskms", "KMS-Requests", asked, "usage.requests_million"),
    ]


def _repository(_inputs: Inputs, usage: UsageSettings) -> list[Use]:
    return [Use("AmazonECR", "TimedStorage-ByteHrs", usage.image_gib, "usage.image_gib")]


RULES: dict[str, Rule] = {
    "aws:ecr/repository:Repository": _repository,
    "aws:kms/key:Key": _key,
    "aws:s3/bucket:Bucket": _bucket,
    "aws:s3/bucketV2:BucketV2": _bucket,
}
FREE = (
    "aws:ecr/lifecyclePolicy:",
    "aws:ecr/registry",
    "aws:ecr/repositoryPolicy:",
    "aws:kms/alias:",
    # What is said of a bucket and its objects; their storage is the bucket's own line.
    "aws:s3/bucketLifecycle",
    "aws:s3/objectCopy:",
    "aws:s3/bucketLogging",
    "aws:s3/bucketNotification",
    "aws:s3/bucketObject",
    "aws:s3/bucketOwnershipControls",
    "aws:s3/bucketPolicy",
    "aws:s3/bucketPublicAccessBlock",
    "aws:s3/bucketServerSide",
    "aws:s3/bucketVersioning",
)

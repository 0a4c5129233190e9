"""Artifact storage: a versioned, encrypted, private bucket, and one for its access logs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from modelyard.component import Component
from modelyard.components.artifact_storage import policy
from modelyard.components.artifact_storage.settings import ArtifactStorageSettings
from modelyard.naming import Scope

Rule = aws.s3.BucketLifecycleConfigurationRuleArgsDict


@dataclass(frozen=True, kw_only=True)
class ArtifactStorageArgs:
    """Wires of the artifact storage."""

    settings: ArtifactStorageSettings
    scope: Scope
    account_id: pulumi.Input[str]
    kms_key_arn: pulumi.Input[str]


class ArtifactStorage(Component):
    """Where data, models and captured traffic lie.

    Attributes:
        artifact_bucket: its name.
        artifact_bucket_arn: its ARN.
        access_log_bucket: the name of the bucket with its access logs.
    """

    token = "modelyard:platform:ArtifactStorage"  # noqa: S105 - a type token

    def __init__(self, name: str, args: ArtifactStorageArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        artifacts = self._bucket(args, "artifacts", args.kms_key_arn, _artifact_rules(args.settings))
        logs = self._bucket(args, "access-logs", None, [_expiry(args.settings.access_log_days)])
        arns = pulumi.Output.all(artifacts.arn, logs.arn, args.account_id)
        self._policy("artifacts", artifacts, artifacts.arn.apply(lambda arn: json.dumps(policy.tls_only(arn))))
        delivery = self._policy(
            "access-logs",
            logs,
            arns.apply(lambda it: json.dumps(policy.access_log_target(it[1], it[0], it[2]))),
        )
        log_name, log_opts = self.child("artifacts-logging", depends_on=[delivery])
        aws.s3.BucketLogging(
            log_name, bucket=artifacts.id, target_bucket=logs.id, target_prefix="artifacts/", opts=log_opts
        )
        self.artifact_bucket, self.artifact_bucket_arn = artifacts.id, artifacts.arn
        self.access_log_bucket = logs.id
        self.register_outputs({"artifactBucket": self.artifact_bucket, "accessLogBucket": self.access_log_bucket})

    def _bucket(
        self, args: ArtifactStorageArgs, word: str, key: pulumi.Input[str] | None, rules: Sequence[Rule]
    ) -> aws.s3.Bucket:
        """Make a bucket that is private, encrypted (by S3's own key where there is none) and owned by us alone."""
        name, opts = self.child(word)
        physical = pulumi.Output.from_input(args.account_id).apply(lambda account: args.scope.name(word, account))
        bucket = aws.s3.Bucket(name, bucket=physical, force_destroy=True, opts=opts)
        name, opts = self.child(f"{word}-ownership")
        aws.s3.BucketOwnershipControls(
            name, bucket=bucket.id, rule={"object_ownership": "BucketOwnerEnforced"}, opts=opts
        )
        name, opts = self.child(f"{word}-private")
        aws.s3.BucketPublicAccessBlock(
            name,
            bucket=bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=opts,
        )
        name, opts = self.child(f"{word}-encryption")
        aws.s3.BucketServerSideEncryptionConfiguration(name, bucket=bucket.id, rules=[_encryption(key)], opts=opts)
        name, opts = self.child(f"{word}-versioning")
        aws.s3.BucketVersioning(name, bucket=bucket.id, versioning_configuration={"status": "Enabled"}, opts=opts)
        name, opts = self.child(f"{word}-lifecycle")
        aws.s3.BucketLifecycleConfiguration(name, bucket=bucket.id, rules=list(rules), opts=opts)
        return bucket

    def _policy(self, word: str, bucket: aws.s3.Bucket, document: pulumi.Input[str]) -> aws.s3.BucketPolicy:
        name, opts = self.child(f"{word}-policy")
        return aws.s3.BucketPolicy(name, bucket=bucket.id, policy=document, opts=opts)


def _encryption(key: pulumi.Input[str] | None) -> aws.s3.BucketServerSideEncryptionConfigurationRuleArgsDict:
    if key is None:
        return {"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}, "bucket_key_enabled": False}
    return {
        "apply_server_side_encryption_by_default": {"sse_algorithm": "aws:kms", "kms_master_key_id": key},
        "bucket_key_enabled": True,
    }


def _artifact_rules(settings: ArtifactStorageSettings) -> list[Rule]:
    return [
        {
            "id": "tidy",
            "status": "Enabled",
            "filter": {"prefix": ""},
            "abort_incomplete_multipart_upload": {"days_after_initiation": 7},
            "noncurrent_version_expiration": {"noncurrent_days": settings.noncurrent_version_days},
            "transitions": [{"days": settings.infrequent_access_days, "storage_class": "STANDARD_IA"}],
        }
    ]


def _expiry(days: int) -> Rule:
    return {
        "id": "expire",
        "status": "Enabled",
        "filter": {"prefix": ""},
        "expiration": {"days": days},
        "noncurrent_version_expiration": {"noncurrent_days": 1},
        "abort_incomplete_multipart_upload": {"days_after_initiation": 7},
    }

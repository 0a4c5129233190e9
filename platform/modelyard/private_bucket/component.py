"""A bucket as every component makes it: private, encrypted, versioned, owned by us alone, its requests on record."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from modelyard.component import Component
from modelyard.naming import Scope
from modelyard.private_bucket.policy import Facts, Rule, Statement, tls_only


@dataclass(frozen=True, kw_only=True)
class PrivateBucketArgs:
    """Wires of a private bucket.

    Args:
        scope: the first words of its name.
        word: what it is for; the last word of its name but for the account.
        account_id: twelve digits; they make the name nobody else's.
        kms_key_arn: the key that encrypts it; None for S3's own, which is all that S3's access logs work with.
        rules: its lifecycle.
        statements: those of its policy besides the refusal of requests without TLS.
        access_log_bucket: where the record of its requests goes, under the bucket's word; None for no record.
    """

    scope: Scope
    word: str
    account_id: pulumi.Input[str]
    kms_key_arn: pulumi.Input[str] | None = None
    rules: Sequence[Rule] = ()
    statements: Callable[[Facts], list[Statement]] = lambda _facts: []
    access_log_bucket: pulumi.Input[str] | None = None


class PrivateBucket(Component):
    """One bucket and all its settings.

    Attributes:
        name: its name; who takes it waits for the bucket's policy.
        arn: its ARN.
    """

    token = "modelyard:platform:PrivateBucket"  # noqa: S105 - a type token

    def __init__(self, name: str, args: PrivateBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        physical = pulumi.Output.from_input(args.account_id).apply(lambda account: args.scope.name(args.word, account))
        child, child_opts = self.child("bucket")
        # Its objects go with it: `destroy` is asked for by name where an environment is protected.
        bucket = aws.s3.Bucket(child, bucket=physical, force_destroy=True, opts=child_opts)
        child, child_opts = self.child("ownership")
        aws.s3.BucketOwnershipControls(
            child, bucket=bucket.id, rule={"object_ownership": "BucketOwnerEnforced"}, opts=child_opts
        )
        child, child_opts = self.child("private")
        aws.s3.BucketPublicAccessBlock(
            child,
            bucket=bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=child_opts,
        )
        self._encrypt(args, bucket)
        self._keep(args, bucket)
        self.name, self.arn = self._policy(args, bucket).bucket, bucket.arn
        if args.access_log_bucket is not None:
            self._log(args, bucket, args.access_log_bucket)
        self.register_outputs({"name": self.name, "arn": self.arn})

    def _encrypt(self, args: PrivateBucketArgs, bucket: aws.s3.Bucket) -> None:
        name, opts = self.child("encryption")
        aws.s3.BucketServerSideEncryptionConfiguration(
            name, bucket=bucket.id, rules=[_encryption(args.kms_key_arn)], opts=opts
        )

    def _keep(self, args: PrivateBucketArgs, bucket: aws.s3.Bucket) -> None:
        """Keep versions, and nothing for longer than the rules say."""
        name, opts = self.child("versioning")
        versioning = aws.s3.BucketVersioning(
            name, bucket=bucket.id, versioning_configuration={"status": "Enabled"}, opts=opts
        )
        name, opts = self.child("lifecycle", depends_on=[versioning])
        aws.s3.BucketLifecycleConfiguration(name, bucket=bucket.id, rules=list[Any](args.rules), opts=opts)

    def _policy(self, args: PrivateBucketArgs, bucket: aws.s3.Bucket) -> aws.s3.BucketPolicy:
        wires = pulumi.Output.all(bucket.arn, args.account_id, args.kms_key_arn or "")
        name, opts = self.child("policy")
        document = wires.apply(lambda it: json.dumps(_document(args, Facts(*it))))
        return aws.s3.BucketPolicy(name, bucket=bucket.id, policy=document, opts=opts)

    def _log(self, args: PrivateBucketArgs, bucket: aws.s3.Bucket, target: pulumi.Input[str]) -> None:
        name, opts = self.child("logging")
        aws.s3.BucketLogging(name, bucket=bucket.id, target_bucket=target, target_prefix=f"{args.word}/", opts=opts)


def _encryption(key: pulumi.Input[str] | None) -> aws.s3.BucketServerSideEncryptionConfigurationRuleArgsDict:
    if key is None:
        return {"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}, "bucket_key_enabled": False}
    return {
        "apply_server_side_encryption_by_default": {"sse_algorithm": "aws:kms", "kms_master_key_id": key},
        "bucket_key_enabled": True,
    }


def _document(args: PrivateBucketArgs, facts: Facts) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [tls_only(facts.bucket_arn), *args.statements(facts)]}

"""Artifact storage: private buckets for data, artifacts and captured traffic, and one for their access logs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import pulumi

from modelyard.component import Component
from modelyard.components.artifact_storage import policy
from modelyard.components.artifact_storage.settings import ArtifactStorageSettings
from modelyard.naming import Scope
from modelyard.private_bucket.component import PrivateBucket, PrivateBucketArgs
from modelyard.private_bucket.policy import Facts, Rule, Statement, expiry, own_key_only


@dataclass(frozen=True, kw_only=True)
class ArtifactStorageArgs:
    """Wires of the artifact storage.

    Args:
        settings: the choices.
        scope: the first words of the buckets' names.
        account_id: twelve digits.
        kms_key_arn: the key of data.
        reader_account_ids: other accounts that deploy the registry's models.
    """

    settings: ArtifactStorageSettings
    scope: Scope
    account_id: pulumi.Input[str]
    kms_key_arn: pulumi.Input[str]
    reader_account_ids: Sequence[str] = ()


class ArtifactStorage(Component):
    """Where data, models and captured traffic lie.

    Attributes:
        artifact_bucket: the bucket of models, code, the offline store and all that jobs write.
        data_bucket: the bucket of data that comes from elsewhere.
        capture_bucket: the bucket of requests and answers captured at endpoints.
        access_log_bucket: the bucket of the other buckets' access logs.
        artifact_bucket_arn: the first one's ARN.
        bucket_arns: the ARNs of the first three.
        arns: the same, by the words of who may reach them.
        promised: the buckets' names, by these words, for the stack to export.
    """

    token = "modelyard:platform:ArtifactStorage"  # noqa: S105 - a type token

    def __init__(self, name: str, args: ArtifactStorageArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        settings = args.settings
        child, child_opts = self.child("access-logs")
        log_args = PrivateBucketArgs(
            scope=args.scope,
            word="access-logs",
            account_id=args.account_id,
            rules=[expiry(settings.access_log_days)],
            statements=partial(policy.access_log_delivery, args.scope),
        )
        self.access_log_bucket = PrivateBucket(child, log_args, child_opts).name
        shared = partial(policy.artifacts, args.scope, args.reader_account_ids)
        artifacts = self._bucket(args, "artifacts", policy.kept_but_previews(settings), shared)
        data = self._bucket(args, "data", policy.kept(settings))
        capture = self._bucket(args, "capture", [expiry(settings.captured_traffic_days)])
        self.artifact_bucket, self.artifact_bucket_arn = artifacts.name, artifacts.arn
        self.data_bucket, self.capture_bucket = data.name, capture.name
        self.bucket_arns = [artifacts.arn, data.arn, capture.arn]
        self.arns = dict(zip(("bucket_arn", "data_bucket_arn", "capture_bucket_arn"), self.bucket_arns, strict=True))
        self.promised = {
            "artifact_bucket": self.artifact_bucket,
            "data_bucket": self.data_bucket,
            "capture_bucket": self.capture_bucket,
            "access_log_bucket": self.access_log_bucket,
        }
        self.register_outputs(self.promised)

    def _bucket(
        self,
        args: ArtifactStorageArgs,
        word: str,
        rules: Sequence[Rule],
        statements: Callable[[Facts], list[Statement]] = own_key_only,
    ) -> PrivateBucket:
        name, opts = self.child(word)
        wires = PrivateBucketArgs(
            scope=args.scope,
            word=word,
            account_id=args.account_id,
            kms_key_arn=args.kms_key_arn,
            rules=rules,
            statements=statements,
            access_log_bucket=self.access_log_bucket,
        )
        return PrivateBucket(name, wires, opts)

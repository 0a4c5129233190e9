"""Statements of bucket policies, and lifecycles."""

from collections.abc import Sequence

from modelyard.components.artifact_storage.settings import ArtifactStorageSettings
from modelyard.naming import MODELS, PREVIEWS, Scope
from modelyard.private_bucket.policy import Facts, Rule, Statement, expiry, own_key_only

# The buckets whose requests are on record; the audit trail's is another component's, and logs to the same place.
_LOGGED = ("artifacts", "data", "capture", "audit")


def access_log_delivery(scope: Scope, facts: Facts) -> list[Statement]:
    """Let S3 deliver the access logs of the environment's own buckets, and nothing else.

    Args:
        scope: the environment.
        facts: about the bucket that takes the logs.
    """
    sources = [f"arn:{scope.partition}:s3:::{scope.name(word, facts.account_id)}" for word in _LOGGED]
    return [
        {
            "Sid": "AccessLogs",
            "Effect": "Allow",
            "Principal": {"Service": "logging.s3.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": f"{facts.bucket_arn}/*",
            "Condition": {
                "ArnLike": {"aws:SourceArn": sources},
                "StringEquals": {"aws:SourceAccount": facts.account_id},
            },
        }
    ]


def artifacts(scope: Scope, readers: Sequence[str], facts: Facts) -> list[Statement]:
    """Refuse uploads with other keys, and let other accounts read the models that they deploy.

    Source: "Deploy a model version from a different account" in SageMaker's developer guide.

    Args:
        scope: the environment.
        readers: other accounts, twelve digits each.
        facts: about the bucket.
    """
    them = {"AWS": [f"arn:{scope.partition}:iam::{reader}:root" for reader in sorted(readers)]}
    shared = {"Effect": "Allow", "Principal": them}
    listed = {"StringLike": {"s3:prefix": f"{MODELS}/*"}}
    read: list[Statement] = [
        {"Sid": "Models", **shared, "Action": "s3:GetObject", "Resource": f"{facts.bucket_arn}/{MODELS}/*"},
        {"Sid": "List", **shared, "Action": "s3:ListBucket", "Resource": facts.bucket_arn, "Condition": listed},
    ]
    return [*own_key_only(facts), *(read if readers else [])]


def kept(settings: ArtifactStorageSettings) -> list[Rule]:
    """Keep objects for good, in cheaper storage after a while; overwritten versions go."""
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


def kept_but_previews(settings: ArtifactStorageSettings) -> list[Rule]:
    """Keep objects for good, but for those of branches: theirs lie under a prefix of their own."""
    return [*kept(settings), expiry(settings.preview_days, f"{PREVIEWS}/", "previews")]

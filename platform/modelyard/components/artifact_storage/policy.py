"""Statements of bucket policies, and lifecycles."""

from modelyard.components.artifact_storage.settings import ArtifactStorageSettings
from modelyard.naming import PREVIEWS, Scope
from modelyard.private_bucket.policy import Facts, Rule, Statement, expiry

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

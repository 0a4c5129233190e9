"""S3: bucket policies as AWS reads them, where moto misreads conditions and statements about everybody."""

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.models import FakeBucket

if TYPE_CHECKING:
    from modelyard.localcloud.cloud import LocalCloud

_allows_logging: Any = FakeBucket._log_permissions_enabled_policy
# What holds of every request here: traffic on the loopback interface leaves the machine as little as TLS is read on it.
_CONTEXT = {"aws:SecureTransport": "true"}


def install(_cloud: "LocalCloud") -> None:
    """Put our reading of bucket policies in the place of moto's."""
    ours = {"get_permission": _permission, "_log_permissions_enabled_policy": staticmethod(_log_permissions)}
    for name, reading in ours.items():
        setattr(FakeBucket, name, reading)


def _permission(bucket: Any, action: str, resource: str) -> PermissionResult:
    """Judge a request by a bucket's policy; a statement whose condition does not hold says nothing about it.

    moto takes such a statement for a refusal, so that a policy which refuses requests without TLS refuses all.
    """
    if bucket.policy is None:
        return PermissionResult.NEUTRAL
    document = _narrowed(bucket.policy, lambda statement: _holds(statement.get("Condition") or {}))
    return IAMPolicy(document).is_action_permitted(action, resource)


def _log_permissions(target_bucket: Any, target_prefix: str | None) -> bool:
    """Tell whether a bucket's policy lets S3 deliver logs to it; moto fails on statements about everybody."""
    if not target_bucket.policy:
        return False
    document = _narrowed(target_bucket.policy, lambda statement: isinstance(statement.get("Principal"), dict))
    narrowed = SimpleNamespace(policy=document.encode(), partition=target_bucket.partition, name=target_bucket.name)
    return bool(_allows_logging(target_bucket=narrowed, target_prefix=target_prefix))


def _narrowed(policy: bytes, wanted: Any) -> str:
    document = json.loads(policy)
    statements = document.get("Statement", [])
    listed = statements if isinstance(statements, list) else [statements]
    kept = [
        {key: value for key, value in statement.items() if key != "Condition"}
        for statement in listed
        if wanted(statement)
    ]
    return json.dumps({**document, "Statement": kept})


def _holds(conditions: dict[str, dict[str, Any]]) -> bool:
    """Tell whether every condition holds; one about a key that is not known here does not."""
    return all(
        _CONTEXT.get(key) in [str(value).lower() for value in (expected if isinstance(expected, list) else [expected])]
        for tests in conditions.values()
        for key, expected in tests.items()
    )

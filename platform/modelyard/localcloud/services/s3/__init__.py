"""S3: bucket policies as AWS reads them, where moto misreads conditions and statements about everybody."""

import fnmatch
import json
import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.models import FakeBucket, FakeDeleteMarker, FakeKey
from moto.s3.responses import S3Response

from modelyard.localcloud.services.s3 import lifecycles, listings

if TYPE_CHECKING:
    from modelyard.localcloud.cloud import LocalCloud

_allows_logging: Any = FakeBucket._log_permissions_enabled_policy
_sets_up: Any = S3Response.setup_class
_makes: Any = FakeKey.__init__
_asked = threading.local()
_HEADERS = ("x-amz-server-side-encryption", "x-amz-server-side-encryption-aws-kms-key-id")
# What a condition may be about; what is not among them is not known here, and a condition about it does not hold.
_KEYS = frozenset({"aws:securetransport", *(f"s3:{header}" for header in _HEADERS)})
_NEGATED = ("StringNotEquals", "StringNotLike", "ArnNotEquals", "ArnNotLike")
_PLAIN = ("Bool", "StringEquals", "StringLike", "ArnEquals", "ArnLike")


def install(_cloud: "LocalCloud") -> None:
    """Put our reading of bucket policies in the place of moto's."""
    ours = {"get_permission": _permission, "_log_permissions_enabled_policy": staticmethod(_log_permissions)}
    for name, reading in ours.items():
        setattr(FakeBucket, name, reading)
    kind: Any = S3Response
    kind.setup_class = _listen
    lifecycles.install()
    listings.install()
    marker: Any = FakeDeleteMarker
    made: Any = FakeKey
    made.__init__ = _make
    marker.dispose = _dispose  # moto has it for versions alone, and fails where both are deleted at once


def _make(key: Any, *args: Any, **kwargs: Any) -> None:
    """Hash an object's content before another writer of the same key can close it."""
    _makes(key, *args, **kwargs)
    _ = key.etag


def _dispose(marker: Any) -> None:
    """Let go of a delete marker's content, which there is none of."""
    del marker


def _listen(response: Any, request: Any, full_url: str | None = None, headers: Any = None) -> None:
    """Remember what the request asks for; moto does not hand it to those who judge it."""
    _asked.context = {f"s3:{name}": request.headers[name] for name in _HEADERS if name in request.headers}
    _sets_up(response, request, full_url, headers)


def _permission(bucket: Any, action: str, resource: str) -> PermissionResult:
    """Judge a request by a bucket's policy; a statement whose condition does not hold says nothing about it.

    moto takes such a statement for a refusal, so that a policy which refuses requests without TLS refuses all.
    """
    if bucket.policy is None:
        return PermissionResult.NEUTRAL
    # Traffic on the loopback interface leaves the machine as little as TLS is read on it.
    context = {"aws:securetransport": "true", **getattr(_asked, "context", {})}
    document = _narrowed(bucket.policy, lambda statement: _holds(statement.get("Condition") or {}, context))
    known = "s3:PutObject" if action == "s3:PostObject" else action  # a large object begins with a POST
    return IAMPolicy(document).is_action_permitted(known, resource)


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


def _holds(conditions: dict[str, dict[str, Any]], context: dict[str, str]) -> bool:
    """Tell whether every condition holds; source: "IAM JSON policy elements: Condition operators" of AWS's guide."""
    return all(
        key.lower() in _KEYS and _holds_one(operator, context.get(key.lower()), expected)
        for operator, tests in conditions.items()
        for key, expected in tests.items()
    )


def _holds_one(operator: str, given: str | None, expected: Any) -> bool:
    values = [str(value) for value in (expected if isinstance(expected, list) else [expected])]
    if operator == "Null":
        return (given is None) == (values[0].lower() == "true")
    plain = operator.removesuffix("IfExists")
    if given is None:
        return plain in _NEGATED or (plain in _PLAIN and plain != operator)
    if plain == "Bool":
        return given in [value.lower() for value in values]
    matches = any(fnmatch.fnmatchcase(given, value) if "Equals" not in plain else given == value for value in values)
    return (plain in _PLAIN and matches) or (plain in _NEGATED and not matches)

"""Lifecycle rules given back as they were put: moto loses sizes in filters and numbers of versions.

Source: S3's API reference, GetBucketLifecycleConfiguration.
"""

from typing import Any

from moto.core.responses import ActionResult
from moto.s3.exceptions import NoSuchLifecycleConfiguration
from moto.s3.models import FakeBucket
from moto.s3.responses import S3Response

_takes: Any = FakeBucket.set_lifecycle
_MINIMUM = "all_storage_classes_128K"
_PLURALS = {"Transition": "Transitions", "NoncurrentVersionTransition": "NoncurrentVersionTransitions"}


def install() -> None:
    """Put our rules in the place of moto's."""
    bucket: Any = FakeBucket
    bucket.set_lifecycle = _take
    response: Any = S3Response
    response.get_bucket_lifecycle = _give


def _take(bucket: Any, rules: list[dict[str, Any]]) -> None:
    _takes(bucket, rules)
    bucket.lifecycle_as_put = rules


def _give(response: Any) -> Any:
    response.data["Action"] = "GetBucketLifecycleConfiguration"
    bucket = response.backend.get_bucket(response.bucket_name)
    if not bucket.rules:
        raise NoSuchLifecycleConfiguration(bucket_name=response.bucket_name)
    rules = [_shown(rule) for rule in bucket.lifecycle_as_put]
    return response.serialized(ActionResult({"Rules": rules, "TransitionDefaultMinimumObjectSize": _MINIMUM}))


def _shown(rule: dict[str, Any]) -> dict[str, Any]:
    """Return a rule, read off XML, in the form that it is written from."""
    shown = {_PLURALS.get(key, key): value for key, value in rule.items()}
    for key in set(_PLURALS.values()) & shown.keys():
        shown[key] = _listed(shown[key])
    if "Filter" in shown:
        shown["Filter"] = _filter(shown["Filter"])
    return shown


def _filter(given: dict[str, Any] | None) -> dict[str, Any]:
    found: dict[str, Any] = {key: value or "" for key, value in (given or {}).items()}
    if "And" in found:
        both = {key: value or "" for key, value in found["And"].items()}
        tags = both.pop("Tag", None)
        found["And"] = both if tags is None else {**both, "Tags": _listed(tags)}
    return found


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]

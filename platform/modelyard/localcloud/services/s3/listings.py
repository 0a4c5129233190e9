"""The list of buckets, page by page, as moto cuts it off without a word; versions that others delete meanwhile.

Source: S3's API reference, ListBuckets.
"""

import base64
import binascii
from collections.abc import Iterator
from typing import Any

from moto.core.responses import ActionResult
from moto.s3.exceptions import InvalidContinuationToken
from moto.s3.responses import S3Response
from moto.s3.utils import _VersionedKeyStore

_OWNER = {"ID": "bcaf1ffd86f41161ca5fb16fd081034f", "DisplayName": "webfile"}
_MOST = 10_000


def install() -> None:
    """Put our lists in the place of moto's."""
    response: Any = S3Response
    response.all_buckets = _list
    keys: Any = _VersionedKeyStore
    keys.iterlists = _versions


def _versions(keys: Any) -> Iterator[tuple[str, list[Any]]]:
    """Return each key with its versions; one that is deleted meanwhile, which moto trips over, is left out."""
    for key in dict(keys):
        versions = keys.getlist(key)
        if versions:
            yield key, versions


def _list(response: Any) -> Any:
    response.data["Action"] = "ListAllMyBuckets"
    response._authenticate_and_authorize_s3_action()
    prefix, region = response._get_param("prefix"), response._get_param("bucket-region")
    found = response.backend.list_buckets(prefix=prefix, bucket_region=region, max_buckets=None)
    after = _name(response._get_param("continuation-token") or "")
    rest = sorted((it for it in found if it.name > after), key=lambda it: it.name)
    page = rest[: int(response._get_param("max-buckets") or _MOST)]
    answer: dict[str, Any] = {
        "Owner": _OWNER,
        "Buckets": [{"Name": it.name, "CreationDate": it.creation_date_ISO8601} for it in page],
    }
    if prefix:
        answer["Prefix"] = prefix
    if len(page) < len(rest):
        answer["ContinuationToken"] = base64.b64encode(page[-1].name.encode()).decode()
    response.data["Action"] = "ListBuckets"
    return response.serialized(ActionResult(answer))


def _name(token: str) -> str:
    """Return the last name of the page that a token came with."""
    try:
        return base64.b64decode(token, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise InvalidContinuationToken from None

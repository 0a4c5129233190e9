"""Feature Store's runtime API: put, get, batch get and delete of records.

Source: botocore's model of sagemaker-featurestore-runtime; the SageMaker developer guide on event times, deletion
modes and time to live.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, unquote

from modelyard.localcloud.guard import Answer
from modelyard.localcloud.runtime.host import Host
from modelyard.localcloud.runtime.offline_store import KIND, OfflineStore, group_key
from modelyard.localcloud.runtime.records import Records, Row

_UNITS = {"Seconds": 1, "Minutes": 60, "Hours": 3600, "Days": 86_400, "Weeks": 604_800}
_ONE = "/FeatureGroup/"
_BATCH = "/BatchGetRecord"
_MOST_IDENTIFIERS = 100

Document = dict[str, Any]


class FeatureStoreError(Exception):
    """What the API refuses.

    Args:
        status: the HTTP status.
        code: AWS's name of the error.
        message: one line.
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class FeatureStore:
    """Answers the runtime API.

    Args:
        host: the local cloud.
        records: where records are.
        offline: writes the offline store.
    """

    def __init__(self, host: Host, records: Records, offline: OfflineStore) -> None:
        self._host = host
        self._records = records
        self._offline = offline

    def answer(self, region: str, path: str, environ: Mapping[str, Any]) -> Answer | None:
        """Answer a request, or None if it is for somebody else."""
        body = environ["wsgi.input"].getvalue
        query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
        work: Callable[[], Document]
        if path == _BATCH and environ["REQUEST_METHOD"] == "POST":
            work = lambda: self._batch(region, _parsed(body()))  # noqa: E731 - one of four of a kind
        elif path.startswith(_ONE):
            name = unquote(path.removeprefix(_ONE)).rpartition(":feature-group/")[2]
            one = {"GET": self._get, "PUT": self._put, "DELETE": self._delete}.get(environ["REQUEST_METHOD"])
            if one is None:
                return None
            work = lambda: one(region, name, query, body())  # noqa: E731
        else:
            return None
        try:
            return "200 OK", [("Content-Type", "application/json")], json.dumps(work()).encode()
        except FeatureStoreError as error:
            headers = [("Content-Type", "application/json"), ("x-amzn-errortype", error.code)]
            said = {"Message": str(error), "message": str(error)}
            return f"{error.status} {error.code}", headers, json.dumps(said).encode()

    def _group(self, region: str, name: str) -> Document:
        group = self._host.collection(region, KIND).get(name)
        if group is None:
            raise FeatureStoreError(
                404,
                "ResourceNotFound",
                f"Resource Not Found: Amazon SageMaker can't find a FeatureGroup with name {name}",
            )
        return group

    def _get(self, region: str, name: str, query: Mapping[str, list[str]], _body: bytes) -> Document:
        group = self._group(region, name)
        _need_online(group)
        record = _required(query, "RecordIdentifierValueAsString")
        known = [feature["FeatureName"] for feature in group["FeatureDefinitions"]]
        wanted = query.get("FeatureName") or known
        _check_names(wanted, known)
        found = self._records.get(group_key(region, group), [record], self._host.clock.time()).get(record)
        if found is None:
            return {}
        shown = {"Record": _listed(found, wanted)}
        return {**shown, **_expiry(found, query.get("ExpirationTimeResponse", [""])[0])}

    def _batch(self, region: str, request: Document) -> Document:
        found, errors = [], []
        for item in request.get("Identifiers") or []:
            name = str(item.get("FeatureGroupName", "")).rpartition(":feature-group/")[2]
            identifiers = item.get("RecordIdentifiersValueAsString") or []
            if not 1 <= len(identifiers) <= _MOST_IDENTIFIERS:
                raise FeatureStoreError(400, "ValidationError", "Give 1 to 100 RecordIdentifiersValueAsString.")
            try:
                group = self._group(region, name)
                _need_online(group)
                known = [feature["FeatureName"] for feature in group["FeatureDefinitions"]]
                wanted = item.get("FeatureNames") or known
                _check_names(wanted, known)
            except FeatureStoreError as error:
                errors += [
                    {
                        "FeatureGroupName": item.get("FeatureGroupName", ""),
                        "RecordIdentifierValueAsString": identifier,
                        "ErrorCode": error.code,
                        "ErrorMessage": str(error),
                    }
                    for identifier in identifiers
                ]
                continue
            rows = self._records.get(group_key(region, group), identifiers, self._host.clock.time())
            found += [
                {
                    "FeatureGroupName": item["FeatureGroupName"],
                    "RecordIdentifierValueAsString": identifier,
                    "Record": _listed(row, wanted),
                    **_expiry(row, request.get("ExpirationTimeResponse", "")),
                }
                for identifier, row in rows.items()
            ]
        return {"Records": found, "Errors": errors, "UnprocessedIdentifiers": []}

    def _put(self, region: str, name: str, _query: Mapping[str, list[str]], body: bytes) -> Document:
        group, request = self._group(region, name), _parsed(body)
        content = _content(group, request.get("Record") or [])
        record, event = content[group["RecordIdentifierFeatureName"]], content[group["EventTimeFeatureName"]]
        moment = event_time(event)
        life = request.get("TtlDuration") or (group.get("OnlineStoreConfig") or {}).get("TtlDuration")
        expires_at = moment + life["Value"] * _UNITS[life["Unit"]] if life else None
        row = Row(group_key(region, group), record, moment, content, expires_at=expires_at)
        self._keep(group, row, request.get("TargetStores"))
        return {}

    def _delete(self, region: str, name: str, query: Mapping[str, list[str]], _body: bytes) -> Document:
        group = self._group(region, name)
        record, event = _required(query, "RecordIdentifierValueAsString"), _required(query, "EventTime")
        moment, key = event_time(event), group_key(region, group)
        content = {group["RecordIdentifierFeatureName"]: record, group["EventTimeFeatureName"]: event}
        targets = query.get("TargetStores")
        hard = query.get("DeletionMode", ["SoftDelete"])[0] == "HardDelete"
        if hard and "OnlineStore" in _targets(group, targets):
            self._records.drop(key, record, moment)
            targets = [target for target in _targets(group, targets) if target != "OnlineStore"]
            if not targets:
                return {}
        self._keep(group, Row(key, record, moment, content, deleted=True), targets)
        return {}

    def _keep(self, group: Document, row: Row, targets: list[str] | None) -> None:
        stores = _targets(group, targets)
        offline = "OfflineStore" in stores
        self._records.put(row, online="OnlineStore" in stores, offline=offline, invoked_at=self._host.clock.time())
        if offline:
            self._offline.notify()


def event_time(text: str) -> float:
    """Return an event time in seconds since the epoch.

    Args:
        text: seconds with a fraction, or such as `2026-11-20T13:00:00Z`.

    Raises:
        FeatureStoreError: it is neither.
    """
    try:
        return float(text)
    except ValueError:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            raise FeatureStoreError(
                400, "ValidationError", f"The event time {text!r} is neither seconds nor such as 2026-11-20T13:00:00Z."
            ) from error
    return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()


def _targets(group: Document, asked: list[str] | None) -> list[str]:
    """Return the stores that a call is for: those that it names, or all that the group has."""
    has = {
        "OnlineStore": bool((group.get("OnlineStoreConfig") or {}).get("EnableOnlineStore")),
        "OfflineStore": bool(group.get("OfflineStoreConfig")),
    }
    for store in asked or []:
        if not has.get(store):
            raise FeatureStoreError(400, "ValidationError", f"The FeatureGroup has no {store}.")
    return asked or [store for store, there in has.items() if there]


def _content(group: Document, record: list[Document]) -> Document:
    types = {feature["FeatureName"]: feature for feature in group["FeatureDefinitions"]}
    content: Document = {}
    for item in record:
        name = item.get("FeatureName", "")
        _check_names([name], list(types))
        value = item.get("ValueAsString")
        content[name] = (
            json.dumps(item["ValueAsStringList"]) if value is None and "ValueAsStringList" in item else value
        )
        if value is not None and not types[name].get("CollectionType"):
            _check_type(name, value, types[name]["FeatureType"])
    for field in ("RecordIdentifierFeatureName", "EventTimeFeatureName"):
        if content.get(group[field]) is None:
            raise FeatureStoreError(400, "ValidationError", f"The record has no value of {group[field]}, the {field}.")
    return content


def _check_type(name: str, value: str, kind: str) -> None:
    try:
        if kind == "Integral":
            int(value)
        elif kind == "Fractional":
            float(value)
    except ValueError as error:
        raise FeatureStoreError(
            400, "ValidationError", f"The value {value!r} of {name} is not {kind}, as the feature is defined."
        ) from error


def _check_names(names: list[str], known: list[str]) -> None:
    unknown = [name for name in names if name not in known]
    if unknown:
        raise FeatureStoreError(400, "ValidationError", f"The FeatureGroup has no feature {', '.join(unknown)}.")


def _need_online(group: Document) -> None:
    if not (group.get("OnlineStoreConfig") or {}).get("EnableOnlineStore"):
        raise FeatureStoreError(
            400, "ValidationError", f"The FeatureGroup {group['FeatureGroupName']} has no online store to read from."
        )


def _listed(row: Row, wanted: list[str]) -> list[Document]:
    found = []
    for name in wanted:
        value = row.content.get(name)
        if value is not None:
            found.append({"FeatureName": name, "ValueAsString": value})
    return found


def _expiry(row: Row, asked: str) -> Document:
    if asked != "Enabled":
        return {}
    moment = datetime.fromtimestamp(row.expires_at, UTC) if row.expires_at is not None else None
    return {"ExpiresAt": moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else "null"}


def _required(query: Mapping[str, list[str]], name: str) -> str:
    found = query.get(name)
    if not found or not found[0]:
        raise FeatureStoreError(400, "ValidationError", f"{name} is required.")
    return found[0]


def _parsed(body: bytes) -> Document:
    try:
        parsed = json.loads(body or b"{}")
    except ValueError as error:
        raise FeatureStoreError(400, "ValidationError", f"The request is no JSON: {error}") from error
    if not isinstance(parsed, dict):
        raise FeatureStoreError(400, "ValidationError", "The request must be a JSON object.")
    return parsed

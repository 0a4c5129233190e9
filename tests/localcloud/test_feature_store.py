"""Feature Store's runtime API and its offline store."""

import io
import os
import signal
import time
from datetime import UTC, datetime
from typing import Any

import pyarrow.parquet
import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from modelyard.localcloud import daemon
from modelyard.localcloud.runtime import parquet

from .conftest import ROLE, Cloud, until

FEATURES = (("id", "String"), ("at", "String"), ("age", "Integral"), ("score", "Fractional"))


def group(cloud: Cloud, name: str, **changes: Any) -> None:
    cloud.put("features/.keep", b"")
    request = {
        "FeatureGroupName": name,
        "RecordIdentifierFeatureName": "id",
        "EventTimeFeatureName": "at",
        "FeatureDefinitions": [{"FeatureName": it, "FeatureType": kind} for it, kind in FEATURES],
        "OnlineStoreConfig": {"EnableOnlineStore": True},
        "OfflineStoreConfig": {"S3StorageConfig": {"S3Uri": "s3://work/features"}},
        "RoleArn": ROLE,
    }
    cloud.client("sagemaker").create_feature_group(**request | changes)


def put(cloud: Cloud, name: str, values: dict[str, str], **options: Any) -> None:
    record = [{"FeatureName": key, "ValueAsString": value} for key, value in values.items()]
    cloud.client("sagemaker-featurestore-runtime").put_record(FeatureGroupName=name, Record=record, **options)


def get(cloud: Cloud, name: str, identifier: str, **options: Any) -> dict[str, str] | None:
    answer = cloud.client("sagemaker-featurestore-runtime").get_record(
        FeatureGroupName=name, RecordIdentifierValueAsString=identifier, **options
    )
    record = answer.get("Record")
    return record and {item["FeatureName"]: item["ValueAsString"] for item in record}


def refused(call: Any) -> tuple[int, str, str]:
    with pytest.raises(ClientError) as error:
        call()
    response = error.value.response
    code, message = response["Error"]["Code"], response["Error"]["Message"]
    return response["ResponseMetadata"]["HTTPStatusCode"], code, message


def test_the_newest_event_stays_online(cloud: Cloud) -> None:
    group(cloud, "people")
    first = {"id": "a", "at": "2026-01-01T00:00:00Z", "age": "3", "score": "0.5"}
    put(cloud, "people", {**first, "at": "2026-01-02T00:00:00Z", "age": "4"})
    put(cloud, "people", first)
    newest = {**first, "at": "2026-01-02T00:00:00Z", "age": "4"}
    assert get(cloud, "people", "a") == newest
    assert get(cloud, "people", "a", FeatureNames=["age"]) == {"age": "4"}
    assert get(cloud, "people", "nobody") is None
    runtime = cloud.client("sagemaker-featurestore-runtime")
    arn = cloud.client("sagemaker").describe_feature_group(FeatureGroupName="people")["FeatureGroupArn"]
    answer = runtime.batch_get_record(
        Identifiers=[
            {"FeatureGroupName": arn, "RecordIdentifiersValueAsString": ["a", "b"], "FeatureNames": ["score"]},
            {"FeatureGroupName": "gone", "RecordIdentifiersValueAsString": ["x"]},
        ]
    )
    assert answer["Records"] == [
        {
            "FeatureGroupName": arn,
            "RecordIdentifierValueAsString": "a",
            "Record": [{"FeatureName": "score", "ValueAsString": "0.5"}],
        }
    ]
    assert [(it["RecordIdentifierValueAsString"], it["ErrorCode"]) for it in answer["Errors"]] == [
        ("x", "ResourceNotFound")
    ]
    deletion = {"FeatureGroupName": "people", "RecordIdentifierValueAsString": "a"}
    runtime.delete_record(**deletion, EventTime="2026-01-03T00:00:00Z")
    assert get(cloud, "people", "a") is None
    put(cloud, "people", first)
    assert get(cloud, "people", "a") is None
    runtime.delete_record(**deletion, EventTime="2026-01-03T00:00:00Z", DeletionMode="HardDelete")
    put(cloud, "people", first)
    assert get(cloud, "people", "a") == first
    cloud.client("sagemaker").delete_feature_group(FeatureGroupName="people")


def test_what_does_not_fit_is_refused(cloud: Cloud) -> None:
    group(cloud, "strict")
    good = {"id": "a", "at": "2026-01-01T00:00:00Z"}
    for values, said in (
        ({"id": "a"}, "The record has no value of at, the EventTimeFeatureName."),
        ({**good, "age": "x"}, "The value 'x' of age is not Integral, as the feature is defined."),
        ({**good, "size": "1"}, "The FeatureGroup has no feature size."),
        (
            {**good, "at": "soon"},
            "The event time 'soon' is neither seconds nor such as 2026-11-20T13:00:00Z.",
        ),
    ):
        assert refused(lambda values=values: put(cloud, "strict", values)) == (400, "ValidationError", said)
    assert refused(lambda: put(cloud, "nothing", good))[:2] == (404, "ResourceNotFound")
    cloud.client("sagemaker").delete_feature_group(FeatureGroupName="strict")


def test_a_record_lives_as_long_as_it_may(cloud: Cloud) -> None:
    group(cloud, "mortal", OnlineStoreConfig={"EnableOnlineStore": True, "TtlDuration": {"Unit": "Hours", "Value": 1}})
    moment = datetime.fromisoformat(daemon.clock(cloud.info)["time"])
    at = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    put(cloud, "mortal", {"id": "short", "at": at})
    put(cloud, "mortal", {"id": "long", "at": at}, TtlDuration={"Unit": "Days", "Value": 2})
    assert get(cloud, "mortal", "short") == {"id": "short", "at": at}
    daemon.clock(cloud.info, step=3700)
    assert get(cloud, "mortal", "short") is None
    assert get(cloud, "mortal", "long") == {"id": "long", "at": at}
    cloud.client("sagemaker").delete_feature_group(FeatureGroupName="mortal")


def test_every_record_is_in_the_offline_store(cloud: Cloud) -> None:
    group(cloud, "history")
    put(cloud, "history", {"id": "a", "at": "2026-01-01T05:30:00Z", "age": "3", "score": "0.5"})
    put(cloud, "history", {"id": "a", "at": "2026-01-01T05:40:00Z", "age": "4"})
    cloud.client("sagemaker-featurestore-runtime").delete_record(
        FeatureGroupName="history", RecordIdentifierValueAsString="a", EventTime="2026-01-01T06:00:00Z"
    )
    described = cloud.client("sagemaker").describe_feature_group(FeatureGroupName="history")
    store = described["OfflineStoreConfig"]
    prefix = store["S3StorageConfig"]["ResolvedOutputS3Uri"].removeprefix("s3://work/")
    s3 = cloud.client("s3")

    def rows() -> list[dict[str, Any]]:
        found = s3.list_objects_v2(Bucket="work", Prefix=f"{prefix}/year=2026/month=01/day=01/").get("Contents", [])
        read = [
            (it["Key"].split("/")[-2], pyarrow.parquet.read_table(io.BytesIO(cloud.get(f"s3://work/{it['Key']}"))))
            for it in found
        ]
        return sorted(
            ({"hour": hour, **row} for hour, table in read for row in table.to_pylist()), key=lambda row: row["at"]
        )

    found = until(rows, lambda them: len(them) == 3)
    assert [{key: row[key] for key in ("hour", "id", "age", "score", "is_deleted")} for row in found] == [
        {"hour": "hour=05", "id": "a", "age": 3, "score": 0.5, "is_deleted": False},
        {"hour": "hour=05", "id": "a", "age": 4, "score": None, "is_deleted": False},
        {"hour": "hour=06", "id": "a", "age": None, "score": None, "is_deleted": True},
    ]
    assert all(row["write_time"] >= row["api_invocation_time"].replace(microsecond=0) for row in found)
    glue, names = cloud.client("glue"), store["DataCatalogConfig"]
    table = glue.get_table(DatabaseName=names["Database"], Name=names["TableName"])["Table"]
    columns = [(it["Name"], it["Type"]) for it in table["StorageDescriptor"]["Columns"]]
    assert columns == [
        ("id", "string"),
        ("at", "string"),
        ("age", "bigint"),
        ("score", "double"),
        ("write_time", "timestamp"),
        ("api_invocation_time", "timestamp"),
        ("is_deleted", "boolean"),
    ]
    partitions = glue.get_partitions(DatabaseName=names["Database"], TableName=names["TableName"])["Partitions"]
    assert sorted(it["Values"] for it in partitions) == [["2026", "01", "01", "05"], ["2026", "01", "01", "06"]]
    cloud.client("sagemaker").delete_feature_group(FeatureGroupName="history")


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.none() | st.text(st.characters(exclude_categories=["Cs"])),
            st.none() | st.integers(-(2**63), 2**63 - 1),
            st.none() | st.floats(allow_nan=False),
            st.none() | st.booleans(),
            st.none() | st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1)),
        ),
        min_size=1,
        max_size=40,
    )
)
def test_parquet_comes_back_as_it_was(rows):
    kinds = ("string", "bigint", "double", "boolean", "timestamp")
    moments = [row[4] and row[4].replace(microsecond=row[4].microsecond // 1000 * 1000, tzinfo=UTC) for row in rows]
    columns = [*[list(column) for column in zip(*rows, strict=True)][:4], moments]
    content = parquet.dump([parquet.Column(kind, kind, values) for kind, values in zip(kinds, columns, strict=True)])
    read = pyarrow.parquet.read_table(io.BytesIO(content))
    found = [read.column(kind).to_pylist() for kind in kinds]
    found[4] = [it and it.replace(tzinfo=UTC) for it in found[4]]
    assert found == columns


@pytest.mark.slow
def test_records_survive_a_kill(home) -> None:
    first = Cloud(daemon.start(home))
    group(first, "kept")
    daemon.save(first.info)
    for number in range(20):
        put(first, "kept", {"id": str(number), "at": "2026-01-01T00:00:00Z"})
    os.kill(first.info.pid, signal.SIGKILL)
    time.sleep(0.2)
    second = Cloud(daemon.start(home))
    assert [get(second, "kept", str(number)) is not None for number in range(20)] == [True] * 20

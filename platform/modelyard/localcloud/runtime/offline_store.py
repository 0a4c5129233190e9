"""The offline store of feature groups: Parquet in S3, and the Glue table over it.

Source: the SageMaker developer guide, "Offline store data format": the partitions, the columns that are added.
"""

import logging
import secrets
import threading
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from modelyard.localcloud.runtime import parquet
from modelyard.localcloud.runtime.host import Host
from modelyard.localcloud.runtime.objects import split_uri
from modelyard.localcloud.runtime.records import Queued, Records

KIND = "FeatureGroup"
FLUSH_SECONDS = 1.0
_TYPES = {"Integral": "bigint", "Fractional": "double", "String": "string"}
_ADDED = (("write_time", "timestamp"), ("api_invocation_time", "timestamp"), ("is_deleted", "boolean"))
_PARTITIONS = ("year", "month", "day", "hour")
_log = logging.getLogger(__name__)

Document = dict[str, Any]


class OfflineStore:
    """Writes what is queued.

    Args:
        host: the local cloud.
        records: the queue.
    """

    def __init__(self, host: Host, records: Records) -> None:
        self._host = host
        self._records = records
        self._writing = threading.Lock()
        self._closing = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="offline store", daemon=True)

    def start(self) -> None:
        """Begin; what waited when the cloud stopped is written first."""
        self._wake.set()
        self._thread.start()

    def notify(self) -> None:
        """Say that something waits."""
        self._wake.set()

    def close(self) -> None:
        """Write what waits, and end."""
        self._closing.set()
        self._wake.set()
        if self._thread.ident:
            self._thread.join(timeout=15)
        self._records.close()

    def flush(self) -> None:
        """Write what waits."""
        with self._writing:
            for key, queued in self._records.waiting().items():
                region, _, name = key.partition("/")
                name = name.rpartition("/")[0]
                group = self._host.collection(region, KIND).get(name)
                try:
                    if group and group.get("OfflineStoreConfig"):
                        self._write(region, group, queued)
                except (BotoCoreError, ClientError) as error:
                    _log.warning("the offline store of %s can't be written: %s", name, error)
                    continue
                self._records.written(item.number for item in queued)

    def create_table(self, region: str, group: Document) -> None:
        """Make or change the Glue table of a group; a group without one has nothing to do."""
        store = group.get("OfflineStoreConfig") or {}
        catalog = store.get("DataCatalogConfig")
        if not catalog or store.get("DisableGlueTableCreation"):
            return
        glue = self._host.client("glue", region)
        try:
            glue.create_database(DatabaseInput={"Name": catalog["Database"]})
        except glue.exceptions.AlreadyExistsException:
            _log.debug("the database %s is there", catalog["Database"])
        try:
            glue.create_table(DatabaseName=catalog["Database"], TableInput=_table(group))
        except glue.exceptions.AlreadyExistsException:
            glue.update_table(DatabaseName=catalog["Database"], TableInput=_table(group))

    def _run(self) -> None:
        while not self._closing.is_set():
            self._wake.wait()
            self._wake.clear()
            self._closing.wait(FLUSH_SECONDS)
            self.flush()
        self.flush()

    def _write(self, region: str, group: Document, queued: list[Queued]) -> None:
        parts: dict[datetime, list[Queued]] = defaultdict(list)
        for item in queued:
            moment = datetime.fromtimestamp(item.event_time, UTC)
            parts[moment.replace(minute=0, second=0, microsecond=0)].append(item)
        base = group["OfflineStoreConfig"]["S3StorageConfig"]["ResolvedOutputS3Uri"].rstrip("/")
        bucket, prefix = split_uri(base)
        for hour, items in parts.items():
            now = self._host.clock.now()
            place = f"{prefix}/year={hour:%Y}/month={hour:%m}/day={hour:%d}/hour={hour:%H}"
            key = f"{place}/{now:%Y%m%dT%H%M%SZ}_{secrets.token_hex(8)}.parquet"
            content = parquet.dump(_columns(group, items, now))
            self._host.client("s3", region).put_object(Bucket=bucket, Key=key, Body=content)
            self._add_partition(region, group, hour, f"s3://{bucket}/{place}")

    def _add_partition(self, region: str, group: Document, hour: datetime, place: str) -> None:
        catalog = group["OfflineStoreConfig"].get("DataCatalogConfig")
        if not catalog:
            return
        glue = self._host.client("glue", region)
        values = [f"{hour:%Y}", f"{hour:%m}", f"{hour:%d}", f"{hour:%H}"]
        storage = {**_table(group)["StorageDescriptor"], "Location": place}
        try:
            glue.create_partition(
                DatabaseName=catalog["Database"],
                TableName=catalog["TableName"],
                PartitionInput={"Values": values, "StorageDescriptor": storage},
            )
        except glue.exceptions.AlreadyExistsException:
            return


def group_key(region: str, group: Document) -> str:
    """Return what a group's records are kept under: another group of the same name has none of them."""
    return f"{region}/{group['FeatureGroupName']}/{group['CreationTime'].timestamp()}"


def _columns(group: Document, items: list[Queued], now: datetime) -> list[parquet.Column]:
    columns = []
    for feature in group["FeatureDefinitions"]:
        kind = "string" if feature.get("CollectionType") else _TYPES[feature["FeatureType"]]
        values = [_typed(item.content.get(feature["FeatureName"]), kind) for item in items]
        columns.append(parquet.Column(feature["FeatureName"], kind, values))
    added: tuple[list[Any], ...] = (
        [now] * len(items),
        [datetime.fromtimestamp(item.invoked_at, UTC) for item in items],
        [item.deleted for item in items],
    )
    columns += [parquet.Column(name, kind, values) for (name, kind), values in zip(_ADDED, added, strict=True)]
    return columns


def _typed(value: Any, kind: str) -> Any:
    if value is None or kind == "string":
        return value if value is None or isinstance(value, str) else str(value)
    return int(value) if kind == "bigint" else float(value)


def _table(group: Document) -> Document:
    store = group["OfflineStoreConfig"]
    columns = [
        {
            "Name": feature["FeatureName"].lower(),
            "Type": "string" if feature.get("CollectionType") else _TYPES[feature["FeatureType"]],
        }
        for feature in group["FeatureDefinitions"]
    ]
    columns += [{"Name": name, "Type": kind} for name, kind in _ADDED]
    return {
        "Name": store["DataCatalogConfig"]["TableName"],
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"EXTERNAL": "TRUE", "parquet.compress": "UNCOMPRESSED"},
        "PartitionKeys": [{"Name": name, "Type": "string"} for name in _PARTITIONS],
        "StorageDescriptor": {
            "Columns": columns,
            "Location": store["S3StorageConfig"]["ResolvedOutputS3Uri"],
            "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
            "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
            "SerdeInfo": {
                "SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
                "Parameters": {"serialization.format": "1"},
            },
        },
    }

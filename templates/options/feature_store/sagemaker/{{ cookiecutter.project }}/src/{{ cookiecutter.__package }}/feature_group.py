"""Features in SageMaker's feature store: the group that holds them, written by rows and read by their ids.

The platform provisions the group: `make features-settings` prints what to put under `feature_store.groups` of its
environment. A row's id is its number unless the data has an id of its own.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from {{ cookiecutter.__package }}.settings import SETTINGS
from {{ cookiecutter.__package }}.table import Table, of

ID, TIME = "row_id", "event_time"
# As many records as SageMaker gives at once.
_BATCH = 100


def settings(table: Table) -> dict[str, Any]:
    """Return the group as the platform's settings describe it."""
    features = {ID: "String", TIME: "String", **dict.fromkeys(table.names, "Fractional")}
    return {"record_identifier": ID, "event_time": TIME, "features": features}


def put(client: Any, group: str, table: Table, ids: Sequence[str], when: datetime) -> int:
    """Write each row as a record.

    Args:
        client: of `sagemaker-featurestore-runtime`.
        group: the feature group's name.
        table: the rows.
        ids: one for each row.
        when: since when they are true.

    Returns:
        how many were written.
    """
    moment = when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    for key, row in zip(ids, table.features.tolist(), strict=True):
        values = {ID: key, TIME: moment, **{name: repr(value) for name, value in zip(table.names, row, strict=True)}}
        record = [{"FeatureName": name, "ValueAsString": value} for name, value in values.items()]
        client.put_record(FeatureGroupName=group, Record=record)
    return len(ids)


def get(client: Any, group: str, names: Sequence[str], ids: Sequence[str]) -> dict[str, list[float]]:
    """Read the features of some rows, in the order that the model takes them.

    Args:
        client: of `sagemaker-featurestore-runtime`.
        group: the feature group's name.
        names: the features.
        ids: of the rows.

    Returns:
        the features by id; a row that isn't there is left out.
    """
    found: dict[str, list[float]] = {}
    for start in range(0, len(ids), _BATCH):
        wanted = {"FeatureGroupName": group, "RecordIdentifiersValueAsString": list(ids[start : start + _BATCH])}
        records = client.batch_get_record(Identifiers=[wanted | {"FeatureNames": list(names)}])["Records"]
        found |= {it["RecordIdentifierValueAsString"]: _row(it["Record"], names) for it in records}
    return found


def _row(record: Iterable[Mapping[str, str]], names: Sequence[str]) -> list[float]:
    values = {it["FeatureName"]: float(it["ValueAsString"]) for it in record}
    return [values[name] for name in names]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the group's settings, write all rows, or read some as a request for the endpoint."""
    import boto3

    from {{ cookiecutter.__package }}.data import load
    from {{ cookiecutter.__package }}.features import engineer

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["settings", "put", "get"])
    parser.add_argument("--group", default="")
    parser.add_argument("--ids", nargs="*", default=["0"])
    options = parser.parse_args(arguments)
    table = of(engineer(load()), SETTINGS.data.labels)
    if options.what == "settings":
        sys.stdout.write(json.dumps(settings(table), indent=2) + "\n")
        return
    client = boto3.client("sagemaker-featurestore-runtime")
    if options.what == "put":
        ids = [str(number) for number in range(len(table.labels))]
        count = put(client, options.group, table, ids, datetime.now(UTC))
        sys.stdout.write(f"{count} records\n")
        return
    found = get(client, options.group, table.names, options.ids)
    sys.stdout.write(json.dumps({"instances": list(found.values())}) + "\n")


if __name__ == "__main__":
    main()

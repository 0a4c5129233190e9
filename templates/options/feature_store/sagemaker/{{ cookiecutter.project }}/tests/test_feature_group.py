"""Features are written as records and come back in the model's order, bit by bit."""

from datetime import UTC, datetime
from typing import Any

import numpy as np

from {{ cookiecutter.__package }} import feature_group
from {{ cookiecutter.__package }}.table import Table

TABLE = Table(
    label_names=("y",), names=("a", "b"), features=np.array([[0.1, 1 / 3], [2.0, -1e-17]]), labels=np.zeros(2)
)
WHEN = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)


class Store:
    """A feature store that keeps records as SageMaker does, and gives their features in another order."""

    def __init__(self) -> None:
        self.records: dict[tuple[str, str], list[dict[str, str]]] = {}
        self.asked: list[int] = []

    def put_record(self, **request: Any) -> None:
        values = {it["FeatureName"]: it["ValueAsString"] for it in request["Record"]}
        self.records[request["FeatureGroupName"], values["row_id"]] = request["Record"]

    def batch_get_record(self, **request: Any) -> dict[str, Any]:
        (wanted,) = request["Identifiers"]
        ids = wanted["RecordIdentifiersValueAsString"]
        self.asked.append(len(ids))
        there = [(key, self.records[wanted["FeatureGroupName"], key]) for key in ids if key.isdigit()]
        records = [
            {
                "RecordIdentifierValueAsString": key,
                "Record": [it for it in record[::-1] if it["FeatureName"] in wanted["FeatureNames"]],
            }
            for key, record in there
        ]
        return {"Records": records}


def test_what_is_written_is_read():
    store = Store()
    assert feature_group.put(store, "g", TABLE, ["0", "1"], WHEN) == 2
    assert store.records["g", "0"] == [
        {"FeatureName": "row_id", "ValueAsString": "0"},
        {"FeatureName": "event_time", "ValueAsString": "2030-01-02T03:04:05Z"},
        {"FeatureName": "a", "ValueAsString": "0.1"},
        {"FeatureName": "b", "ValueAsString": "0.3333333333333333"},
    ]
    found = feature_group.get(store, "g", TABLE.names, ["1", "0", "gone"])
    assert found == {"1": [2.0, -1e-17], "0": [0.1, 1 / 3]}


def test_many_are_read_in_batches():
    store = Store()
    feature_group.put(store, "g", TABLE, ["0", "1"], WHEN)
    feature_group.get(store, "g", TABLE.names, ["0"] * 250)
    assert store.asked == [100, 100, 50]


def test_the_group_has_a_column_for_each_feature():
    assert feature_group.settings(TABLE) == {
        "record_identifier": "row_id",
        "event_time": "event_time",
        "features": {"row_id": "String", "event_time": "String", "a": "Fractional", "b": "Fractional"},
    }

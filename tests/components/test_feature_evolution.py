"""What may change in feature groups, and what is refused with the migration to take."""

from typing import Any

import pytest
from pydantic import ValidationError

from modelyard.components.feature_store.evolution import LiveGroup, WantedGroup, additions, obstacles, refusal
from modelyard.components.feature_store.settings import FeatureGroup, FeatureStoreSettings

SCHEMA = {"customer": "String", "time": "String", "age": "Integral"}


def wanted(label: str = "customers", **changes: Any) -> WantedGroup:
    document = {"record_identifier": "customer", "event_time": "time", "features": SCHEMA, **changes}
    return WantedGroup(label=label, name=f"yard-dev-{label}", group=FeatureGroup.model_validate(document))


def live(name: str = "yard-dev-customers", **changes: Any) -> LiveGroup:
    known = {"record_identifier": "customer", "event_time": "time", "features": SCHEMA, "online": True}
    return LiveGroup(**{"name": name, "format": "iceberg", **known, **changes})


@pytest.mark.parametrize(
    ("changes", "added", "refused"),
    [
        ({}, {}, []),
        ({"features": dict(reversed(SCHEMA.items()))}, {}, []),
        ({"features": {**SCHEMA, "city": {"type": "String", "description": "where"}}}, {"city": "String"}, []),
        ({"ttl_days": 7}, {}, []),
        (
            {"features": {"customer": "String", "time": "String"}},
            {},
            ["the feature 'age' is no longer in the settings"],
        ),
        (
            {"features": {**SCHEMA, "age": "Fractional", "city": "String"}},
            {"city": "String"},
            ["the feature 'age' is of type Integral, not Fractional"],
        ),
        (
            {"features": {"customer": "String", "time": "String", "years": "Integral"}},
            {"years": "Integral"},
            ["the feature 'age' is no longer in the settings"],
        ),
        ({"online": False}, {}, ["online is true, not false"]),
        ({"format": "glue"}, {}, ["format is iceberg, not glue"]),
        (
            {"record_identifier": "age", "features": SCHEMA},
            {},
            ["record_identifier is customer, not age"],
        ),
    ],
)
def test_features_can_be_added_and_nothing_else(changes, added, refused):
    group = wanted(**changes)
    assert (additions(live(), group), obstacles(live(), group)) == (added, refused)


def test_a_refusal_says_what_to_do_instead():
    said = refusal([live()], [wanted(features={"customer": "String", "time": "String"})], [])
    assert said == (
        "the feature group 'customers' (yard-dev-customers) can't become what the settings say; replacing it would "
        "lose its records: the feature 'age' is no longer in the settings\n"
        "  -> put feature_store.groups.customers back as it was. To migrate: 1. add the new schema as a group of "
        "another name, such as customers-v2, and run up; 2. backfill it from the offline store of 'customers'; 3. let "
        "jobs and models use it; 4. move 'customers' from feature_store.groups to feature_store.retired and run up"
    )


def test_a_group_that_is_gone_is_refused_until_it_is_retired():
    both = [live(), live("yard-dev-orders")]
    said = refusal(both, [wanted()], [])
    assert said == (
        "the feature group yard-dev-orders is no longer in feature_store.groups, and its records would be lost\n"
        "  -> put it back, or list it under feature_store.retired to have it deleted"
    )
    assert refusal(both, [wanted()], ["yard-dev-orders"]) == ""
    assert refusal([], [wanted()], []) == ""
    assert refusal([], [], ["yard-dev-never-was"]) == ""


def test_the_fingerprint_changes_with_what_is_kept_for_good_alone():
    first = wanted()
    assert first.fingerprint == wanted(features=dict(reversed(SCHEMA.items())), ttl_days=3).fingerprint
    assert first.fingerprint.startswith("3-")
    others = [
        wanted(online=False),
        wanted(format="glue"),
        wanted(features={**SCHEMA, "city": "String"}),
        wanted(features={**SCHEMA, "age": {"type": "Integral", "description": "in years"}}),
    ]
    assert len({first.fingerprint, *(other.fingerprint for other in others)}) == 5


def test_what_sagemaker_answers_is_read():
    answer = {
        "FeatureGroupName": "g",
        "RecordIdentifierFeatureName": "customer",
        "EventTimeFeatureName": "time",
        "FeatureDefinitions": [{"FeatureName": key, "FeatureType": kind} for key, kind in SCHEMA.items()],
        "OnlineStoreConfig": {"EnableOnlineStore": True},
        "OfflineStoreConfig": {"S3StorageConfig": {"S3Uri": "s3://b"}},
    }
    assert LiveGroup.of(answer) == live("g", format="glue")
    assert LiveGroup.of({**answer, "OnlineStoreConfig": None, "OfflineStoreConfig": None}) == live(
        "g", online=False, format=""
    )


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"event_time": "when"}, "'when' is not among the features"),
        ({"event_time": "age"}, "the event time 'age' must be of type String or Fractional"),
        ({"features": {**SCHEMA, "Write_Time": "String"}}, "'Write_Time' is a name that the feature store uses itself"),
        ({"features": {**SCHEMA, "Age": "String"}}, "is there twice: the offline store's columns have no capital"),
        ({"online": False, "ttl_days": 3}, "ttl_days is of the online store"),
        ({"features": {**SCHEMA, "a b": "String"}}, "should match pattern"),
        ({"features": {**SCHEMA, "city": "Text"}}, "Input should be 'String', 'Integral' or 'Fractional'"),
    ],
)
def test_a_group_that_sagemaker_would_refuse_is_refused_at_once(changes, problem):
    with pytest.raises(ValidationError, match=problem.replace("(", "\\(")):
        wanted(**changes)


def test_a_group_is_retired_or_there():
    with pytest.raises(ValidationError, match="'features' is retired and among the groups"):
        FeatureStoreSettings.model_validate({"retired": ["features"]})

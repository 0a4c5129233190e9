"""S3 as third parties need it: lifecycle rules come back as they were put, and versions go with their markers."""

from typing import Any

from moto.s3.utils import _VersionedKeyStore

from modelyard.localcloud.services.s3 import listings

from .conftest import Cloud

RULES: list[dict[str, Any]] = [
    {
        "ID": "sizes",
        "Status": "Enabled",
        "Filter": {"And": {"Prefix": "a/", "ObjectSizeGreaterThan": 0, "Tags": [{"Key": "k", "Value": "v"}]}},
        "Expiration": {"Days": 14},
    },
    {
        "ID": "versions",
        "Status": "Disabled",
        "Filter": {"ObjectSizeLessThan": 10},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 3, "NewerNoncurrentVersions": 2},
        "Transitions": [{"Days": 90, "StorageClass": "STANDARD_IA"}, {"Days": 180, "StorageClass": "GLACIER"}],
    },
    {
        "ID": "all",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
    },
]


def test_lifecycle_rules_come_back_as_they_were_put(cloud: Cloud) -> None:
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="lasting")
    for rules in (RULES, RULES[:1]):
        s3.put_bucket_lifecycle_configuration(Bucket="lasting", LifecycleConfiguration={"Rules": rules})
        assert s3.get_bucket_lifecycle_configuration(Bucket="lasting")["Rules"] == rules


def test_versions_and_their_delete_markers_go_at_once(cloud: Cloud) -> None:
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="versions")
    s3.put_bucket_versioning(Bucket="versions", VersioningConfiguration={"Status": "Enabled"})
    for body in (b"1", b"2"):
        s3.put_object(Bucket="versions", Key="k", Body=body)
    s3.delete_object(Bucket="versions", Key="k")
    found = s3.list_object_versions(Bucket="versions")
    every = [{"Key": it["Key"], "VersionId": it["VersionId"]} for it in found["Versions"] + found["DeleteMarkers"]]
    assert len(every) == 3
    assert s3.delete_objects(Bucket="versions", Delete={"Objects": every}).get("Errors") is None
    s3.delete_bucket(Bucket="versions")


def test_a_key_that_is_deleted_while_versions_are_listed_is_left_out():
    listings.install()
    keys = _VersionedKeyStore()
    keys["first"], keys["gone"] = "a", "b"
    listed = keys.iterlists()
    assert next(listed) == ("first", ["a"])
    dict.pop(keys, "gone")
    assert list(listed) == []

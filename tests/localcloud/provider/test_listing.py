"""What is looked at to find out whether a creation that was cut short made its resource."""

import pytest

from modelyard.localcloud.provider import registry

OBJECT = registry.resource_type("aws:s3/bucketObjectv2:BucketObjectv2")
WANTED = {"bucket": "b", "key": "models/x"}


@pytest.mark.parametrize(
    ("resource_id", "inputs", "expected"),
    [
        ("b/models/x", WANTED, True),
        ("b/models/y", WANTED, False),
        ("logs/models/x", WANTED, False),
        ("b/models/x", {}, True),
        ("b/models/x", {"bucket": None, "key": "models/x"}, True),
    ],
)
def test_of_all_objects_only_one_can_be_it(resource_id, inputs, expected):
    assert OBJECT.may_be(resource_id, inputs) is expected


def test_others_are_all_looked_at():
    assert registry.resource_type("aws:ec2/vpc:Vpc").may_be("vpc-1", WANTED)

"""What stacks promise one another has a version: which pairs fit, and what is said of those that don't."""

from dataclasses import dataclass, fields
from typing import ClassVar

import pytest

from modelyard.cli.alone import assumed
from modelyard.outputs import SCHEMA_KEY, PlatformOutputs, Promise, misfit


@dataclass(frozen=True, kw_only=True)
class Third(Promise):
    """A promise in its third version, whose readers understand the second."""

    version: ClassVar[int] = 3
    oldest: ClassVar[int] = 2

    bucket: str
    group: str


GOOD = {"bucket": "b", "group": ""}
AGAIN = "in the platform's repository, with this modelyard: modelyard up platform --env dev"


@pytest.mark.parametrize("version", [2, 3, "3", 3.0])
def test_versions_that_are_read_fit(version: object):
    assert misfit(Third, {**GOOD, SCHEMA_KEY: version, "more": 1}, "platform/dev") is None


@pytest.mark.parametrize(
    ("outputs", "reason", "hint"),
    [
        (
            {**GOOD, SCHEMA_KEY: 4},
            "platform/dev has outputs of schema 4, and this modelyard reads up to 3",
            "pip install --upgrade modelyard, then modelyard update",
        ),
        (
            {**GOOD, SCHEMA_KEY: 1},
            "platform/dev has outputs of schema 1, and this modelyard reads 2 and above",
            AGAIN,
        ),
        (GOOD, "platform/dev has outputs of schema 1, and this modelyard reads 2 and above", AGAIN),
        ({**GOOD, SCHEMA_KEY: "x"}, "platform/dev exports schema_version 'x', no number", AGAIN),
        ({**GOOD, SCHEMA_KEY: None}, "platform/dev exports schema_version None, no number", AGAIN),
        (
            {"bucket": "b", SCHEMA_KEY: 3},
            "platform/dev has no output group: it is older, or not deployed completely",
            AGAIN,
        ),
        (
            {"bucket": None, "group": None, SCHEMA_KEY: 3},
            "platform/dev has no output bucket, group: it is older, or not deployed completely",
            AGAIN,
        ),
    ],
)
def test_others_are_refused_with_the_reason_and_what_to_do(outputs: dict[str, object], reason: str, hint: str):
    assert misfit(Third, outputs, "platform/dev") == (reason, hint)


def test_a_platform_that_is_assumed_fits():
    found = assumed("dev", "eu-central-1")
    assert misfit(PlatformOutputs, found, "platform/dev") is None
    assert found.keys() == {*(it.name for it in fields(PlatformOutputs)), SCHEMA_KEY}
    assert found["kms_key_arn"].startswith("arn:aws:kms:eu-central-1:123456789012:key/")
    assert found["serving_role_arn"] == "arn:aws:iam::123456789012:role/modelyard-dev-serving-role-arn"
    assert found["subnet_ids"] == ["subnet-00000000000000000"]

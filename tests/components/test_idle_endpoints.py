"""Which endpoints are idle, decided on plain values."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from modelyard.components.cost import policy
from modelyard.components.cost.idle_endpoints import Endpoint, idle, is_expired
from modelyard.naming import Scope

NOW = datetime(2030, 1, 2, 12, tzinfo=UTC)
HOURS = 24
OURS = {"modelyard:platform": "dev", "modelyard:protect": "false"}
UNUSED = Endpoint("churn", "InService", NOW - timedelta(hours=25), OURS, 0.0)
CASES = {
    "nobody asked": (UNUSED, True),
    "exactly as old": (replace(UNUSED, changed=NOW - timedelta(hours=24)), True),
    "asked once": (replace(UNUSED, invocations=1.0), False),
    "new": (replace(UNUSED, changed=NOW - timedelta(hours=23)), False),
    "not in service": (replace(UNUSED, status="Updating"), False),
    "another platform's": (replace(UNUSED, tags={**OURS, "modelyard:platform": "prod"}), False),
    "protected": (replace(UNUSED, tags={**OURS, "modelyard:protect": "true"}), False),
    "nobody said whether protected": (replace(UNUSED, tags={"modelyard:platform": "dev"}), False),
    "somebody else's": (replace(UNUSED, tags={}), False),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_idle(case):
    endpoint, expected = CASES[case]
    assert idle([endpoint], "dev", HOURS, NOW) == (["churn"] if expected else [])


BRANCH = {**OURS, "modelyard:branch": "feature/x", "modelyard:expiry": "2030-01-01"}


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        (BRANCH, True),
        ({**BRANCH, "modelyard:expiry": "2030-01-02"}, False),
        ({**BRANCH, "modelyard:expiry": "none"}, False),
        ({**BRANCH, "modelyard:branch": "none"}, False),
        ({**BRANCH, "modelyard:protect": "true"}, False),
        ({**BRANCH, "modelyard:platform": "prod"}, False),
        (OURS, False),
    ],
)
def test_a_branch_whose_last_day_is_over(tags, expected):
    assert is_expired(replace(UNUSED, tags=tags, invocations=9.0), "dev", NOW) is expected


def test_the_function_may_delete_only_by_tag():
    scope = Scope(owner="modelyard", environment="dev", region="eu-central-1")
    document = json.loads(json.dumps(policy.idle_endpoints(scope, "123456789012", "/aws/lambda/idle")))
    statements = {it["Sid"]: it for it in document["Statement"]}
    assert statements["Delete"] == {
        "Sid": "Delete",
        "Effect": "Allow",
        "Action": ["sagemaker:DeleteEndpoint"],
        "Resource": "arn:aws:sagemaker:eu-central-1:123456789012:endpoint/*",
        "Condition": {
            "StringEquals": {
                "aws:ResourceTag/modelyard:platform": "dev",
                "aws:ResourceTag/modelyard:protect": "false",
            }
        },
    }
    assert [sid for sid, it in statements.items() if it["Resource"] == "*"] == ["List"]
    assert statements["Log"]["Resource"].endswith(":log-group:/aws/lambda/idle:*")

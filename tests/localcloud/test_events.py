"""What a target is sent of an event."""

import json

import pytest

from modelyard.components.monitoring.changes import FAILURES
from modelyard.localcloud.services.events import transformed

EVENT = {"source": "aws.sagemaker", "detail": {"TrainingJobName": "job", "TrainingJobStatus": "Failed", "Rows": 3}}


@pytest.mark.parametrize(
    ("paths", "template", "sent"),
    [
        ({"name": "$.detail.TrainingJobName"}, '"<name> failed"', '"job failed"'),
        (
            {"rows": "$.detail.Rows", "no": "$.detail.Nothing.Here"},
            '{"rows": <rows>, "no": "<no>"}',
            '{"rows": 3, "no": ""}',
        ),
        ({"all": "$.detail"}, "<all>", json.dumps(EVENT["detail"])),
    ],
)
def test_a_transformer_makes_text_of_an_event(paths, template, sent):
    assert transformed({"InputPathsMap": paths, "InputTemplate": template}, EVENT) == sent


def test_without_a_transformer_it_is_the_whole_event():
    assert json.loads(transformed(None, EVENT)) == EVENT


def test_a_failure_is_told_in_one_sentence():
    given = {"InputPathsMap": FAILURES[0].paths(), "InputTemplate": FAILURES[0].sentence()}
    event = {"detail": {**EVENT["detail"], "FailureReason": "out of memory"}}
    assert transformed(given, event) == '"SageMaker training job is Failed: out of memory"'

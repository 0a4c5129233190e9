"""What a target is sent of an event."""

import json
from typing import Any

import pytest

from modelyard.components.monitoring.changes import FAILURES
from modelyard.localcloud.services.events import transformed

from .conftest import Cloud, until

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


def test_a_failure_reaches_the_topic_and_a_success_does_not(cloud: Cloud):
    events, sns, sqs = cloud.client("events"), cloud.client("sns"), cloud.client("sqs")
    topic = sns.create_topic(Name="failures")["TopicArn"]
    url = sqs.create_queue(QueueName="heard")["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue, Attributes={"RawMessageDelivery": "true"})
    for failure in FAILURES:
        events.put_rule(Name=failure.word, EventPattern=json.dumps(failure.pattern()))
        transformer = {"InputPathsMap": failure.paths(), "InputTemplate": failure.sentence()}
        events.put_targets(Rule=failure.word, Targets=[{"Id": "t", "Arn": topic, "InputTransformer": transformer}])
    for failure in FAILURES:
        for state in ("Completed", failure.states[0]):
            detail = {failure.name: f"my-{failure.word}", failure.status: state, "FailureReason": "because"}
            entry = {"Source": "aws.sagemaker", "DetailType": failure.detail_type, "Detail": json.dumps(detail)}
            events.put_events(Entries=[entry])
    heard = until(lambda: _received(sqs, url), lambda found: len(found) == len(FAILURES))
    assert heard == {
        '"SageMaker training my-training is Failed: because"',
        '"SageMaker model package my-model-package is Failed"',
        '"SageMaker endpoint my-endpoint is FAILED: because"',
        '"SageMaker pipeline my-pipeline is Failed"',
    }
    for failure in FAILURES:
        events.remove_targets(Rule=failure.word, Ids=["t"])
        events.delete_rule(Name=failure.word)


def _received(sqs: Any, url: str) -> set[str]:
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0).get("Messages", [])
    return {message["Body"] for message in found}

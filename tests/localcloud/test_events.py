"""What a target is sent of an event."""

import json
from typing import Any

import pytest

from modelyard.components.monitoring.changes import FAILURES
from modelyard.localcloud.services.events import transformed

from .conftest import ROLE, Cloud, until

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


def events_of(cloud: Cloud, name: str, detail_type: str) -> str:
    """Send SageMaker's events of a kind to a queue, and return its URL."""
    events, sqs = cloud.client("events"), cloud.client("sqs")
    url = sqs.create_queue(QueueName=f"{name}-events")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = {"source": ["aws.sagemaker"], "detail-type": [detail_type]}
    events.put_rule(Name=f"{name}-events", EventPattern=json.dumps(pattern))
    events.put_targets(Rule=f"{name}-events", Targets=[{"Id": "queue", "Arn": arn}])
    return str(url)


def received(cloud: Cloud, url: str, number: int) -> list[dict[str, Any]]:
    """Return the first events of a queue, once there are so many."""
    found: list[dict[str, Any]] = []

    def read() -> list[dict[str, Any]]:
        messages = cloud.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        found.extend(json.loads(message["Body"]) for message in messages)
        return found

    until(read, lambda them: len(them) >= number)
    return found


GROUP = {
    "FeatureGroupName": "told",
    "RecordIdentifierFeatureName": "id",
    "EventTimeFeatureName": "at",
    "FeatureDefinitions": [
        {"FeatureName": "id", "FeatureType": "String"},
        {"FeatureName": "at", "FeatureType": "Fractional"},
    ],
    "OnlineStoreConfig": {"EnableOnlineStore": True},
    "RoleArn": ROLE,
}


def test_feature_groups_and_models_tell_of_themselves(cloud: Cloud):
    sagemaker = cloud.client("sagemaker")
    groups = events_of(cloud, "groups", "SageMaker Feature Group State Change")
    models = events_of(cloud, "models", "SageMaker Model State Change")
    made = sagemaker.create_feature_group(**GROUP, Tags=[{"Key": "team", "Value": "a"}])
    sagemaker.delete_feature_group(FeatureGroupName="told")
    container = {"Image": "sklearn"}
    model = sagemaker.create_model(ModelName="told", PrimaryContainer=container, ExecutionRoleArn=ROLE)
    sagemaker.delete_model(ModelName="told")
    details = [event["detail"] for event in received(cloud, groups, 2)]
    assert sorted(it["FeatureGroupStatus"] for it in details) == ["Created", "Deleting"]
    assert {it["FeatureGroupArn"] for it in details} == {made["FeatureGroupArn"]}
    assert [{key: it[key] for key in GROUP} for it in details] == [GROUP, GROUP]
    assert [it["Tags"] for it in details] == [{"team": "a"}] * 2
    told = received(cloud, models, 2)
    assert [event["resources"] for event in told] == [[model["ModelArn"]]] * 2
    assert {event["detail"]["ModelName"] for event in told} == {"told"}


def test_an_endpoint_tells_of_its_variants_until_it_is_deleted(cloud: Cloud):
    sagemaker = cloud.client("sagemaker")
    url = events_of(cloud, "endpoints", "SageMaker Endpoint State Change")
    sagemaker.create_model(ModelName="hollow", PrimaryContainer={"Image": "sklearn"}, ExecutionRoleArn=ROLE)
    variant = {"VariantName": "all", "ModelName": "hollow", "InitialInstanceCount": 2, "InstanceType": "ml.m5.large"}
    sagemaker.create_endpoint_config(EndpointConfigName="hollow", ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName="hollow", EndpointConfigName="hollow")
    until(lambda: sagemaker.describe_endpoint(EndpointName="hollow")["EndpointStatus"], lambda it: it == "Failed")
    sagemaker.delete_endpoint(EndpointName="hollow")
    events = [event for event in received(cloud, url, 3) if event["detail"]["EndpointName"] == "hollow"]
    assert sorted(event["detail"]["EndpointStatus"] for event in events) == ["CREATING", "DELETING", "FAILED"]
    shown = {"VariantName": "all", "CurrentWeight": 1.0, "DesiredWeight": 1.0}
    counts = {"CurrentInstanceCount": 2, "DesiredInstanceCount": 2}
    assert [event["detail"]["ProductionVariants"] for event in events] == [[shown | counts]] * 3
    assert {event["detail"].get("FailureReason") for event in events} == {
        None,
        "The local cloud serves models that have a ModelDataUrl.",
    }

"""Approvals: whoever listens to the topic hears of a model that waits and of what becomes of it."""

import json
import time
from typing import Any

import pytest

pytestmark = pytest.mark.slow

SPECIFICATION = {
    "Containers": [{"Image": "sklearn", "ModelDataUrl": "s3://work/model.tar.gz"}],
    "SupportedContentTypes": ["text/csv"],
    "SupportedResponseMIMETypes": ["text/csv"],
}


def heard(sqs: Any, queue: str, count: int) -> list[Any]:
    """Read so many events, or as many as come within ten seconds."""
    events: list[Any] = []
    deadline = time.monotonic() + 10
    while len(events) < count and time.monotonic() < deadline:
        for message in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
            events.append(json.loads(json.loads(message["Body"])["Message"]))
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        time.sleep(0.1)
    return events


def test_the_topic_tells_of_a_model_that_waits_and_of_its_approval(dev):
    outputs = dev.json("outputs", "platform", "--env", "dev")["platform"]
    sqs, sns, sagemaker = dev.client("sqs"), dev.client("sns"), dev.client("sagemaker")
    queue = sqs.create_queue(QueueName="approvals")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    subscription = sns.subscribe(
        TopicArn=outputs["approval_topic_arn"], Protocol="sqs", Endpoint=arn, ReturnSubscriptionArn=True
    )["SubscriptionArn"]
    try:
        package = sagemaker.create_model_package(
            ModelPackageGroupName=outputs["model_package_group"], InferenceSpecification=SPECIFICATION
        )["ModelPackageArn"]
        sagemaker.update_model_package(ModelPackageArn=package, ApprovalDescription="only a text")
        sagemaker.update_model_package(ModelPackageArn=package, ModelApprovalStatus="Approved")
        events = heard(sqs, queue, 2)
        sagemaker.delete_model_package(ModelPackageName=package)
    finally:
        sns.unsubscribe(SubscriptionArn=subscription)
        sqs.delete_queue(QueueUrl=queue)
    assert sorted(event["detail"]["ModelApprovalStatus"] for event in events) == ["Approved", "PendingManualApproval"]
    assert {event["detail"]["ModelPackageArn"] for event in events} == {package}

"""Answers that arrive part by part, models of several containers, and servers that crash or make way."""

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.eventstream import EventStreamBuffer
from botocore.exceptions import ClientError, EventStreamError

from modelyard.localcloud.runtime.streams import message

from .conftest import ROLE, Cloud, archive, until
from .test_endpoints import config, invoke, model, settled

PARTS = """
import json, os

def model_fn(folder):
    return folder

def transform_fn(model, body, content_type, accept):
    if body == "refuse":
        raise ValueError("no")
    if body == "die":
        os._exit(3)
    return parts(model, body), "text/x-parts"

def parts(model, body):
    yield "first,"
    if body == "break":
        raise RuntimeError("oh")
    if body == "wait":
        import time
        while not os.path.exists(os.path.join(model, "go")):
            time.sleep(0.01)
    yield b"second"
"""
STAGE = """
import json

def model_fn(folder):
    with open(folder + "/add.txt") as file:
        return float(file.read())

def transform_fn(model, body, content_type, accept):
    if body == "break":
        raise ValueError("broken")
    return json.dumps([model, json.loads(body), content_type, accept]), "application/x-stage"
"""


def test_messages_are_what_botocore_reads():
    buffer = EventStreamBuffer()
    buffer.add_data(message({":event-type": "PayloadPart", ":message-type": "event"}, b"\x00 body"))
    buffer.add_data(message({}, b""))
    first, second = buffer
    assert (first.headers, first.payload) == ({":event-type": "PayloadPart", ":message-type": "event"}, b"\x00 body")
    assert (second.headers, second.payload) == ({}, b"")


@pytest.fixture(scope="module")
def parts(cloud: Cloud) -> Iterator[str]:
    model(cloud, "parts", "1", PARTS)
    cloud.client("sagemaker").create_endpoint(EndpointName="parts", EndpointConfigName="parts")
    assert settled(cloud, "parts")["EndpointStatus"] == "InService"
    yield "parts"
    cloud.client("sagemaker").delete_endpoint(EndpointName="parts")


def stream(cloud: Cloud, name: str, body: bytes) -> dict[str, Any]:
    answer: dict[str, Any] = cloud.client("sagemaker-runtime").invoke_endpoint_with_response_stream(
        EndpointName=name, Body=body, ContentType="text/plain"
    )
    return answer


def test_parts_arrive_while_the_model_still_answers(cloud: Cloud, parts: str) -> None:
    answer = stream(cloud, parts, b"go")
    assert (answer["ContentType"], answer["InvokedProductionVariant"]) == ("text/x-parts", "parts")
    assert [event["PayloadPart"]["Bytes"] for event in answer["Body"]] == [b"first,", b"second"]
    whole = cloud.client("sagemaker-runtime").invoke_endpoint(EndpointName=parts, Body=b"go", ContentType="text/plain")
    assert whole["Body"].read() == b"first,second"


def test_a_caller_may_hang_up(cloud: Cloud, parts: str) -> None:
    answer = stream(cloud, parts, b"wait")
    assert next(iter(answer["Body"]))["PayloadPart"]["Bytes"] == b"first,"  # though the second never comes
    answer["Body"].close()
    assert [event["PayloadPart"]["Bytes"] for event in stream(cloud, parts, b"go")["Body"]] == [b"first,", b"second"]


def test_a_stream_that_breaks_says_so(cloud: Cloud, parts: str) -> None:
    events = iter(stream(cloud, parts, b"break")["Body"])
    assert next(events)["PayloadPart"]["Bytes"] == b"first,"
    with pytest.raises(EventStreamError, match="has broken off") as broken:
        next(events)
    assert broken.value.response["Error"]["Code"] == "ModelStreamError"


def test_an_error_before_the_first_part_is_the_models(cloud: Cloud, parts: str) -> None:
    with pytest.raises(ClientError) as failed:
        stream(cloud, parts, b"refuse")
    response = failed.value.response
    assert (response["Error"]["Code"], response["OriginalMessage"]) == ("ModelError", "ValueError: no")
    with pytest.raises(ClientError) as unknown:
        stream(cloud, "nowhere", b"go")
    assert unknown.value.response["Error"]["Code"] == "ValidationError"


def test_a_server_that_crashed_is_started_anew(cloud: Cloud, parts: str) -> None:
    with pytest.raises(ClientError) as failed:
        stream(cloud, parts, b"die")
    assert failed.value.response["Error"]["Code"] == "ModelError"
    assert [event["PayloadPart"]["Bytes"] for event in stream(cloud, parts, b"go")["Body"]] == [b"first,", b"second"]


def staged(cloud: Cloud, name: str, mode: str) -> None:
    containers = [
        {
            "Image": "sklearn",
            "ContainerHostname": host,
            "ModelDataUrl": cloud.put(
                f"{name}/{host}.tar.gz", archive({"add.txt": str(place), "code/inference.py": STAGE})
            ),
        }
        for place, host in enumerate(("clean", "predict"))
    ]
    sagemaker = cloud.client("sagemaker")
    sagemaker.create_model(
        ModelName=name, Containers=containers, InferenceExecutionConfig={"Mode": mode}, ExecutionRoleArn=ROLE
    )
    config(cloud, name, {name: 1.0})
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    assert settled(cloud, name)["EndpointStatus"] == "InService"


@pytest.mark.slow
def test_containers_answer_one_after_the_other(cloud: Cloud) -> None:
    staged(cloud, "line", "Serial")
    runtime = cloud.client("sagemaker-runtime")
    answer = runtime.invoke_endpoint(EndpointName="line", Body=b"7", ContentType="text/plain", Accept="text/x-wanted")
    assert json.loads(answer["Body"].read()) == [
        1.0,
        [0.0, 7, "text/plain", "application/json"],
        "application/x-stage",
        "text/x-wanted",
    ]
    with pytest.raises(ClientError, match=r'from clean with message "ValueError: broken"'):
        runtime.invoke_endpoint(EndpointName="line", Body=b"break", ContentType="text/plain")
    with pytest.raises(ClientError, match="has no containers to choose"):
        runtime.invoke_endpoint(EndpointName="line", Body=b"7", TargetContainerHostname="clean")
    cloud.client("sagemaker").delete_endpoint(EndpointName="line")


@pytest.mark.slow
def test_a_container_is_asked_by_its_name(cloud: Cloud) -> None:
    staged(cloud, "each", "Direct")
    runtime = cloud.client("sagemaker-runtime")
    answer = runtime.invoke_endpoint(
        EndpointName="each", Body=b"7", ContentType="text/plain", TargetContainerHostname="predict"
    )
    assert json.loads(answer["Body"].read()) == [1.0, 7, "text/plain", "application/json"]
    with pytest.raises(ClientError, match="one of clean, predict, for direct invocation"):
        runtime.invoke_endpoint(EndpointName="each", Body=b"7")
    cloud.client("sagemaker").delete_endpoint(EndpointName="each")


@pytest.mark.slow
def test_an_update_loses_no_invocation(cloud: Cloud) -> None:
    for name, factor in (("old", "1"), ("fresh", "2")):
        model(cloud, name, factor)
    sagemaker = cloud.client("sagemaker")
    sagemaker.create_endpoint(EndpointName="gapless", EndpointConfigName="old")
    settled(cloud, "gapless")
    over, answers, failures = threading.Event(), [], []

    def ask() -> None:
        while not over.is_set():
            try:
                answers.append(invoke(cloud, "gapless", [1])["values"][0])
            except ClientError as error:
                failures.append(str(error))

    askers = [threading.Thread(target=ask) for _ in range(4)]
    for asker in askers:
        asker.start()
    try:
        sagemaker.update_endpoint(EndpointName="gapless", EndpointConfigName="fresh")
        assert settled(cloud, "gapless")["EndpointConfigName"] == "fresh"
        seen = len(answers)
        until(lambda: len(answers), lambda number: number > seen + 8)
    finally:
        over.set()
        for asker in askers:
            asker.join()
    assert failures == []
    assert set(answers) == {1.0, 2.0}
    assert answers[-4:] == [2.0] * 4
    sagemaker.delete_endpoint(EndpointName="gapless")

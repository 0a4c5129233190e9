"""SageMaker's operations, one by one: each resource made, read, listed page by page, changed, deleted, and refused.

Every answer is held to botocore's model as it came over the wire, and every operation that is ours must be asked here.
"""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

from modelyard.localcloud.coverage import our_sagemaker_operations

from .conftest import REGION, ROLE, Cloud, until
from .resource_kinds import KINDS, TOKEN, Kind
from .shapes import faults

# Operations whose own tests ask them: a server, a studio or an endpoint must be up for them.
ELSEWHERE = {
    "AddTags",
    "DeleteTags",
    "ListTags",
    "BatchDescribeModelPackage",
    "CreateModelPackage",
    "DeleteModelPackage",
    "DescribeModelPackage",
    "ListModelPackages",
    "UpdateModelPackage",
    "GetModelPackageGroupPolicy",
    "PutModelPackageGroupPolicy",
    "DeleteModelPackageGroupPolicy",
    "CreateEndpoint",
    "DescribeEndpoint",
    "ListEndpoints",
    "UpdateEndpoint",
    "UpdateEndpointWeightsAndCapacities",
    "DeleteEndpoint",
    "UpdateFeatureGroup",
    "DescribeFeatureMetadata",
    "UpdateFeatureMetadata",
    "ListCandidatesForAutoMLJob",
    "ListTrainingJobsForHyperParameterTuningJob",
    "StartPipelineExecution",
    "StopPipelineExecution",
    "RetryPipelineExecution",
    "DescribePipelineExecution",
    "DescribePipelineDefinitionForExecution",
    "ListPipelineExecutions",
    "ListPipelineExecutionSteps",
    "ListPipelineParametersForExecution",
    "SendPipelineExecutionStepFailure",
    "SendPipelineExecutionStepSuccess",
    *(f"{verb}{name}" for name in ("Domain", "UserProfile") for verb in ("Create", "Describe", "Update", "Delete")),
    "ListDomains",
    "ListUserProfiles",
    *(f"{verb}MlflowTrackingServer" for verb in ("Create", "Describe", "Update", "Delete", "Start", "Stop")),
    "ListMlflowTrackingServers",
    "CreatePresignedMlflowTrackingServerUrl",
    *(
        f"{verb}{name}"
        for name in ("Artifact", "Action", "Context")
        for verb in ("Create", "Describe", "Update", "Delete")
    ),
    "ListArtifacts",
    "ListActions",
    "ListContexts",
    "AddAssociation",
    "DeleteAssociation",
    "ListAssociations",
    "QueryLineage",
}
IDS = [kind.name for kind in KINDS]


@pytest.fixture(scope="module")
def sagemaker(cloud: Cloud) -> Iterator[Any]:
    """A client whose every answer is held to the model."""
    client = boto3.client(
        "sagemaker",
        region_name=REGION,
        endpoint_url=cloud.info.endpoint_url,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(parameter_validation=False),
    )
    found: list[str] = []

    def hold(http_response: Any, model: Any, **_: Any) -> None:
        if http_response.status_code == 200 and model.output_shape:
            wrong = faults(json.loads(http_response.content or b"{}"), model.output_shape, model.name)
            found.extend(wrong)

    client.meta.events.register("after-call.sagemaker", hold)
    container = {"Image": "mine", "ModelDataUrl": "s3://conformance/m.tar.gz"}
    client.create_model(ModelName="conformance", PrimaryContainer=container, ExecutionRoleArn=ROLE)
    cloud.client("s3").create_bucket(Bucket="conformance")
    yield client
    assert sorted(set(found)) == []


def ask(client: Any, kind: Kind, verb: str, **request: Any) -> dict[str, Any]:
    answer: dict[str, Any] = getattr(client, xform_name(kind.operation(verb)))(**request)
    return answer


def refused(client: Any, kind: Kind, verb: str, **request: Any) -> str:
    with pytest.raises(ClientError) as error:
        ask(client, kind, verb, **request)
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return str(error.value.response["Error"]["Code"])


def token(kind: Kind, verb: str) -> dict[str, str]:
    return {"ClientRequestToken": TOKEN} if kind.name == "Pipeline" and verb == "Delete" else {}


@pytest.mark.parametrize("kind", KINDS, ids=IDS)
def test_one_is_made_read_listed_changed_and_deleted(sagemaker: Any, kind: Kind) -> None:
    names = [f"conf-{number}" for number in range(3)]
    for name in names:
        ask(sagemaker, kind, "Create", **{kind.key: name}, **kind.create)
    assert ask(sagemaker, kind, "Describe", **{kind.key: names[0]})[kind.key] == names[0]
    member, field_name = kind.listed
    pages = sagemaker.get_paginator(xform_name(kind.operation("List"))).paginate(
        SortBy="CreationTime" if kind.name != "FeatureGroup" else "Name",
        SortOrder="Ascending",
        PaginationConfig={"PageSize": 2},
    )
    found = [[item[field_name] for item in page[member]] for page in pages]
    assert max(len(page) for page in found) <= 2
    assert [name for page in found for name in page if name in names] == names
    assert refused(sagemaker, kind, "Create", **{kind.key: names[0]}, **kind.create) == kind.again
    if kind.update:
        ask(sagemaker, kind, "Update", **{kind.key: names[0]}, **kind.update)
        changed = ask(sagemaker, kind, "Describe", **{kind.key: names[0]})
        assert {key: changed[key] for key in kind.update} == kind.update
    if kind.stops:
        over(sagemaker, kind, names)
    if kind.deletes:
        for name in names:
            ask(sagemaker, kind, "Delete", **{kind.key: name}, **token(kind, "Delete"))
        until(lambda: gone(sagemaker, kind, names[0]), bool)


def over(client: Any, kind: Kind, names: list[str]) -> None:
    """Stop the first if it still runs, and wait until all have ended."""
    status = f"{kind.name}Status"
    stop = Kind(kind.name, kind.key, {}, kind.listed)
    try:
        ask(client, stop, "Stop", **{kind.key: names[0]})
    except ClientError as error:
        assert error.response["Error"]["Code"] == "ValidationException"
    for name in names:
        until(
            lambda name=name: ask(client, kind, "Describe", **{kind.key: name})[status],
            lambda found: found not in ("InProgress", "Stopping"),
        )


def gone(client: Any, kind: Kind, name: str) -> bool:
    try:
        ask(client, kind, "Describe", **{kind.key: name})
    except ClientError as error:
        assert error.response["Error"]["Code"] == kind.missing
        return True
    return False


@pytest.mark.parametrize("kind", KINDS, ids=IDS)
def test_what_is_not_there_or_not_valid_is_refused(sagemaker: Any, kind: Kind) -> None:
    assert refused(sagemaker, kind, "Describe", **{kind.key: "never-made"}) == kind.missing
    if kind.deletes:
        assert refused(sagemaker, kind, "Delete", **{kind.key: "never-made"}, **token(kind, "Delete")) == kind.missing
    if kind.update:
        assert refused(sagemaker, kind, "Update", **{kind.key: "never-made"}, **kind.update) == kind.missing
    if kind.stops:
        stop = Kind(kind.name, kind.key, {}, kind.listed)
        assert refused(sagemaker, stop, "Stop", **{kind.key: "never-made"}) == kind.missing
    wrong = {kind.key: "conf-wrong", **kind.create, **kind.wrong}
    assert refused(sagemaker, kind, "Create", **wrong) == "ValidationException"
    badly_named = {kind.key: "-no name-", **kind.create}
    assert refused(sagemaker, kind, "Create", **badly_named) == "ValidationException"


def test_every_operation_of_ours_is_asked() -> None:
    asked = {kind.operation(verb) for kind in KINDS for verb in ("Create", "Describe", "List")}
    asked |= {kind.operation("Update") for kind in KINDS if kind.update}
    asked |= {f"Delete{kind.name}" for kind in KINDS if kind.deletes}
    asked |= {f"Stop{kind.name}" for kind in KINDS if kind.stops}
    assert our_sagemaker_operations() - asked - ELSEWHERE == set()


def raw(cloud: Cloud, operation: str, body: bytes) -> tuple[int, dict[str, Any]]:
    """Send a request that no client of AWS's own would send."""
    headers = {
        "X-Amz-Target": f"SageMaker.{operation}",
        "Content-Type": "application/x-amz-json-1.1",
        "Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sagemaker/aws4_request",
    }
    request = urllib.request.Request(cloud.info.endpoint_url, data=body, headers=headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        (b"{", "SerializationException", "The request is no JSON object"),
        (b"[]", "SerializationException", "The request is no JSON object"),
        (b'{"ModelName": 5}', "SerializationException", "NUMBER_VALUE can not be converted to String"),
        (
            b'{"ModelName": "a", "Containers": {}}',
            "SerializationException",
            "START_OBJECT can not be converted to List",
        ),
        (
            b"{}",
            "ValidationException",
            "1 validation error detected: Value null at 'modelName' failed to satisfy constraint: Member must not be "
            "null",
        ),
    ],
)
def test_a_callers_bad_request_is_never_our_failure(cloud: Cloud, body: bytes, code: str, said: str) -> None:
    status, answer = raw(cloud, "CreateModel", body)
    assert (status, answer["__type"], answer.get("message") or answer.get("Message")) == (400, code, said)


def test_what_is_not_implemented_is_named_at_once(cloud: Cloud) -> None:
    status, answer = raw(cloud, "CreateQuotaOfNothing", b"{}")
    assert (status, answer["__type"]) == (501, "NotImplemented")
    with pytest.raises(ClientError) as refused_:
        cloud.client("sagemaker").list_hubs()
    error = refused_.value.response
    assert (error["Error"]["Code"], error["ResponseMetadata"]["RetryAttempts"]) == ("NotImplemented", 0)
    assert error["Error"]["Message"] == "The local cloud has no sagemaker ListHubs."

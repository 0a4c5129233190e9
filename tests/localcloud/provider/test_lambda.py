"""Functions, their permissions and cost-allocation tags through their whole life; and functions that run."""

import io
import json
import zipfile
from typing import Any

import boto3
import pytest

from modelyard.localcloud.provider.errors import ProviderError
from modelyard.localcloud.provider.lambda_code import zipped
from modelyard.wire import ARCHIVE_SIGNATURE, ASSET_SIGNATURE, SIGNATURE_KEY, Props

ACCOUNT = "123456789012"
TRUST = '{"Version":"2012-10-17","Statement":[]}'
GREETING = (
    "import os\n\n\ndef handler(event, context):\n    print('called')\n    return os.environ['WORD'] + event['name']\n"
)


def text(content: str, digest: str = "1") -> Props:
    return {SIGNATURE_KEY: ASSET_SIGNATURE, "hash": digest, "text": content}


def archive(content: str = GREETING, digest: str = "1") -> Props:
    return {SIGNATURE_KEY: ARCHIVE_SIGNATURE, "hash": digest, "assets": {"greeting.py": text(content, digest)}}


def _function(world: Any) -> Props:
    role = world.make("aws:iam/role:Role", {"name": "caller", "assumeRolePolicy": TRUST})[1]["arn"]
    return {
        "name": "greet",
        "role": role,
        "runtime": "python3.12",
        "handler": "greeting.handler",
        "architectures": ["arm64"],
        "code": archive(),
        "timeout": 20,
        "environment": {"variables": {"WORD": "hello "}},
        "loggingConfig": {"logFormat": "Text", "logGroup": "/aws/lambda/greet"},
        "tags": {"a": "1"},
    }


def _permission(world: Any) -> Props:
    name = world.make("aws:lambda/function:Function", _function(world))[0]
    rule = f"arn:aws:events:us-east-1:{ACCOUNT}:rule/hourly"
    given = {"statementId": "rule", "action": "lambda:InvokeFunction", "principal": "events.amazonaws.com"}
    return {**given, "function": name, "sourceArn": rule}


CASES = [
    (
        "aws:lambda/function:Function",
        _function,
        {
            "timeout": 30,
            "memorySize": 256,
            "code": archive("def handler(event, context):\n    return 1\n", "2"),
            "environment": {"variables": {"WORD": "bye "}},
            "reservedConcurrentExecutions": 5,
            "kmsKeyArn": f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1",
            "tracingConfig": {"mode": "Active"},
            "tags": {"a": "2"},
        },
        {"name": "other"},
    ),
    ("aws:lambda/permission:Permission", _permission, {}, {"principal": "s3.amazonaws.com"}),
    (
        "aws:costexplorer/costAllocationTag:CostAllocationTag",
        lambda world: {"tagKey": "modelyard:environment", "status": "Active"},
        {"status": "Inactive"},
        {"tagKey": "other"},
        {"status": "Inactive"},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0].rpartition(":")[2])
def test_local_life(case: tuple[Any, ...], local_life: Any):
    local_life(*case)


@pytest.fixture
def client(cloud_url: str) -> Any:
    names = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return boto3.client("lambda", region_name="us-east-1", endpoint_url=cloud_url, **names)


def called(client: Any, name: str, event: Any) -> tuple[Any, str]:
    answer = client.invoke(FunctionName=name, Payload=json.dumps(event))
    return json.loads(answer["Payload"].read()), answer.get("FunctionError", "")


def test_a_function_really_runs(local_world: Any, client: Any):
    inputs = _function(local_world)
    local_world.make("aws:lambda/function:Function", inputs)
    assert called(client, "greet", {"name": "you"}) == ("hello you", "")
    logs = local_world.provider._session.client("logs")
    events = logs.filter_log_events(logGroupName="/aws/lambda/greet")["events"]
    assert [event["message"].split()[0] for event in events] == ["START", "called", "END"]
    answer, error = called(client, "greet", {})
    assert (answer["errorType"], answer["errorMessage"], bool(error)) == ("KeyError", "'name'", True)
    local_world.make("aws:cloudwatch/logGroup:LogGroup", {"name": "/aws/lambda/none"})
    logs.delete_log_group(logGroupName="/aws/lambda/greet")


def test_a_function_in_another_language_is_refused_by_name(local_world: Any, client: Any):
    local_world.make("aws:lambda/function:Function", {**_function(local_world), "runtime": "nodejs22.x"})
    answer, _ = called(client, "greet", {})
    assert answer == {
        "errorType": "Runtime.Unsupported",
        "errorMessage": "the local cloud runs Python, not 'nodejs22.x'",
    }


def test_a_zip_is_the_same_for_the_same_content(tmp_path):
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "more.py").write_text("x = 1\n")
    nested = {SIGNATURE_KEY: ARCHIVE_SIGNATURE, "path": str(tmp_path)}
    parts = {"a.py": text("a"), "b.py": {"path": str(tmp_path / "lib" / "more.py")}, "deep": nested}
    made = zipped({"assets": parts})
    assert made == zipped({"assets": dict(reversed(parts.items()))})
    with zipfile.ZipFile(io.BytesIO(made)) as found:
        assert {name: found.read(name) for name in found.namelist()} == {
            "a.py": b"a",
            "b.py": b"x = 1\n",
            "deep/lib/more.py": b"x = 1\n",
        }
    (tmp_path / "whole.zip").write_bytes(made)
    assert zipped({"path": str(tmp_path / "whole.zip")}) == made


def test_what_is_no_archive_is_refused():
    with pytest.raises(ProviderError, match="the code is no archive of files and texts"):
        zipped({"uri": "https://example.com/code.zip"})

"""A local cloud for these tests: its own home, a free port, plain boto3."""

import io
import json
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from modelyard.localcloud import daemon

REGION = "us-east-1"
ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/worker"


class Cloud:
    """A running local cloud and what tests do with it."""

    def __init__(self, info: daemon.CloudInfo) -> None:
        self.info = info

    def client(self, service: str, region: str = REGION) -> Any:
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=self.info.endpoint_url,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    def put(self, key: str, content: bytes | str, bucket: str = "work") -> str:
        s3 = self.client("s3")
        s3.create_bucket(Bucket=bucket)
        s3.put_object(Bucket=bucket, Key=key, Body=content)
        return f"s3://{bucket}/{key}"

    def get(self, uri: str) -> bytes:
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        content: bytes = self.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
        return content

    def log(self, group: str, prefix: str = "") -> list[str]:
        pages = self.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
        events = [event for page in pages for event in page["events"] if event["logStreamName"].startswith(prefix)]
        return [event["message"] for event in sorted(events, key=lambda event: event["timestamp"])]

    def train(self, name: str, script: str, **changes: Any) -> dict[str, Any]:
        """Run a training job of one script to its end."""
        source = self.put(f"{name}/sourcedir.tar.gz", archive({"train.py": script}))
        self.client("sagemaker").create_training_job(**training_request(name, source, **changes))
        return self.ended("training_job", "TrainingJob", name)

    def process(self, name: str, script: str, **changes: Any) -> dict[str, Any]:
        """Run a processing job of one script to its end."""
        self.client("sagemaker").create_processing_job(**processing_request(name, script, **changes))
        return self.ended("processing_job", "ProcessingJob", name)

    def ended(self, operation: str, kind: str, name: str) -> dict[str, Any]:
        describe = getattr(self.client("sagemaker"), f"describe_{operation}")
        return until(
            lambda: describe(**{f"{kind}Name": name}),
            lambda job: job[f"{kind}Status"] not in ("InProgress", "Stopping"),
        )


def until(read: Callable[[], Any], done: Callable[[Any], bool], seconds: float = 60) -> Any:
    """Read until it is as wanted."""
    deadline = time.monotonic() + seconds
    while not done(value := read()):
        if time.monotonic() > deadline:
            raise AssertionError(f"still not after {seconds} s: {value}")
        time.sleep(0.05)
    return value


def archive(files: dict[str, str]) -> bytes:
    """Return a tar.gz of text files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            tar.addfile(member, io.BytesIO(text.encode()))
    return buffer.getvalue()


def training_request(name: str, source: str, **changes: Any) -> dict[str, Any]:
    """Return a CreateTrainingJob request of a script `train.py`."""
    hyperparameters = {
        "sagemaker_program": json.dumps("train.py"),
        "sagemaker_submit_directory": json.dumps(source),
        **changes.pop("HyperParameters", {}),
    }
    request = {
        "TrainingJobName": name,
        "HyperParameters": hyperparameters,
        "AlgorithmSpecification": {"TrainingImage": "sklearn", "TrainingInputMode": "File"},
        "RoleArn": ROLE,
        "OutputDataConfig": {"S3OutputPath": "s3://work/models"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
    }
    return request | changes


def processing_request(name: str, script: str, **changes: Any) -> dict[str, Any]:
    """Return a CreateProcessingJob request of an inline script."""
    request = {
        "ProcessingJobName": name,
        "AppSpecification": {"ImageUri": "sklearn", "ContainerEntrypoint": ["python3", "-c", script]},
        "RoleArn": ROLE,
        "ProcessingResources": {
            "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
    }
    return request | changes


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """One local cloud for all tests that leave it running."""
    home = tmp_path_factory.mktemp("home")
    yield Cloud(daemon.start(home))
    daemon.stop(home)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home whose cloud is stopped afterwards."""
    yield tmp_path
    daemon.stop(tmp_path)

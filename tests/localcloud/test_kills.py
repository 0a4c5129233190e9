"""A cloud that is killed at random moments under load loses nothing that it has said is done.

`MODELYARD_KILLS=200` kills it as often as that; `MODELYARD_KILLS_SEED` chooses the moments.
"""

import os
import random
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from botocore.exceptions import BotoCoreError, ClientError

from modelyard.localcloud import daemon

from .conftest import Cloud, archive, processing_request, training_request
from .test_endpoints import invoke, model, settled

KILLS = int(os.environ.get("MODELYARD_KILLS", "2"))
SEED = int(os.environ.get("MODELYARD_KILLS_SEED", "1"))
TRAIN = "import os, pathlib\npathlib.Path(os.environ['SM_MODEL_DIR'], 'a.txt').write_text('trained')"
UNFINISHED = ("InProgress", "Stopping")


class Load:
    """Threads that change things, each of which notes what was acknowledged.

    Args:
        cloud: to change.
        turn: which of the kills this is.
    """

    def __init__(self, cloud: Cloud, turn: int) -> None:
        self.cloud = cloud
        self.objects: dict[str, bytes] = {}
        self.parameters: dict[str, str] = {}
        self.secrets: dict[str, bytes] = {}
        self.messages: set[str] = set()
        self.trained: set[str] = set()
        self.processed: set[str] = set()
        self.groups: set[str] = set()
        self._turn = turn
        self._over = threading.Event()
        works = (self._put, self._set, self._encrypt, self._train, self._process, self._register)
        self._threads = [threading.Thread(target=self._repeat, args=(work,), daemon=True) for work in works]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(timeout=60)

    def _repeat(self, work: Callable[[str], None]) -> None:
        number = 0
        while not self._over.is_set():
            number += 1
            try:
                work(f"k{self._turn}-{number}")
            except (ClientError, BotoCoreError, AssertionError):
                if not self._over.wait(0.05):
                    continue

    def _put(self, name: str) -> None:
        content = name.encode() * 200
        self.cloud.client("s3").put_object(Bucket="kills", Key=name, Body=content)
        self.objects[name] = content

    def _set(self, name: str) -> None:
        self.cloud.client("ssm").put_parameter(Name=name, Value=name, Type="String")
        self.parameters[name] = name
        self.cloud.client("sqs").send_message(QueueUrl=self.queue, MessageBody=name)
        self.messages.add(name)

    @property
    def queue(self) -> str:
        return str(self.cloud.client("sqs").get_queue_url(QueueName="kills")["QueueUrl"])

    def _encrypt(self, _: str) -> None:
        kms = self.cloud.client("kms")
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        self.secrets[key] = kms.encrypt(KeyId=key, Plaintext=key.encode())["CiphertextBlob"]

    def _train(self, name: str) -> None:
        source = "s3://kills/sourcedir.tar.gz"
        self.cloud.client("sagemaker").create_training_job(**training_request(name, source))
        if self.cloud.ended("training_job", "TrainingJob", name)["TrainingJobStatus"] == "Completed":
            self.trained.add(name)

    def _process(self, name: str) -> None:
        self.cloud.client("sagemaker").create_processing_job(**processing_request(name, "print(1)"))
        if self.cloud.ended("processing_job", "ProcessingJob", name)["ProcessingJobStatus"] == "Completed":
            self.processed.add(name)

    def _register(self, name: str) -> None:
        self.cloud.client("sagemaker").create_model_package_group(ModelPackageGroupName=name)
        self.groups.add(name)


def check(cloud: Cloud, load: Load) -> None:
    """Hold a cloud that was killed to what it had acknowledged."""
    sagemaker, s3, ssm, kms = (cloud.client(name) for name in ("sagemaker", "s3", "ssm", "kms"))
    got = {name: s3.get_object(Bucket="kills", Key=name)["Body"].read() for name in load.objects}
    assert got == load.objects
    assert {name: ssm.get_parameter(Name=name)["Parameter"]["Value"] for name in load.parameters} == load.parameters
    for key, secret in load.secrets.items():
        assert kms.decrypt(CiphertextBlob=secret)["Plaintext"].decode() == key
    attributes = cloud.client("sqs").get_queue_attributes(
        QueueUrl=load.queue, AttributeNames=["ApproximateNumberOfMessages"]
    )["Attributes"]
    assert int(attributes["ApproximateNumberOfMessages"]) >= len(load.messages)
    for name in load.trained:
        job = sagemaker.describe_training_job(TrainingJobName=name)
        assert job["TrainingJobStatus"] == "Completed"
        assert cloud.get(job["ModelArtifacts"]["S3ModelArtifacts"])[:2] == b"\x1f\x8b"
    for name in load.processed:
        assert sagemaker.describe_processing_job(ProcessingJobName=name)["ProcessingJobStatus"] == "Completed"
    for name in load.groups:
        sagemaker.describe_model_package_group(ModelPackageGroupName=name)
    assert interrupted(sagemaker) == []


def interrupted(sagemaker: Any) -> list[tuple[str, str, str]]:
    """Return the jobs that are neither over, nor failed with a reason."""
    wrong = []
    for job in sagemaker.list_training_jobs(MaxResults=100)["TrainingJobSummaries"]:
        found = sagemaker.describe_training_job(TrainingJobName=job["TrainingJobName"])
        status, reason = found["TrainingJobStatus"], found.get("FailureReason", "")
        if status in UNFINISHED or (status == "Failed" and not reason):
            wrong.append((job["TrainingJobName"], status, reason))
    return wrong


@pytest.mark.slow
def test_what_was_done_survives_any_kill(home: Path) -> None:
    moments = random.Random(SEED)
    cloud = Cloud(daemon.start(home))
    cloud.put("sourcedir.tar.gz", archive({"train.py": TRAIN}), bucket="kills")
    cloud.client("sqs").create_queue(QueueName="kills")
    cloud.client("s3").create_bucket(Bucket="work")
    model(cloud, "kept", "5")
    cloud.client("sagemaker").create_endpoint(EndpointName="kept", EndpointConfigName="kept")
    assert settled(cloud, "kept")["EndpointStatus"] == "InService"
    daemon.save(cloud.info)
    done = 0
    for turn in range(KILLS):
        load = Load(cloud, turn)
        load.start()
        time.sleep(moments.uniform(0.2, 4.0))
        psutil.Process(cloud.info.pid).kill()
        load.stop()
        cloud = Cloud(daemon.start(home))
        load.cloud = cloud
        assert cloud.info.damage == ""
        check(cloud, load)
        assert settled(cloud, "kept")["EndpointStatus"] == "InService"
        assert invoke(cloud, "kept", [1])["values"]
        assert not (daemon.folder(home) / "jobs").exists()
        done += len(load.objects) + len(load.parameters) + len(load.groups)
    assert done > KILLS

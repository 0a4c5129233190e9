"""Training jobs on several hosts, on spot instances, with requirements and bounds of their own."""

import io
import json
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import psutil
import pytest
from botocore.exceptions import ClientError

from modelyard.localcloud import daemon
from modelyard.localcloud.runtime import images, instance_memory, requirements

from .conftest import Cloud, archive, training_request, until

CLUSTER = {"InstanceType": "ml.m5.large", "InstanceCount": 3, "VolumeSizeInGB": 1}
SPOT = {
    "EnableManagedSpotTraining": True,
    "StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 120},
    "CheckpointConfig": {"S3Uri": "s3://work/checkpoints/spot"},
}
COUNTS = """
import os, pathlib, time
file = pathlib.Path(os.environ["SM_MODEL_DIR"]).parent / "checkpoints" / "step.txt"
step = int(file.read_text()) if file.exists() else 0
print("begins at", step)
while step < 30:
    step += 1
    time.sleep(0.1)
    file.write_text(str(step))
pathlib.Path(os.environ["SM_MODEL_DIR"], "step.txt").write_text(str(step))
"""


def members(content: bytes) -> dict[str, str]:
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        return {member.name: tar.extractfile(member).read().decode() for member in tar if member.isfile()}


def channel(name: str, uri: str, distribution: str = "FullyReplicated") -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": distribution}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}}


def test_hosts_share_the_work(cloud: Cloud) -> None:
    for number in range(5):
        cloud.put(f"shards/{number}.txt", str(number))
    script = """
import json, os, pathlib
rank, host = int(os.environ["SM_CURRENT_HOST_RANK"]), os.environ["SM_CURRENT_HOST"]
assert json.loads(os.environ["SM_HOSTS"])[rank] == host and os.environ["SM_HOST_COUNT"] == "3"
files = lambda name: sorted(path.name for path in pathlib.Path(os.environ[f"SM_CHANNEL_{name}"]).iterdir())
text = json.dumps([len(files("ALL")), files("SHARD")])
pathlib.Path(os.environ["SM_MODEL_DIR"], f"{host}.json").write_text(text)
pathlib.Path(os.environ["SM_MODEL_DIR"], "leader.txt").write_text(host)
"""
    job = cloud.train(
        "shares",
        script,
        ResourceConfig=CLUSTER,
        InputDataConfig=[channel("all", "s3://work/shards/"), channel("shard", "s3://work/shards/", "ShardedByS3Key")],
    )
    assert (job["TrainingJobStatus"], job.get("FailureReason")) == ("Completed", None)
    model = members(cloud.get("s3://work/models/shares/output/model.tar.gz"))
    assert {name: json.loads(text) for name, text in model.items() if name.endswith(".json")} == {
        "algo-1.json": [5, ["0.txt", "3.txt"]],
        "algo-2.json": [5, ["1.txt", "4.txt"]],
        "algo-3.json": [5, ["2.txt"]],
    }
    assert model["leader.txt"] == "algo-1"


def test_a_host_that_fails_ends_all(cloud: Cloud) -> None:
    script = "import os, time\nif os.environ['SM_CURRENT_HOST'] == 'algo-2': raise SystemExit(7)\ntime.sleep(50)"
    job = cloud.train("one-fails", script, ResourceConfig=CLUSTER)
    assert job["TrainingJobStatus"] == "Failed"
    assert "exit code: 7" in job["FailureReason"]
    assert (job["TrainingEndTime"] - job["TrainingStartTime"]).total_seconds() < 30


def test_a_spot_job_goes_on_from_its_checkpoint(cloud: Cloud) -> None:
    sagemaker = cloud.client("sagemaker")
    source = cloud.put("spot/sourcedir.tar.gz", archive({"train.py": COUNTS}))
    tags = [{"Key": "modelyard:spot-interruption-seconds", "Value": "1.5"}]
    sagemaker.create_training_job(**training_request("spot", source, **SPOT), Tags=tags)
    job = cloud.ended("training_job", "TrainingJob", "spot")
    assert (job["TrainingJobStatus"], job.get("FailureReason")) == ("Completed", None)
    statuses = [item["Status"] for item in job["SecondaryStatusTransitions"]]
    attempt = ["Starting", "Downloading", "Training"]
    assert statuses == [*attempt, "Interrupted", *attempt, "Uploading", "Completed"]
    first, second = cloud.log("/aws/sagemaker/TrainingJobs", "spot/")
    assert first == "begins at 0"
    assert int(second.rpartition(" ")[2]) >= 5
    assert cloud.get("s3://work/checkpoints/spot/step.txt") == b"30"
    assert job["BillableTimeInSeconds"] < job["TrainingTimeInSeconds"]
    for name in ("no-wait", "short-wait"):
        condition = {"MaxRuntimeInSeconds": 60} | ({"MaxWaitTimeInSeconds": 30} if name == "short-wait" else {})
        with pytest.raises(ClientError) as refused:
            sagemaker.create_training_job(**training_request(name, source, **SPOT | {"StoppingCondition": condition}))
        assert "Invalid MaxWaitTimeInSeconds" in refused.value.response["Error"]["Message"]


@pytest.mark.slow
def test_a_killed_cloud_goes_on_with_a_spot_job(home: Path) -> None:
    cloud = Cloud(daemon.start(home))
    sagemaker = cloud.client("sagemaker")
    long = COUNTS.replace("step < 30", "step < 120")  # it is still at work when the cloud is killed
    source = cloud.put("spot/sourcedir.tar.gz", archive({"train.py": long}))
    sagemaker.create_training_job(**training_request("spot", source, **SPOT))
    listed = cloud.client("s3").list_objects_v2
    until(lambda: listed(Bucket="work", Prefix="checkpoints/").get("KeyCount"), bool)
    daemon.save(cloud.info)
    psutil.Process(cloud.info.pid).kill()
    cloud = Cloud(daemon.start(home))
    job = cloud.ended("training_job", "TrainingJob", "spot")
    assert (job["TrainingJobStatus"], job.get("FailureReason")) == ("Completed", None)
    begun = [int(line.rpartition(" ")[2]) for line in cloud.log("/aws/sagemaker/TrainingJobs", "spot/")]
    assert begun[-1] > 0


def test_a_model_can_be_left_uncompressed(cloud: Cloud) -> None:
    script = "import os, pathlib\npathlib.Path(os.environ['SM_MODEL_DIR'], 'a.txt').write_text('1')"
    output = {"S3OutputPath": "s3://work/models", "CompressionType": "NONE"}
    job = cloud.train("plain", script, OutputDataConfig=output)
    assert job["ModelArtifacts"] == {"S3ModelArtifacts": "s3://work/models/plain/output/model/"}
    assert cloud.get("s3://work/models/plain/output/model/a.txt") == b"1"


def test_a_job_gets_no_more_memory_than_its_instance_has(cloud: Cloud) -> None:
    script = "print('asks', flush=True)\nblock = bytearray(600 << 30)\nprint('got it')"
    job = cloud.train("greedy", script)
    assert job["TrainingJobStatus"] == "Failed"
    assert "MemoryError" in job["FailureReason"]
    assert cloud.log("/aws/sagemaker/TrainingJobs", "greedy/")[0] == "asks"


def test_instances_have_the_memory_that_aws_gives_them() -> None:
    machine = int(psutil.virtual_memory().total * instance_memory.MACHINE_SHARE)
    for name, gibibytes in {"ml.m5.large": 8, "ml.c5.xlarge": 8, "ml.r5.2xlarge": 64, "ml.t3.medium": 4}.items():
        assert instance_memory.bound(name) == min(gibibytes * instance_memory.GIBIBYTE, machine)
    assert instance_memory.bound("local") == machine


def wheel(folder: Path, name: str) -> Path:
    """Write a package of one module."""
    path = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    files = {
        f"{name}.py": "answer = 42\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{file},,\n" for file in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(path, "w") as archive_:
        for file, text in {**files, f"{info}/RECORD": record}.items():
            archive_.writestr(file, text)
    return path


def test_requirements_are_installed_beside_the_job(cloud: Cloud, tmp_path: Path) -> None:
    made = wheel(tmp_path, "modelyard_probe")
    script = "import boto3, modelyard_probe as it\nprint(it.answer, '/environments/' in it.__file__)"
    files = {"train.py": script, "requirements.txt": f"boto3  # is there\nmodelyard_probe @ {made.as_uri()}\n"}
    for name in ("needs", "needs-again"):
        source = cloud.put(f"{name}/sourcedir.tar.gz", archive(files))
        cloud.client("sagemaker").create_training_job(**training_request(name, source))
        job = cloud.ended("training_job", "TrainingJob", name)
        assert (job["TrainingJobStatus"], job.get("FailureReason")) == ("Completed", None)
        assert cloud.log("/aws/sagemaker/TrainingJobs", f"{name}/") == ["42 True"]
    made = list((daemon.folder(cloud.info.home) / "environments").glob("*/complete"))
    assert len(made) == 1


def test_what_is_there_needs_no_environment(tmp_path: Path) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text('# nothing new\nboto3>=1\nnumpy; python_version < "3"\n')
    assert requirements.environment(Path(sys.executable), file, tmp_path / "made") == Path(sys.executable)
    assert not (tmp_path / "made").exists()


def test_requirements_that_nobody_has_fail_the_job(cloud: Cloud) -> None:
    files = {"train.py": "", "requirements.txt": "--no-index\nmodelyard-no-such-package==1\n"}
    source = cloud.put("lacks/sourcedir.tar.gz", archive(files))
    cloud.client("sagemaker").create_training_job(**training_request("lacks", source))
    job = cloud.ended("training_job", "TrainingJob", "lacks")
    assert job["FailureReason"].startswith("ClientError: can't install requirements.txt: ")
    assert "modelyard-no-such-package" in job["FailureReason"]


def test_images_name_what_they_need(tmp_path: Path) -> None:
    registry = "683313688378.dkr.ecr.us-east-1.amazonaws.com"
    named = {
        f"{registry}/sagemaker-scikit-learn:1.4-2-cpu-py3": "scikit-learn",
        f"{registry}/sagemaker-xgboost:3.0-5": "xgboost",
        f"{registry}/pytorch-training:2.8-cpu-py312": "pytorch",
        f"{registry}/tensorflow-inference:2.19-cpu": "tensorflow",
    }
    for image, name in named.items():
        found = images.framework(image)
        assert found is not None
        assert found.name == name
    assert images.framework("my/own:image") is None
    assert images.interpreter("my/own:image", tmp_path) == Path(sys.executable)
    bare = tmp_path / "python"
    bare.write_text(f'#!/bin/sh\nexec {sys.executable} -I -S "$@"\n')
    bare.chmod(0o755)
    (tmp_path / images.TABLE).write_text(json.dumps({"xgboost": str(bare)}))
    with pytest.raises(images.ImageError) as refused:
        images.interpreter(f"{registry}/sagemaker-xgboost:3.0-5", tmp_path)
    assert str(refused.value) == (
        f"the image sagemaker-xgboost:3.0-5 has xgboost, which {bare} has not; install it: {bare} -m pip install "
        f"xgboost, or name another Python in {tmp_path / images.TABLE}"
    )
    (tmp_path / images.TABLE).write_text('{"cobol": "x"}')
    with pytest.raises(images.ImageError, match="must map some of pytorch, scikit-learn, tensorflow, xgboost"):
        images.interpreter(f"{registry}/sagemaker-xgboost:3.0-5", tmp_path)

"""The local cloud as a process: one per home, stopped without a trace, started again with its state."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import psutil
import pytest

from modelyard.errors import CloudError
from modelyard.localcloud import daemon

from .conftest import ROLE, Cloud, processing_request, until
from .test_endpoints import invoke, model, settled


def test_start_status_stop(home: Path) -> None:
    assert daemon.status(home) is None
    info = daemon.start(home)
    assert daemon.start(home) == info
    assert daemon.status(home) == info
    assert info.endpoint_url == f"http://127.0.0.1:{info.port}"
    assert daemon.environment(info, "eu-west-1") == {
        "AWS_ENDPOINT_URL": info.endpoint_url,
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
        "SAGEMAKER_ADMIN_CONFIG_OVERRIDE": str(home / "cloud" / "sagemaker-sdk-eu-west-1.yaml"),
    }
    assert [c.laddr.ip for c in psutil.Process(info.pid).net_connections() if c.status == "LISTEN"] == ["127.0.0.1"]
    assert daemon.stop(home) is True
    assert daemon.status(home) is None
    assert daemon.stop(home) is False
    assert daemon.start(home).port == info.port


def test_two_starts_give_one_cloud(home: Path) -> None:
    found: list[daemon.CloudInfo] = []
    threads = [threading.Thread(target=lambda: found.append(daemon.start(home))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found[0] == found[1]


def test_a_port_in_use_is_refused(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CloudError) as refused:
            daemon.start(home, port)
    assert str(refused.value) == f"port {port} is in use"
    assert refused.value.hint == "choose another: modelyard cloud start --port PORT"


def test_a_stale_file_does_not_count(home: Path) -> None:
    daemon.folder(home).mkdir()
    record = {"pid": os.getpid(), "port": 1, "started_at": 0.0}
    (daemon.folder(home) / "cloud.json").write_text(json.dumps(record))
    assert daemon.status(home) is None
    assert daemon.stop(home) is False
    assert daemon.start(home).pid != os.getpid()


def test_the_daemon_module_is_light() -> None:
    code = "import sys, modelyard.localcloud.daemon; print({'moto', 'boto3', 'pulumi'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"


def fill(cloud: Cloud) -> dict[str, Any]:
    """Make something of everything, and return what must still be true."""
    cloud.put("kept.txt", "kept")
    kms = cloud.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    iam = cloud.client("iam")
    iam.create_role(RoleName="worker", AssumeRolePolicyDocument="{}")
    iam.attach_role_policy(RoleName="worker", PolicyArn="arn:aws:iam::aws:policy/AmazonSageMakerFullAccess")
    cloud.client("sqs").create_queue(QueueName="queue")
    cloud.client("ssm").put_parameter(Name="/a", Value="v", Type="String")
    cloud.client("ec2").create_vpc(CidrBlock="10.7.0.0/16")
    cloud.client("acm").request_certificate(DomainName="example.com")
    cloud.client("events").put_rule(Name="rule", EventPattern='{"source": ["aws.sagemaker"]}')
    cloud.client("sagemaker").create_model_package_group(
        ModelPackageGroupName="kept", Tags=[{"Key": "team", "Value": "a"}]
    )
    return {"cipher": kms.encrypt(KeyId=key, Plaintext=b"secret")["CiphertextBlob"]}


def check(cloud: Cloud, known: dict[str, Any]) -> None:
    """Check that all of `fill` is there."""
    assert cloud.get("s3://work/kept.txt") == b"kept"
    assert cloud.client("kms").decrypt(CiphertextBlob=known["cipher"])["Plaintext"] == b"secret"
    attached = cloud.client("iam").list_attached_role_policies(RoleName="worker")["AttachedPolicies"]
    assert [policy["PolicyName"] for policy in attached] == ["AmazonSageMakerFullAccess"]
    assert cloud.client("sqs").list_queues()["QueueUrls"] == [f"{cloud.info.endpoint_url}/123456789012/queue"]
    assert cloud.client("ssm").get_parameter(Name="/a")["Parameter"]["Value"] == "v"
    vpcs = cloud.client("ec2").describe_vpcs(Filters=[{"Name": "cidr", "Values": ["10.7.0.0/16"]}])["Vpcs"]
    assert [vpc["CidrBlock"] for vpc in vpcs] == ["10.7.0.0/16"]
    names = [item["DomainName"] for item in cloud.client("acm").list_certificates()["CertificateSummaryList"]]
    assert names == ["example.com"]
    assert [rule["Name"] for rule in cloud.client("events").list_rules()["Rules"]] == ["rule"]
    arn = "arn:aws:sagemaker:us-east-1:123456789012:model-package-group/kept"
    assert cloud.client("sagemaker").list_tags(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "a"}]


@pytest.mark.slow
def test_state_survives_a_stop_a_crash_and_a_damaged_snapshot(home: Path) -> None:
    cloud = Cloud(daemon.start(home))
    known = fill(cloud)
    daemon.stop(home)
    cloud = Cloud(daemon.start(home))
    check(cloud, known)

    cloud.client("ssm").put_parameter(Name="/b", Value="late", Type="String")
    snapshot = daemon.folder(home) / "state.dill"
    before = snapshot.stat().st_mtime_ns
    until(lambda: snapshot.stat().st_mtime_ns, lambda moment: moment != before)
    os.kill(cloud.info.pid, signal.SIGKILL)
    until(lambda: daemon.status(home), lambda info: info is None)
    cloud = Cloud(daemon.start(home))
    check(cloud, known)
    assert cloud.client("ssm").get_parameter(Name="/b")["Parameter"]["Value"] == "late"

    daemon.stop(home)
    snapshot.write_bytes(b"damaged")
    cloud = Cloud(daemon.start(home))
    check(cloud, known)
    assert (daemon.folder(home) / "state.damaged").read_bytes() == b"damaged"
    assert "is damaged; it is now state.damaged" in daemon.log_path(home).read_text()


def test_reset_forgets_everything(home: Path) -> None:
    info = daemon.start(home)
    cloud = Cloud(info)
    cloud.put("gone.txt", "gone")
    again = daemon.reset(home)
    assert again is not None
    assert (again.port, again.pid != info.pid) == (info.port, True)
    assert cloud.client("s3").list_buckets()["Buckets"] == []
    daemon.stop(home)
    assert daemon.reset(home) is None


@pytest.mark.slow
def test_endpoints_serve_again_and_jobs_fail_after_a_restart_and_no_process_is_left(home: Path) -> None:
    cloud = Cloud(daemon.start(home))
    model(cloud, "lasting", "5")
    sagemaker = cloud.client("sagemaker")
    sagemaker.create_endpoint(EndpointName="lasting", EndpointConfigName="lasting")
    settled(cloud, "lasting")
    sagemaker.create_processing_job(**processing_request("long", "import time; print('on'); time.sleep(99)"))
    until(lambda: len(psutil.Process(cloud.info.pid).children(recursive=True)), lambda count: count == 4)
    family = psutil.Process(cloud.info.pid).children(recursive=True)
    daemon.stop(home)
    assert [process for process in family if process.is_running()] == []

    cloud = Cloud(daemon.start(home))
    assert invoke(cloud, "lasting", [1])["values"] == [5.0]
    assert settled(cloud, "lasting")["EndpointStatus"] == "InService"
    job = cloud.ended("processing_job", "ProcessingJob", "long")
    assert (job["ProcessingJobStatus"], job["FailureReason"]) == (
        "Failed",
        "InternalServerError: the local cloud was stopped while this ran; start it again",
    )

    family = psutil.Process(cloud.info.pid).children(recursive=True)
    assert len(family) == 2
    os.kill(cloud.info.pid, signal.SIGKILL)
    _, left = psutil.wait_procs(family, timeout=5)
    assert left == []


def test_a_job_can_use_aws_and_leaves_no_files(home: Path) -> None:
    cloud = Cloud(daemon.start(home))
    script = "import boto3, os\nprint(boto3.client('s3').list_buckets()['Buckets'][0]['Name'])\nprint(os.getcwd())"
    cloud.train("aws", script, RoleArn=ROLE)
    bucket, code = cloud.log("/aws/sagemaker/TrainingJobs", "aws/")
    folder = daemon.folder(home) / "jobs" / "us-east-1" / "TrainingJob" / "aws"
    assert (bucket, Path(code)) == ("work", folder / "algo-1" / "opt" / "ml" / "code")
    until(folder.exists, lambda there: not there)

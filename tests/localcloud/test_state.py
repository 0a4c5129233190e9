"""What the local cloud saves, and when."""

import os
import signal
import threading
from pathlib import Path

import psutil
import pytest
from botocore.exceptions import ClientError

from modelyard.localcloud import daemon
from modelyard.localcloud.state.gate import Gate


@pytest.fixture
def home(tmp_path: Path):
    yield tmp_path
    daemon.stop(tmp_path)


def names(made) -> list[str]:
    return [bucket["Name"] for bucket in made.client("s3").list_buckets()["Buckets"]]


def test_what_was_saved_on_request_survives_a_kill_at_once(home, cloud):
    info = daemon.start(home)
    made = type(cloud)(info)
    made.client("s3").create_bucket(Bucket="kept")
    daemon.save(info)
    os.kill(info.pid, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(info.pid)] if psutil.pid_exists(info.pid) else [], timeout=5)
    assert names(type(cloud)(daemon.start(home))) == ["kept"]


def test_a_damaged_snapshot_is_told(home):
    daemon.start(home)
    daemon.stop(home)
    (daemon.folder(home) / "state.dill").write_bytes(b"junk")
    started = daemon.start(home)
    assert started.damage.startswith("its saved state was damaged and is set aside as")
    daemon.stop(home)
    assert daemon.start(home).damage == ""


def test_a_long_read_does_not_keep_a_snapshot_waiting():
    gate, reading, over = Gate(), threading.Event(), threading.Event()

    def read() -> None:
        with gate.passing(changes=False):
            reading.set()
            over.wait(10)

    reader = threading.Thread(target=read)
    reader.start()
    reading.wait(10)
    with gate.closed(timeout=1) as closed:
        assert closed
    over.set()
    reader.join()


def test_a_request_that_changes_something_is_waited_for():
    gate = Gate()
    with gate.passing(changes=True), gate.closed(timeout=0.05) as closed:
        assert not closed


def test_metrics_are_listed_once_each_however_many_points_they_have(cloud):
    watch = cloud.client("cloudwatch")
    dimensions = [{"Name": "EndpointName", "Value": "busy"}]
    for _ in range(20):
        data = [{"MetricName": f"m{i % 4}", "Value": 1.0, "Dimensions": dimensions} for i in range(500)]
        watch.put_metric_data(Namespace="Test/Busy", MetricData=data)
    found = watch.list_metrics(Namespace="Test/Busy")["Metrics"]
    assert sorted(metric["MetricName"] for metric in found) == ["m0", "m1", "m2", "m3"]


def test_an_asynchronous_invocation_needs_an_endpoint(cloud):
    with pytest.raises(ClientError, match="Endpoint nope of account 123456789012 not found"):
        cloud.client("sagemaker-runtime").invoke_endpoint_async(EndpointName="nope", InputLocation="s3://x/y")


def test_a_failed_training_job_has_ended_in_its_transitions_too(cloud):
    job = cloud.train("ends-failed", "raise SystemExit(3)")
    transitions = job["SecondaryStatusTransitions"]
    assert transitions[-1]["Status"] == "Failed"
    assert [item["Status"] for item in transitions if "EndTime" not in item] == []

"""The local cloud's verbs, as a user types them."""

import shutil
import socket
import subprocess
import sys

import pytest


@pytest.mark.slow
def test_start_status_env_stop_and_start_again(yard):
    started = yard.json("cloud", "start")
    assert yard.json("cloud", "start") == started
    assert yard.json("cloud", "status") == started
    variables = yard.json("cloud", "env", "--region", "eu-central-1")
    assert (variables["AWS_ENDPOINT_URL"], variables["AWS_DEFAULT_REGION"]) == (started["endpoint_url"], "eu-central-1")
    assert yard.json("cloud", "stop") == {"running": False, "stopped": True}
    assert yard.json("cloud", "stop") == {"running": False, "stopped": False}
    assert yard.json("cloud", "start")["port"] == started["port"]


@pytest.mark.slow
def test_env_lets_any_aws_client_find_it(yard):
    yard.ok("cloud", "start")
    script = """
    eval "$("$PYTHON" -m modelyard cloud env)"
    "$PYTHON" -c "import boto3; boto3.client('s3').create_bucket(Bucket='bucket')"
    """
    environment = {**yard.environment(), "PYTHON": sys.executable}
    done = subprocess.run(["bash", "-ec", script], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert ("aws:s3/bucket:Bucket", "bucket") in [(it["type"], it["id"]) for it in yard.json("inventory")["resources"]]
    yard.ok("cloud", "reset")
    assert yard.json("inventory")["count"] == 0


def test_a_port_in_use_is_named(yard):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = yard.refused(1, "cloud", "start", "--port", str(port))
    assert str(port) in said
    assert "  -> " in said


def test_the_port_comes_from_the_settings(yard, tmp_path):
    shutil.copytree(yard.folder / "stacks", tmp_path / "platform" / "stacks")
    yard.folder = tmp_path / "platform"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = yard.folder / "stacks" / "environments" / "dev.yaml"
    settings.write_text(f"{settings.read_text()}\ncloud_port: {port}\n")
    assert yard.json("cloud", "start")["port"] == port


def test_logs(yard):
    assert "has never been started" in yard.refused(1, "cloud", "logs")
    yard.ok("cloud", "start")
    assert yard.json("cloud", "logs", "--lines", "3")["path"].endswith("cloud.log")


def test_coverage_says_what_there_is(yard):
    counted = {item["service"]: item for item in yard.json("cloud", "coverage")["services"]}
    assert counted["sagemaker"]["runs"] > 90
    listed = yard.json("cloud", "coverage", "--service", "sagemaker")["operations"]
    assert (listed["CreatePipeline"], listed["CreateHub"]) == ("runs", "none")
    assert "choose one of" in yard.refused(2, "cloud", "coverage", "--service", "nope")

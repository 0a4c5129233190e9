"""Tracking servers: started, stopped, started again with the cloud, and honest where MLflow is not installed."""

import os
import shutil
import subprocess
import sys
import textwrap
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from botocore.exceptions import ClientError

from modelyard.localcloud import daemon
from modelyard.localcloud.runtime.tracking import VARIABLE, interpreter

from .conftest import ROLE, Cloud, until

# A Python that says it has MLflow, and serves what MLflow serves at /health: the real one takes ten seconds to start.
FAKE = """
    #!{python}
    import http.server, sqlite3, sys

    if sys.argv[1] == "-c":
        print("3.9.1")
        sys.exit(0)
    options = dict(zip(sys.argv[4::2], sys.argv[5::2]))
    database = options["--backend-store-uri"].removeprefix("sqlite:///")
    sqlite3.connect(database).execute("create table if not exists runs (id text)")

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(options["--artifacts-destination"].encode())

    http.server.HTTPServer(("127.0.0.1", int(options["--port"])), Answer).serve_forever()
"""


@pytest.fixture
def with_fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home whose cloud finds a Python that plays MLflow."""
    program = tmp_path / "python"
    program.write_text(textwrap.dedent(FAKE).lstrip().format(python=sys.executable))
    program.chmod(0o755)
    monkeypatch.setenv(VARIABLE, str(program))
    home = tmp_path / "home"
    yield home
    daemon.stop(home)


def create(sagemaker: Any, name: str = "runs") -> dict[str, Any]:
    store = {"ArtifactStoreUri": "s3://work/mlflow", "RoleArn": ROLE}
    sagemaker.create_mlflow_tracking_server(TrackingServerName=name, **store)
    return settled(sagemaker, name)


def settled(sagemaker: Any, name: str = "runs") -> dict[str, Any]:
    found: dict[str, Any] = until(
        lambda: sagemaker.describe_mlflow_tracking_server(TrackingServerName=name),
        lambda it: not it["TrackingServerStatus"].endswith("ing"),
    )
    return found


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310 - our own server
        return str(response.read().decode())


def error(call: Any, **arguments: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return refused.value.response["Error"]["Code"], refused.value.response["Error"]["Message"]


def test_a_server_lives_as_long_as_it_is_wanted(with_fake: Path) -> None:
    cloud = Cloud(daemon.start(with_fake))
    sagemaker = cloud.client("sagemaker")
    server = create(sagemaker)
    assert (server["TrackingServerStatus"], server["IsActive"], server["MlflowVersion"]) == (
        "Created",
        "Active",
        "3.9.1",
    )
    assert get(f"{server['TrackingServerUrl']}/health") == "s3://work/mlflow"
    signed = sagemaker.create_presigned_mlflow_tracking_server_url(TrackingServerName="runs")
    assert signed["AuthorizedUrl"] == server["TrackingServerUrl"]
    assert until(lambda: daemon.tracking(cloud.info), lambda it: not it[0]["starting"]) == [
        {"name": "runs", "url": server["TrackingServerUrl"], "active": True, "starting": False, "problem": ""}
    ]
    assert error(sagemaker.start_mlflow_tracking_server, TrackingServerName="runs")[0] == "ConflictException"
    sagemaker.update_mlflow_tracking_server(TrackingServerName="runs", ArtifactStoreUri="s3://work/other")
    assert settled(sagemaker)["TrackingServerStatus"] == "Updated"
    assert get(f"{server['TrackingServerUrl']}/health") == "s3://work/other"
    sagemaker.stop_mlflow_tracking_server(TrackingServerName="runs")
    stopped = settled(sagemaker)
    assert (stopped["TrackingServerStatus"], stopped["IsActive"]) == ("Stopped", "Inactive")
    with pytest.raises(OSError, match="refused"):
        get(server["TrackingServerUrl"])
    code, message = error(sagemaker.create_presigned_mlflow_tracking_server_url, TrackingServerName="runs")
    assert (code, message) == ("ValidationException", "Tracking server runs is not running: it is Stopped")
    sagemaker.start_mlflow_tracking_server(TrackingServerName="runs")
    assert settled(sagemaker)["IsActive"] == "Active"
    sagemaker.delete_mlflow_tracking_server(TrackingServerName="runs")
    assert error(sagemaker.describe_mlflow_tracking_server, TrackingServerName="runs")[0] == "ResourceNotFound"
    assert sagemaker.list_mlflow_tracking_servers()["TrackingServerSummaries"] == []
    assert psutil.Process(cloud.info.pid).children(recursive=True) == []
    assert list((with_fake / "cloud" / "tracking").rglob("*.db")) == []


@pytest.mark.slow
def test_a_server_comes_back_with_the_cloud_at_its_address(with_fake: Path) -> None:
    info = daemon.start(with_fake)
    url = create(Cloud(info).client("sagemaker"))["TrackingServerUrl"]
    children = psutil.Process(info.pid).children(recursive=True)
    daemon.stop(with_fake)
    assert [process for process in children if process.is_running()] == []
    again = Cloud(daemon.start(with_fake)).client("sagemaker")
    server = until(
        lambda: again.describe_mlflow_tracking_server(TrackingServerName="runs"), lambda it: it["IsActive"] == "Active"
    )
    assert (server["TrackingServerUrl"], server["TrackingServerStatus"]) == (url, "Created")
    assert get(f"{url}/health") == "s3://work/mlflow"


def test_without_mlflow_a_server_exists_and_says_what_to_install(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = str(home / "no-python")
    monkeypatch.setenv(VARIABLE, nowhere)
    cloud = Cloud(daemon.start(home))
    sagemaker = cloud.client("sagemaker")
    server = create(sagemaker)
    assert (server["TrackingServerStatus"], server["IsActive"]) == ("Created", "Inactive")
    code, message = error(sagemaker.create_presigned_mlflow_tracking_server_url, TrackingServerName="runs")
    assert code == "ValidationException"
    assert message.startswith(f"Tracking server runs is not running: {nowhere} can't be run")
    assert f"pip install mlflow boto3, or set {VARIABLE}" in message
    assert [(it["active"], it["problem"] in message) for it in daemon.tracking(cloud.info)] == [(False, True)]


def test_a_server_that_can_not_start_has_failed(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "broken"
    program.write_text('#!/bin/sh\nif [ "$1" = "-c" ]; then echo 3.0.0; else echo no database; exit 3; fi\n')
    program.chmod(0o755)
    monkeypatch.setenv(VARIABLE, str(program))
    cloud = Cloud(daemon.start(home))
    server = create(cloud.client("sagemaker"))
    assert server["TrackingServerStatus"] == "CreateFailed"
    (known,) = daemon.tracking(cloud.info)
    log = Path(known["problem"].removeprefix("MLflow did not start: read "))
    assert log.read_text() == "no database\n"


def test_servers_are_listed_by_status_and_page_by_page(with_fake: Path) -> None:
    sagemaker = Cloud(daemon.start(with_fake)).client("sagemaker")
    for name in ("a", "b", "c"):
        create(sagemaker, name)
    sagemaker.stop_mlflow_tracking_server(TrackingServerName="b")
    pages = sagemaker.get_paginator("list_mlflow_tracking_servers").paginate(
        SortBy="Name", SortOrder="Ascending", PaginationConfig={"PageSize": 2}
    )
    names = [[item["TrackingServerName"] for item in page["TrackingServerSummaries"]] for page in pages]
    assert names == [["a", "b"], ["c"]]
    stopped = sagemaker.list_mlflow_tracking_servers(TrackingServerStatus="Stopped")["TrackingServerSummaries"]
    assert [item["TrackingServerName"] for item in stopped] == ["b"]
    same = {"TrackingServerName": "a", "ArtifactStoreUri": "s3://work/mlflow", "RoleArn": ROLE}
    assert error(sagemaker.create_mlflow_tracking_server, **same)[0] == "ConflictException"


@pytest.mark.slow
@pytest.mark.skipif(bool(interpreter().problem), reason=f"MLflow is not installed here, and {VARIABLE} names none")
def test_a_real_mlflow_records_runs_and_keeps_artifacts_in_s3(home: Path, tmp_path: Path) -> None:
    cloud = Cloud(daemon.start(home))
    cloud.client("s3").create_bucket(Bucket="work")
    url = create(cloud.client("sagemaker"))["TrackingServerUrl"]
    script = tmp_path / "run.py"
    script.write_text(
        "import mlflow\n"
        f"mlflow.set_tracking_uri({url!r})\n"
        "mlflow.set_experiment('churn')\n"
        "with mlflow.start_run() as run:\n"
        "    mlflow.log_metric('accuracy', 0.91)\n"
        "    mlflow.log_text('hello', 'notes/read.txt')\n"
        "print(mlflow.get_run(run.info.run_id).data.metrics, run.info.run_id)\n"
    )
    said = _run(os.environ.get(VARIABLE) or sys.executable, script)
    assert "{'accuracy': 0.91}" in said
    keys = [item["Key"] for item in cloud.client("s3").list_objects_v2(Bucket="work")["Contents"]]
    assert [key for key in keys if key.startswith("mlflow/") and key.endswith("/artifacts/notes/read.txt")] == keys
    daemon.stop(home)
    again = Cloud(daemon.start(home)).client("sagemaker")
    until(
        lambda: again.describe_mlflow_tracking_server(TrackingServerName="runs"), lambda it: it["IsActive"] == "Active"
    )
    script.write_text(
        f"import mlflow\nmlflow.set_tracking_uri({url!r})\nprint(mlflow.search_runs(search_all_experiments=True)"
        "['metrics.accuracy'].tolist())\n"
    )
    assert "[0.91]" in _run(os.environ.get(VARIABLE) or sys.executable, script)


def _run(python: str, script: Path) -> str:
    program = shutil.which(python) or python
    done = subprocess.run([program, str(script)], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout

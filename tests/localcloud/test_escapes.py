"""What a job sees of this machine, and that nothing of it is left: paths, packages, processes, the caller's secrets."""

import importlib
import os
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from modelyard.localcloud import daemon
from modelyard.localcloud.runtime.container import Container

from .conftest import Cloud, until


def test_programs_find_opt_ml_where_they_expect_it(cloud: Cloud) -> None:
    cloud.put("hard/in/rows.csv", "1\n2\n")
    code = cloud.put(
        "hard/code/prepare.py",
        "from pathlib import Path\n"
        "rows = Path('/opt/ml/processing/input/rows.csv').read_text().split()\n"
        "Path('/opt/ml/processing/output/sum.txt').write_text(str(sum(map(int, rows))))\n",
    )

    def place(name: str, uri: str, inside: str) -> dict[str, Any]:
        source = {"S3Uri": uri, "LocalPath": f"/opt/ml/processing/{inside}", "S3DataType": "S3Prefix"}
        return {"InputName": name, "S3Input": {**source, "S3InputMode": "File"}}

    target = {"S3Uri": "s3://work/hard/out", "LocalPath": "/opt/ml/processing/output", "S3UploadMode": "EndOfJob"}
    job = cloud.process(
        "hard-coded",
        "",
        AppSpecification={
            "ImageUri": "sklearn",
            "ContainerEntrypoint": ["python3", "/opt/ml/processing/input/code/prepare.py"],
        },
        ProcessingInputs=[place("in", "s3://work/hard/in/", "input"), place("code", code, "input/code")],
        ProcessingOutputConfig={"Outputs": [{"OutputName": "out", "S3Output": target}]},
    )
    assert (job["ProcessingJobStatus"], job.get("FailureReason")) == ("Completed", None)
    assert cloud.get("s3://work/hard/out/sum.txt") == b"3"
    script = "open('/opt/ml/model/m.txt', 'w').write(open('/opt/ml/input/config/hyperparameters.json').read())"
    trained = cloud.train("hard-coded", script, HyperParameters={"depth": "3"})
    assert (trained["TrainingJobStatus"], trained.get("FailureReason")) == ("Completed", None)


def test_what_a_job_installs_stays_in_the_job(cloud: Cloud) -> None:
    script = """
import pathlib, site, subprocess, sys
packages = pathlib.Path(site.getsitepackages()[0])
assert packages.is_relative_to(pathlib.Path.home()), packages
(packages / "only_here.py").write_text("value = 5")
print(subprocess.run([sys.executable, "-c", "import only_here, boto3; print(only_here.value)"], capture_output=True))
"""
    for number in range(2):
        job = cloud.train(f"installs-{number}", script)
        assert (job["TrainingJobStatus"], job.get("FailureReason")) == ("Completed", None)
    assert "stdout=b'5\\n'" in cloud.log("/aws/sagemaker/TrainingJobs", "installs-1")[-1]
    with pytest.raises(ImportError):
        importlib.import_module("only_here")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process can't adopt others' orphans")
def test_a_daemon_of_a_job_ends_with_it(cloud: Cloud, tmp_path: Path) -> None:
    note = tmp_path / "pid"
    script = f"""
import os, signal, time, pathlib
note = pathlib.Path({str(note)!r})
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        note.write_text(str(os.getpid()))
        time.sleep(600)
    os._exit(0)
while not (note.exists() and note.read_text()):
    time.sleep(0.01)
"""
    job = cloud.train("daemonizes", script)
    assert (job["TrainingJobStatus"], job.get("FailureReason")) == ("Completed", None)
    until(lambda: _lives(int(note.read_text())), lambda lives: not lives)


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_job_can_not_read_its_caller_s_secrets(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_SESSION_TOKEN", "GITHUB_TOKEN", "DATABASE_PASSWORD", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, "not-for-jobs")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1/simple")
    cloud = Cloud(daemon.start(home))
    for environ in (f"/proc/{cloud.info.pid}/environ", "/proc/self/environ"):
        script = f"import sys; sys.exit('not-for-jobs' in open({environ!r}).read())"
        job = cloud.process(f"reads{environ.replace('/', '-')}", script)
        assert (job["ProcessingJobStatus"], job.get("FailureReason")) == ("Completed", None)
    if sys.platform == "linux":
        kept = Path(f"/proc/{cloud.info.pid}/environ").read_bytes().split(b"\0")
        assert b"PIP_INDEX_URL=http://127.0.0.1/simple" in kept
        assert f"PATH={os.environ['PATH']}".encode() in kept


def test_where_opt_ml_can_not_be_shown_it_is_written_into_programs(tmp_path: Path) -> None:
    container = Container(tmp_path)
    code = container.folder("/opt/ml/code")
    (code / "deep").mkdir()
    (code / "deep" / "train.py").write_bytes(b"open('/opt/ml/model/\xe4')  # latin-1")
    (code / "rows.csv").write_text("/opt/ml/model")
    (code / "link.py").symlink_to("/etc/hostname")
    container.rewrite_code("/opt/ml/code")
    assert (
        code / "deep" / "train.py"
    ).read_bytes() == f"open('{tmp_path}/opt/ml/model/".encode() + b"\xe4')  # latin-1"
    assert (code / "rows.csv").read_text() == "/opt/ml/model"
